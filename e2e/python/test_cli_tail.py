"""`switchboard tail`: a chat or a stage as it happens, in a terminal."""

import contextlib
import json
import signal
import subprocess
import threading
from urllib.parse import urlsplit

import pytest

from actors import ENDED, JOINED, TYPING, add_staff, new_instance, start_chat
from media import Loop, Room
from roomevents import RoomEvents
from switchboard import PATIENCE_S, binary, client_environment
from tunnel import Tunnels


class Tail:
    """A running `switchboard tail`; its lines are read as they come."""

    def __init__(self, server, home, *words, **env):
        self.lines = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [binary(), "tail", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Its own group, so that a Ctrl-C for the tests is none for it.
            start_new_session=True,
            env={**client_environment(server, home), **env},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()

    def wait_for(self, text):
        """The first line that has the text in it."""

        def found():
            return next((line for line in self.lines if text in line), None)

        with self._news:
            assert self._news.wait_for(found, PATIENCE_S), self.lines
            return found()

    def wait(self):
        """Waits for its end; what it said on stderr."""
        self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        return self.process.stderr.read()

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def tail(server, tmp_path):
    started = []

    def start(*words, **env):
        started.append(Tail(server, tmp_path, *words, **env))
        return started[-1]

    yield start
    for running in started:
        running.stop()


def test_a_chat_is_followed_to_its_end(server, customer, tail):
    customer.say("before anybody listened")
    follower = tail(customer.contact_id)
    line = follower.wait_for("before anybody listened")
    assert "CUSTOMER" in line and line.split()[0].endswith("Z")
    agent = add_staff(server, customer.contact_id, name="Ann").connect()
    agent.say("two\nlines and \x1b[31mred")
    assert follower.wait_for("Ann: two").endswith("Ann: two\\nlines and \\u{1b}[31mred")
    customer.send_event(TYPING)
    follower.wait_for("[typing]")
    customer.disconnect()
    follower.wait_for("[chat ended]")
    assert follower.wait() == "" and follower.process.returncode == 0
    said = [line for line in follower.lines if "before anybody listened" in line]
    assert len(said) == 1, "what the transcript and the socket both have is printed once"
    agent.socket.close()


def test_nobody_sees_who_listens(customer, agent, tail):
    follower = tail(customer.contact_id)
    customer.say("hello?")
    follower.wait_for("hello?")
    agent.socket.wait_message("hello?")
    joined = [item for item in customer.whole_transcript() if item.get("ContentType") == JOINED]
    assert {item["ParticipantRole"] for item in joined} == {"CUSTOMER", "AGENT"}


def test_ctrl_c_leaves(customer, tail):
    follower = tail(customer.contact_id)
    customer.say("one")
    follower.wait_for("one")
    follower.process.send_signal(signal.SIGINT)
    assert follower.wait() == "" and follower.process.returncode == 130
    # The chat goes on without it.
    customer.say("two")
    customer.socket.wait_message("two")


def test_items_as_json(customer, tail):
    follower = tail("--json", customer.contact_id)
    sent = customer.say("as it came")
    item = json.loads(follower.wait_for("as it came"))
    assert (item["Id"], item["Content"], item["Type"]) == (sent["Id"], "as it came", "MESSAGE")
    customer.disconnect()
    assert json.loads(follower.wait_for(ENDED))["Type"] == "EVENT"
    follower.wait()
    assert follower.process.returncode == 0


def test_a_connection_is_made_again(own_server, tmp_path):
    """The server starts again in its process: sockets break, and nothing is missed or told twice."""
    customer = start_chat(own_server, new_instance(own_server)).connect()
    follower = Tail(own_server, tmp_path, customer.contact_id)
    try:
        customer.say("first")
        follower.wait_for("first")
        own_server.restart_in_place()
        customer.say("second")
        follower.wait_for("second")
        customer.disconnect()
        follower.wait_for("[chat ended]")
        assert follower.wait() == "" and follower.process.returncode == 0
        said = [line.split(": ")[1] for line in follower.lines if "Jane: " in line]
        assert [text for text in said if not text.startswith("[")] == ["first", "second"]
    finally:
        follower.stop()
        customer.socket.close()


@pytest.mark.parametrize(
    ("word", "status", "said"),
    [
        ("0b4e8f9e-0000-4000-8000-000000000000", 254, "ResourceNotFoundException"),
        ("jane", 252, "not the id"),
        ("arn:aws:ivs:us-east-1:123456789012:stage/abcdefgh1234", 254, "ResourceNotFoundException"),
        ("--all", 252, "--all"),
    ],
)
def test_what_cannot_be_followed_is_told(tail, word, status, said):
    follower = tail(word)
    assert said in follower.wait() and follower.process.returncode == status


def test_only_our_own_server_can_be_followed(server, tmp_path):
    env = client_environment(server, tmp_path)
    del env["AWS_ENDPOINT_URL"]
    words = [binary(), "tail", "0b4e8f9e-0000-4000-8000-000000000000"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=env)
    assert done.returncode == 253 and "--endpoint-url" in done.stderr


# -- through a proxy ----------------------------------------------------------------------------------------------------


def test_a_chat_is_followed_through_a_proxy(server, customer, tail):
    """Its calls and its socket are tunnels; when these break, new ones are made."""
    with Tunnels() as tunnels:
        follower = tail(customer.contact_id, http_proxy=tunnels.url, no_proxy="")
        customer.say("one")
        follower.wait_for("one")
        calls = len(tunnels.targets)
        assert calls >= 2 and set(tunnels.targets) == {urlsplit(server.url).netloc}
        tunnels.cut()
        customer.say("two")
        follower.wait_for("two")
        assert len(tunnels.targets) > calls and not tunnels.refused
        customer.disconnect()
        follower.wait_for("[chat ended]")
        assert follower.wait() == "" and follower.process.returncode == 0


def test_a_proxy_that_refuses_is_named(server, customer, tail):
    with Tunnels() as tunnels:
        wrong = {"http_proxy": f"http://me:wrong@{tunnels.address}", "no_proxy": "", "AWS_MAX_ATTEMPTS": "1"}
        follower = tail(customer.contact_id, **wrong)
        said = follower.wait()
        assert follower.process.returncode == 255 and tunnels.address in said, said
        assert tunnels.refused and not tunnels.targets


def test_a_host_may_need_no_proxy(server, customer, tail):
    with Tunnels() as tunnels:
        follower = tail(customer.contact_id, http_proxy=tunnels.url, no_proxy="127.0.0.1")
        customer.say("one")
        follower.wait_for("one")
        assert not tunnels.targets and not tunnels.refused


# -- stages -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def room(server):
    loop = Loop()
    room = Room(server.client("ivs-realtime"), loop)
    yield room
    room.close()
    loop.close()


def named(room, user, *capabilities):
    made = room.ivs.create_participant_token(
        stageArn=room.arn, userId=user, attributes={"seat": "1"}, capabilities=list(capabilities)
    )
    return made["participantToken"]


def test_a_stage_is_followed(room, tail):
    early = RoomEvents(room, named(room, "early", "SUBSCRIBE"))
    follower = tail(room.arn)
    line = follower.wait_for("PRESENT")
    assert line.split()[0].endswith("Z") and line.split()[2:] == [early.participant_id, "early", '{"seat":"1"}']
    token = named(room, "ann\x1b[31m", "PUBLISH", "SUBSCRIBE")
    ann = RoomEvents(room, token)
    assert follower.wait_for("JOINED").endswith('ann\\u{1b}[31m {"seat":"1"}')
    publisher = room.publisher(token)
    assert token["participantId"] in follower.wait_for("PUBLISH_STARTED")
    ann.say("MUTE", audio=True)
    follower.wait_for("AUDIO_MUTED")
    publisher.close()
    follower.wait_for("PUBLISH_STOPPED")
    early.socket.close()
    assert early.participant_id in follower.wait_for("LEFT")
    # Others see who follows; what it prints leaves it out.
    others = ann.wait_state(lambda people: len(people) == 2)
    assert sorted(person["userId"] for person in others.values()) == ["ann\x1b[31m", "switchboard tail"]
    assert not any("switchboard tail" in line for line in follower.lines)
    follower.process.send_signal(signal.SIGINT)
    assert follower.wait() == "" and follower.process.returncode == 130
    ann.wait_state(lambda people: len(people) == 1)
    ann.socket.close()


def test_a_stage_as_json(room, tail):
    guest = RoomEvents(room, named(room, "guest", "SUBSCRIBE"))
    follower = tail("--output", "json", room.arn)
    told = json.loads(follower.wait_for("PRESENT"))
    assert (told["event"], told["participant"]["id"]) == ("PRESENT", guest.participant_id)
    assert told["participant"]["attributes"] == {"seat": "1"} and told["time"].endswith("Z")
    guest.socket.close()
    follower.wait_for("LEFT")


def test_a_stage_is_followed_through_a_proxy(room, server, tail):
    with Tunnels() as tunnels:
        follower = tail(room.arn, http_proxy=tunnels.url, no_proxy="")
        guest = RoomEvents(room, named(room, "guest", "SUBSCRIBE"))
        follower.wait_for("guest")
        assert set(tunnels.targets) == {urlsplit(server.url).netloc} and not tunnels.refused
        guest.socket.close()


def test_a_deleted_stage_is_over(server, tail):
    room = Room(server.client("ivs-realtime"))
    guest = RoomEvents(room, named(room, "guest", "SUBSCRIBE"))
    follower = tail(room.arn)
    follower.wait_for("PRESENT")
    room.close()
    follower.wait_for("STAGE_DELETED")
    assert follower.wait() == "" and follower.process.returncode == 0
    guest.socket.close()


def test_a_stage_is_followed_beyond_a_restart(own_server, tmp_path):
    room = Room(own_server.client("ivs-realtime"))
    follower = Tail(own_server, tmp_path, room.arn)
    try:
        first = RoomEvents(room, named(room, "first", "SUBSCRIBE"))
        follower.wait_for("first")
        own_server.restart_in_place()
        second = RoomEvents(room, named(room, "second", "SUBSCRIBE"))
        assert "second" in follower.wait_for("second")
        follower.process.send_signal(signal.SIGTERM)
        assert follower.wait() == "" and follower.process.returncode == 130
        for guest in (first, second):
            guest.socket.close()
    finally:
        follower.stop()
