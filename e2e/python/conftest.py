"""What most tests start from: a server, a contact centre on it, a chat in that; stages, and a browser."""

import pytest

from actors import add_staff, enable_attachments, new_instance, start_chat
from browser import Browser
from media import Loop, Room
from switchboard import Server

# Instances are made faster than by default: there are many, and a test of their own for how long it takes.
FLAGS = ("--movable-clock", "--instance-creation-ms", "20")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that keeps its state in a folder and whose clock a test may move; one for each file of tests."""
    with Server(tmp_path_factory.mktemp("data"), *FLAGS) as server:
        yield server


@pytest.fixture
def own_server(tmp_path):
    """A server of the test's own, for what would disturb others."""
    with Server(tmp_path / "data", *FLAGS) as server:
        yield server


@pytest.fixture(scope="module")
def admin(server):
    """The administrator: a boto3 client of `connect`."""
    return server.connect()


@pytest.fixture(scope="module")
def instance(server):
    """A contact centre that takes files too."""
    instance = new_instance(server)
    enable_attachments(server, instance)
    return instance


@pytest.fixture
def customer(server, instance):
    """A customer in a new chat, connected and listening."""
    customer = start_chat(server, instance).connect()
    yield customer
    customer.socket.close()


@pytest.fixture
def agent(server, customer):
    """An agent in the customer's chat, connected and listening."""
    agent = add_staff(server, customer.contact_id).connect()
    yield agent
    agent.socket.close()


@pytest.fixture(scope="module")
def ivs(server):
    """A boto3 client of `ivs-realtime`."""
    return server.client("ivs-realtime")


@pytest.fixture(scope="module")
def loop():
    """The event loop of the clients made of aiortc."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def room(ivs, loop):
    """A stage of the test's own."""
    room = Room(ivs, loop)
    yield room
    room.close()


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A browser, one for all tests that open pages."""
    with Browser(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser
