"""A chat told to an outside HTTP endpoint as it happens: StartContactStreaming, the envelope, and every way to fail."""

import contextlib
import json
import re
import socket
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from actors import DELIVERED, ENDED, JOINED, LEFT, TYPING, add_staff, new_instance, refuses, start_chat
from switchboard import ACCOUNT, PATIENCE_S, REGION, Server, poll

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:chats"
OTHER_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:other-chats"
NOWHERE = str(uuid.uuid4())


class Notification:
    """One request to a sink."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.envelope = json.loads(body)
        self.id = self.envelope["MessageId"]
        self.item = json.loads(self.envelope["Message"])
        self.attributes = {name: each["Value"] for name, each in self.envelope["MessageAttributes"].items()}

    @property
    def text(self):
        """What was said; of an event, which."""
        return self.item["Content"] if self.item["Type"] == "MESSAGE" else self.item.get("ContentType")


class Sink:
    """An endpoint that keeps whatever is posted to it, and answers as it is told: `answer(notification) -> status`."""

    def __init__(self, answer=lambda _: 200, port=0):
        self.answer = answer
        self.got = []
        self._news = threading.Condition()
        self._server = None
        self._connections = []
        self.start(port)

    def start(self, port):
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, more, answer = sink._receive(Notification(self.path, self.headers, body))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(answer)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(answer)

            def log_message(self, *_):
                pass

        class Listener(ThreadingHTTPServer):
            daemon_threads = True

            def process_request(self, request, address):
                sink._connections.append(request)
                super().process_request(request, address)

        self._server = Listener(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self):
        """Goes away, with every connection that is open."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._connections.clear()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/sns"

    def _receive(self, notification):
        with self._news:
            self.got.append(notification)
            self._news.notify_all()
        answer = self.answer(notification)
        status, more, body = answer if isinstance(answer, tuple) else (answer, {}, b"")
        return status, more, body

    def wait(self, condition, timeout_s=PATIENCE_S):
        """Waits until `condition(everything that came)` holds."""
        with self._news:
            assert self._news.wait_for(lambda: condition(self.got), timeout_s), f"not with {self.texts()}"

    def wait_text(self, text):
        self.wait(lambda got: any(each.text == text for each in got))
        return next(each for each in self.got if each.text == text)

    def texts(self):
        return [each.text for each in self.got]

    def firsts(self):
        """Everything that came, without what came again."""
        return list({each.id: each for each in self.got}.values())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


@pytest.fixture
def sink():
    with Sink() as sink:
        yield sink


def streaming_server(data, sink, *flags):
    return Server(data, "--movable-clock", "--stream-sink", f"{TOPIC}={sink.url}", *flags)


@pytest.fixture
def server(tmp_path, sink):
    with streaming_server(tmp_path / "data", sink) as server:
        yield server


@pytest.fixture
def instance(server):
    return new_instance(server)


def stream(server, instance, chat, topic=TOPIC, **more):
    """Starts a stream and returns its id."""
    made = server.connect().start_contact_streaming(
        InstanceId=instance.id,
        ContactId=chat.contact_id,
        ChatStreamingConfiguration={"StreamingEndpointArn": topic},
        ClientToken=more.pop("ClientToken", str(uuid.uuid4())),
        **more,
    )
    return made["StreamingId"]


def stop_streaming(server, instance, chat, streaming_id):
    server.connect().stop_contact_streaming(
        InstanceId=instance.id, ContactId=chat.contact_id, StreamingId=streaming_id
    )


def streamed_chat(server, instance=None):
    """A customer's chat that is streamed, with the customer in it."""
    instance = instance or new_instance(server)
    chat = start_chat(server, instance)
    chat.streaming_id = stream(server, instance, chat)
    return chat.connect()


@pytest.fixture
def chat(server, instance):
    return streamed_chat(server, instance)


# -- what arrives -----------------------------------------------------------------------------------------------


def test_everything_arrives_in_order_as_the_socket_shows_it(server, sink, chat):
    agent = add_staff(server, chat.contact_id).connect()
    chat.send_event(TYPING)
    said = [chat.say(f"message {number}") for number in range(20)]
    agent.receipt(DELIVERED, said[-1]["Id"])
    chat.socket.wait_receipt(said[-1]["Id"], "DeliveredTimestamp")
    chat.disconnect()
    chat.socket.wait_event(ENDED)
    sink.wait_text(ENDED)

    items = [each.item for each in sink.got]
    assert [items[0]["ContentType"], items[1]["ContentType"]] == [JOINED, JOINED]
    assert [item["Content"] for item in items if item["Type"] == "MESSAGE"] == [f"message {n}" for n in range(20)]
    assert [item["ContentType"] for item in items[-2:]] == [LEFT, ENDED]
    # The socket was opened once the customer had joined: all it heard is in the stream, the same and in that order.
    assert items[-len(chat.socket.items) :] == chat.socket.items
    assert len({each.id for each in sink.got}) == len(sink.got), "a healthy endpoint hears nothing twice"


def test_a_notification_is_one_of_sns(sink, instance, chat):
    said = chat.say("hello")
    got = sink.wait_text("hello")
    subscription = f"{TOPIC}:{chat.streaming_id}"
    assert got.path == "/sns"
    assert {name: got.headers[name] for name in got.headers if name.startswith("x-amz-")} == {
        "x-amz-sns-message-type": "Notification",
        "x-amz-sns-message-id": got.id,
        "x-amz-sns-topic-arn": TOPIC,
        "x-amz-sns-subscription-arn": subscription,
    }
    assert got.headers["content-type"] == "text/plain; charset=UTF-8"
    assert got.headers["user-agent"] == "Amazon Simple Notification Service Agent"
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", got.id)
    envelope = {name: got.envelope[name] for name in ("Type", "TopicArn", "Timestamp", "SignatureVersion")}
    assert envelope == {
        "Type": "Notification",
        "TopicArn": TOPIC,
        "Timestamp": said["AbsoluteTime"],
        "SignatureVersion": "1",
    }
    assert all(each["Type"] == "String" for each in got.envelope["MessageAttributes"].values())
    assert got.attributes == {
        "AccountId": ACCOUNT,
        "ContactId": chat.contact_id,
        "ContentType": "text/plain",
        "InitialContactId": chat.contact_id,
        "InstanceId": instance.id,
        "MessageVisibility": "ALL",
        "ParticipantRole": "CUSTOMER",
        "Type": "MESSAGE",
    }


def test_an_item_of_nobody_has_no_role(sink, chat):
    chat.disconnect()
    ended = sink.wait_text(ENDED)
    assert "ParticipantRole" not in ended.attributes
    assert (ended.attributes["Type"], ended.attributes["ContentType"]) == ("EVENT", ENDED)


def test_a_customer_of_a_streamed_chat_needs_no_socket(server, sink, instance):
    chat = start_chat(server, instance, InitialMessage={"ContentType": "text/plain", "Content": "by text"})
    stream(server, instance, chat)
    made = chat.create_connection("CONNECTION_CREDENTIALS", ConnectParticipant=True)
    assert "Websocket" not in made
    chat.connection_token = made["ConnectionCredentials"]["ConnectionToken"]
    sink.wait_text("by text")
    assert sink.texts() == [JOINED, "by text"]
    agent = add_staff(server, chat.contact_id).connect()
    agent.say("and back")
    assert sink.wait_text("and back").attributes["ParticipantRole"] == "AGENT"


def test_a_stream_begins_with_what_comes_next(server, sink, instance):
    chat = start_chat(server, instance).connect()
    chat.say("before")
    stream(server, instance, chat)
    chat.say("after")
    sink.wait_text("after")
    assert sink.texts() == ["after"]


def test_two_streams_are_told_apart(server, sink, instance, chat):
    second = stream(server, instance, chat)
    chat.say("to both")
    sink.wait(lambda got: [each.text for each in got].count("to both") == 2)
    both = [each for each in sink.got if each.text == "to both"]
    subscriptions = {each.headers["x-amz-sns-subscription-arn"] for each in both}
    assert subscriptions == {f"{TOPIC}:{each}" for each in (chat.streaming_id, second)}
    assert both[0].id != both[1].id and both[0].item == both[1].item


def test_a_stopped_stream_says_no_more(server, sink, instance, chat):
    kept = stream(server, instance, chat)
    chat.say("both")
    sink.wait(lambda got: [each.text for each in got].count("both") == 2)
    stop_streaming(server, instance, chat, chat.streaming_id)
    for text in ("one", "two"):
        chat.say(text)
        sink.wait_text(text)
    late = [each for each in sink.got if each.text in ("one", "two")]
    assert {each.headers["x-amz-sns-subscription-arn"] for each in late} == {f"{TOPIC}:{kept}"}
    with refuses("ResourceNotFoundException", 404):
        stop_streaming(server, instance, chat, chat.streaming_id)


# -- where it goes ----------------------------------------------------------------------------------------------


def test_each_topic_has_its_sink_and_the_others_share_one(tmp_path, sink):
    with Sink() as rest, streaming_server(tmp_path, sink, "--default-stream-sink", rest.url) as server:
        instance = new_instance(server)
        own, other = (start_chat(server, instance) for _ in range(2))
        stream(server, instance, own, TOPIC)
        stream(server, instance, other, OTHER_TOPIC)
        own.connect().say("own")
        other.connect().say("other")
        sink.wait_text("own")
        rest.wait_text("other")
        assert (sink.texts(), rest.texts()) == ([JOINED, "own"], [JOINED, "other"])
        assert rest.got[0].envelope["TopicArn"] == OTHER_TOPIC


def test_a_topic_without_a_sink_is_told_of_once_and_harms_nobody(tmp_path, sink):
    with streaming_server(tmp_path, sink) as server:
        instance = new_instance(server)
        chat = start_chat(server, instance)
        lost = stream(server, instance, chat, OTHER_TOPIC)
        stream(server, instance, chat, TOPIC)
        chat.connect()
        for text in ("one", "two"):
            chat.say(text)
            sink.wait_text(text)
        poll(lambda: "without a sink" in server.stderr, "the warning")
        stop_streaming(server, instance, chat, lost)
        assert server.stderr.count("without a sink") == 1


def test_a_sink_may_ask_for_a_password(tmp_path, sink):
    url = sink.url.replace("http://", "http://user:p%40ss@")
    with Server(tmp_path, "--default-stream-sink", url) as server:
        instance = new_instance(server)
        chat = start_chat(server, instance)
        stream(server, instance, chat)
        chat.connect()
        sink.wait_text(JOINED)
        assert sink.got[0].headers["authorization"] == "Basic dXNlcjpwQHNz"
        assert "p%40ss" not in server.stderr


# -- when it fails ----------------------------------------------------------------------------------------------


def test_what_was_said_while_the_sink_was_down_arrives_when_it_is_up(server, sink, chat):
    chat.say("all is well")
    sink.wait_text("all is well")
    sink.stop()
    said = [f"into the dark {number}" for number in range(5)]
    for text in said:
        chat.say(text)
    poll(lambda: "sink fails" in server.stderr, "the first failure")
    sink.start(sink.port)
    server.advance(minutes=1, seconds=1)
    sink.wait_text(said[-1])
    chat.say("and on")
    sink.wait_text("and on")
    assert [each.text for each in sink.firsts()] == [JOINED, "all is well", *said, "and on"]


@pytest.mark.parametrize("status", [302, 408, 429, 500, 503])
def test_an_item_is_sent_again_as_it_was_until_it_is_taken(server, sink, chat, status):
    sink.wait_text(JOINED)
    tries = []

    def answer(got):
        tries.append(got.id)
        return (status, {"Location": f"http://127.0.0.1:{sink.port}/elsewhere"}, b"") if len(tries) < 3 else 200

    sink.answer = answer
    chat.say("third time lucky")
    chat.say("next")
    advance_until(server, lambda: "next" in sink.texts())
    assert sink.texts() == [JOINED, *["third time lucky"] * 3, "next"]
    assert {each.path for each in sink.got} == {"/sns"}, "redirects are not followed"
    first, *again = [each for each in sink.got if each.text == "third time lucky"]
    assert all((each.id, each.body) == (first.id, first.body) for each in again)


def advance_until(server, condition):
    """Moves the clock on, and on, until what waits for its time has happened."""

    def moved():
        server.advance(seconds=1)
        return condition()

    poll(moved, "what waits for its time")


@pytest.mark.parametrize("status", [400, 404, 410])
def test_an_item_that_is_refused_holds_up_nothing(server, sink, chat, status):
    sink.wait_text(JOINED)
    sink.answer = lambda got: status if got.text == "unwanted" else 200
    for text in ("unwanted", "welcome"):
        chat.say(text)
    sink.wait_text("welcome")
    assert sink.texts() == [JOINED, "unwanted", "welcome"]
    assert "refused an item" in server.stderr


def test_after_an_hour_items_are_given_up_and_later_ones_are_not(server, sink, chat):
    sink.wait_text(JOINED)
    sink.stop()
    chat.say("lost")
    poll(lambda: "sink fails" in server.stderr, "the first failure")
    server.advance(minutes=61)
    poll(lambda: "given up" in server.stderr, "giving up")
    chat.say("kept")
    sink.start(sink.port)
    advance_until(server, lambda: "kept" in sink.texts())
    assert sink.texts() == [JOINED, "kept"]


def test_a_sink_that_does_not_answer_holds_up_nobody_else(tmp_path, sink):
    silence = threading.Event()
    with Sink(answer=lambda _: silence.wait(PATIENCE_S) and 200) as dead:
        flags = ["--stream-sink", f"{OTHER_TOPIC}={dead.url}"]
        with streaming_server(tmp_path, sink, *flags) as server:
            instance = new_instance(server)
            for _ in range(40):
                waiting = start_chat(server, instance)
                stream(server, instance, waiting, OTHER_TOPIC)
                waiting.create_connection("CONNECTION_CREDENTIALS")
            dead.wait(lambda got: len(got) >= 8)
            chat = start_chat(server, instance)
            stream(server, instance, chat, TOPIC)
            chat.connect()
            begun = time.monotonic()
            chat.say("quick")
            sink.wait_text("quick")
            assert time.monotonic() - begun < 5
            silence.set()


def test_a_long_answer_is_not_read(server, sink, chat):
    sink.answer = lambda _: (200, {}, b"x" * 4_000_000)
    for text in ("one", "two", "three"):
        chat.say(text)
    sink.wait_text("three")
    assert sink.texts() == [JOINED, "one", "two", "three"]


# -- when the server fails --------------------------------------------------------------------------------------


def test_a_restart_in_place_goes_on_where_it_was(server, sink, chat):
    chat.say("before")
    sink.wait_text("before")
    server.restart_in_place()
    chat.say("after")
    sink.wait_text("after")
    assert [each.text for each in sink.firsts()] == [JOINED, "before", "after"]


def test_what_a_sink_missed_outlives_the_server(tmp_path, sink):
    with streaming_server(tmp_path, sink) as server:
        chat = streamed_chat(server)
        sink.wait_text(JOINED)
        sink.stop()
        said = [f"message {number}" for number in range(10)]
        for text in said:
            chat.say(text)
        server.kill()
    sink.start(sink.port)
    with streaming_server(tmp_path, sink) as server:
        advance_until(server, lambda: said[-1] in sink.texts())
    assert [each.text for each in sink.firsts()] == [JOINED, *said]


def test_a_server_that_dies_while_it_delivers_leaves_nothing_out(tmp_path, sink):
    said = [f"message {number}" for number in range(100)]
    with streaming_server(tmp_path, sink) as server:
        chat = streamed_chat(server)
        for text in said[:60]:
            chat.say(text)
        sink.wait(lambda got: len(got) > 20)
        server.kill()
    with streaming_server(tmp_path, sink) as server:
        chat.server, chat._client = server, None
        for text in said[60:]:
            chat.say(text)
        advance_until(server, lambda: said[-1] in sink.texts())
    assert [each.text for each in sink.firsts()] == [JOINED, *said]


def test_what_passed_waits_for_a_stream_that_is_behind(tmp_path, sink):
    with Server(tmp_path, "--movable-clock") as server:
        chat = streamed_chat(server)
        chat.send_event(TYPING)
        server.advance(hours=3)
        chat.say("hours later")
    with streaming_server(tmp_path, sink) as server:
        # A clock that was moved is back where it was.
        server.advance(hours=3)
        chat.server, chat._client = server, None
        chat.say("and now")
        advance_until(server, lambda: "and now" in sink.texts())
    assert [each.text for each in sink.firsts()] == [JOINED, TYPING, "hours later", "and now"]


def test_an_end_is_told_after_the_server_was_down(tmp_path, sink):
    with streaming_server(tmp_path, sink) as server:
        chat = streamed_chat(server)
        sink.wait_text(JOINED)
        sink.stop()
        chat.disconnect()
    sink.start(sink.port)
    with streaming_server(tmp_path, sink) as server:
        advance_until(server, lambda: ENDED in sink.texts())
    assert [each.text for each in sink.firsts()] == [JOINED, LEFT, ENDED]


# -- requests ---------------------------------------------------------------------------------------------------


def test_starting_again_with_the_same_token_is_the_same_stream(server, instance):
    chat, token = start_chat(server, instance), str(uuid.uuid4())
    first, second = (stream(server, instance, chat, ClientToken=token) for _ in range(2))
    assert first == second
    assert stream(server, instance, chat) != first
    other = start_chat(server, instance)
    assert stream(server, instance, other, ClientToken=token) != first, "a token is good for one contact"


def test_a_contact_has_two_streams_at_most(server, instance):
    chat = start_chat(server, instance)
    for _ in range(2):
        stream(server, instance, chat)
    with refuses("LimitExceededException", 429):
        stream(server, instance, chat)


@pytest.mark.parametrize(
    "topic",
    [
        f"arn:aws:sns:{REGION}:{ACCOUNT}:chats.fifo",
        f"arn:aws:sns:eu-west-1:{ACCOUNT}:chats",
        f"arn:aws:sqs:{REGION}:{ACCOUNT}:chats",
        "http://127.0.0.1/sns",
    ],
)
def test_only_a_standard_topic_of_the_region_can_be_streamed_to(server, instance, topic):
    with refuses("InvalidRequestException", 400):
        stream(server, instance, start_chat(server, instance), topic)


def test_a_chat_that_is_over_cannot_be_streamed(server, instance):
    chat = start_chat(server, instance).connect()
    chat.disconnect()
    with refuses("InvalidRequestException", 400):
        stream(server, instance, chat)


@pytest.mark.parametrize("streaming_id", [NOWHERE, "no-id"])
def test_a_stream_that_is_none_cannot_be_stopped(server, instance, streaming_id):
    with refuses("ResourceNotFoundException", 404):
        stop_streaming(server, instance, start_chat(server, instance), streaming_id)
