"""StartContactStreaming: a chat told to an outside endpoint, in the envelope of Amazon SNS."""

import json
import queue
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from actors import ENDED, JOINED, LEFT, new_instance, refuses, start_chat
from switchboard import ACCOUNT, PATIENCE_S, REGION, Server

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:chats"


class Sink:
    """An HTTP endpoint that keeps what it is told, and refuses the first `refusals` deliveries."""

    def __init__(self, refusals=0):
        self.told = queue.Queue()
        self.refusals = refusals
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                refused, sink.refusals = sink.refusals > 0, max(0, sink.refusals - 1)
                if not refused:
                    sink.told.put((dict(self.headers), body))
                self.send_response(503 if refused else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Nothing: a test's output is for what fails."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        """The next delivery: its headers, its envelope and the item inside."""
        headers, envelope = self.told.get(timeout=PATIENCE_S)
        return headers, envelope, json.loads(envelope["Message"])

    def until(self, condition):
        """The items up to the first that `condition` holds for."""
        items = []
        while not items or not condition(items[-1]):
            items.append(self.next()[2])
        return items


@pytest.fixture
def sink():
    sink = Sink()
    yield sink
    sink.server.shutdown()


@pytest.fixture
def server(tmp_path, sink):
    with Server(tmp_path, "--movable-clock", "--default-stream-sink", sink.url) as server:
        yield server


@pytest.fixture
def instance(server):
    return new_instance(server)


def start_streaming(server, instance, chat, topic=TOPIC, **more):
    return server.connect().start_contact_streaming(
        InstanceId=instance.id,
        ContactId=chat.contact_id,
        ChatStreamingConfiguration={"StreamingEndpointArn": topic},
        **more,
    )["StreamingId"]


def test_a_chat_is_told_to_its_topic_in_order(server, instance, sink):
    customer = start_chat(server, instance)
    start_streaming(server, instance, customer)
    customer.connect()
    said = [customer.say(f"number {n}")["Id"] for n in range(5)]
    customer.disconnect()
    items = sink.until(lambda item: item.get("ContentType") == ENDED)
    kinds = [item.get("ContentType") for item in items]
    assert kinds[0] == JOINED and kinds[-2:] == [LEFT, ENDED]
    assert [item["Id"] for item in items if item["Type"] == "MESSAGE"] == said


def test_the_envelope_is_that_of_sns(server, instance, sink):
    customer = start_chat(server, instance)
    start_streaming(server, instance, customer)
    customer.connect()
    headers, envelope, item = sink.next()
    assert headers["x-amz-sns-message-type"] == envelope["Type"] == "Notification"
    assert envelope["TopicArn"] == TOPIC
    assert uuid.UUID(envelope["MessageId"])
    assert envelope["Timestamp"].endswith("Z")
    attributes = {name: (each["Type"], each["Value"]) for name, each in envelope["MessageAttributes"].items()}
    assert attributes == {
        "InitialContactId": ("String", customer.contact_id),
        "ContactId": ("String", customer.contact_id),
        "ParticipantRole": ("String", "CUSTOMER"),
        "InstanceId": ("String", instance.id),
        "AccountId": ("String", ACCOUNT),
        "Type": ("String", "EVENT"),
        "ContentType": ("String", JOINED),
        "MessageVisibility": ("String", "ALL"),
    }
    assert item["ContactId"] == customer.contact_id


def test_a_customer_may_be_connected_without_a_socket(server, instance, sink):
    customer = start_chat(server, instance)
    start_streaming(server, instance, customer)
    made = customer.create_connection("CONNECTION_CREDENTIALS", ConnectParticipant=True)
    customer.connection_token = made["ConnectionCredentials"]["ConnectionToken"]
    customer.say("over the phone network")
    sink.until(lambda item: item.get("Content") == "over the phone network")
    server.advance(minutes=6)
    customer.say("still here")
    sink.until(lambda item: item.get("Content") == "still here")


def test_a_stream_that_was_stopped_is_silent(server, instance, sink):
    customer = start_chat(server, instance).connect()
    first = start_streaming(server, instance, customer)
    second = start_streaming(server, instance, customer, TOPIC + "-two")
    stop = {"InstanceId": instance.id, "ContactId": customer.contact_id}
    server.connect().stop_contact_streaming(StreamingId=first, **stop)
    customer.say("to the second only")
    _, envelope, item = sink.next()
    while item.get("Content") != "to the second only":
        _, envelope, item = sink.next()
    assert envelope["TopicArn"] == TOPIC + "-two"
    server.connect().stop_contact_streaming(StreamingId=second, **stop)
    with pytest.raises(server.connect().exceptions.ClientError) as info:
        server.connect().stop_contact_streaming(StreamingId=second, **stop)
    assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404)


def test_a_contact_has_at_most_two_streams(server, instance):
    customer = start_chat(server, instance)
    for number in range(2):
        start_streaming(server, instance, customer, f"{TOPIC}-{number}")
    with refuses("LimitExceededException", 429):
        start_streaming(server, instance, customer, f"{TOPIC}-3")


def test_the_client_token_makes_starting_safe_to_repeat(server, instance):
    customer, token = start_chat(server, instance), str(uuid.uuid4())
    ids = {start_streaming(server, instance, customer, ClientToken=token) for _ in range(3)}
    assert len(ids) == 1


def test_a_delivery_that_fails_is_made_again_and_order_holds(tmp_path):
    sink = Sink(refusals=2)
    with Server(tmp_path, "--movable-clock", "--default-stream-sink", sink.url) as server:
        instance = new_instance(server)
        customer = start_chat(server, instance)
        start_streaming(server, instance, customer)
        customer.connect()
        for number in range(3):
            customer.say(str(number))
        # Retries wait on the server's clock, which nobody but this test moves.
        items = []
        while len(items) < 4:
            server.advance(seconds=30)
            try:
                items.append(json.loads(sink.told.get(timeout=0.1)[1]["Message"]))
            except queue.Empty:
                continue
        assert [item.get("Content") for item in items] == [None, "0", "1", "2"]
    sink.server.shutdown()
