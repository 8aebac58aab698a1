"""Who takes part: the administrator, the customer, the agent, the bot, each with what they can do.

The one rule: whoever waits, waits for an event. `ChatSocket.wait_for` returns the item that a condition holds for;
nothing here waits for time to pass.
"""

import json
import re
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field

import pytest
import websocket
from botocore.exceptions import ClientError

from switchboard import PATIENCE_S, Reply, Server, poll

EVENT = "application/vnd.amazonaws.connect.event."
MESSAGE = "application/vnd.amazonaws.connect.message."
PLAIN = "text/plain"
# How the Participant Service writes every time.
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
TYPING, JOINED, LEFT = EVENT + "typing", EVENT + "participant.joined", EVENT + "participant.left"
ENDED = EVENT + "chat.ended"
DELIVERED, READ, METADATA = EVENT + "message.delivered", EVENT + "message.read", EVENT + "message.metadata"


@dataclass(frozen=True)
class Instance:
    """A contact centre that is ready, and a flow of it that chats may start in."""

    id: str
    arn: str
    flow_id: str


def new_instance(server: Server, alias=None) -> Instance:
    connect = server.connect()
    alias = alias or f"test-{uuid.uuid4().hex[:16]}"
    made = connect.create_instance(
        IdentityManagementType="CONNECT_MANAGED",
        InstanceAlias=alias,
        InboundCallsEnabled=True,
        OutboundCallsEnabled=True,
    )
    wait_active(server, made["Id"])
    flows = connect.list_contact_flows(InstanceId=made["Id"], ContactFlowTypes=["CONTACT_FLOW"])
    return Instance(made["Id"], made["Arn"], flows["ContactFlowSummaryList"][0]["Id"])


def wait_active(server: Server, instance_id):
    """Creation takes a moment, and nobody is told when it is over."""
    connect = server.connect()

    def is_active():
        status = connect.describe_instance(InstanceId=instance_id)["Instance"]["InstanceStatus"]
        assert status in ("CREATION_IN_PROGRESS", "ACTIVE")
        return status == "ACTIVE"

    poll(is_active, "creation")


def enable_attachments(server: Server, instance: Instance):
    """Files need somewhere to be kept."""
    server.connect().associate_instance_storage_config(
        InstanceId=instance.id,
        ResourceType="ATTACHMENTS",
        StorageConfig={"StorageType": "S3", "S3Config": {"BucketName": "files", "BucketPrefix": "chat"}},
    )


class ChatSocket:
    """An open chat socket. Everything that arrives is kept in `items`, in order."""

    def __init__(self, url, subscribe=True):
        self.url = url
        self.frames = []
        self.items = []
        self.closed = None
        self._news = threading.Condition()
        self._socket = websocket.create_connection(url, timeout=PATIENCE_S)
        self._socket.settimeout(None)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if subscribe:
            self.subscribe()

    def send(self, frame):
        self._socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def ask(self, frame):
        """Sends a frame and returns the next one on its topic."""
        seen = len(self.frames)
        self.send(frame)
        return self.wait_frame(lambda answer: answer.get("topic") == frame["topic"], after=seen)

    def subscribe(self):
        answer = self.ask({"topic": "aws/subscribe", "content": {"topics": ["aws/chat"]}})
        assert answer["content"] == {"status": "success", "topics": ["aws/chat"]}

    def wait_frame(self, condition, after=0, timeout_s=PATIENCE_S):
        return self._wait(lambda: self.frames, condition, after, timeout_s)

    def wait_for(self, condition, after=0, timeout_s=PATIENCE_S):
        """The first item that `condition` holds for, of those here (but for the first `after`) or yet to come."""
        return self._wait(lambda: self.items, condition, after, timeout_s)

    def wait_message(self, text):
        return self.wait_for(lambda item: item["Type"] == "MESSAGE" and item["Content"] == text)

    def wait_event(self, content_type, role=None):
        return self.wait_for(
            lambda item: item.get("ContentType") == content_type and role in (None, item.get("ParticipantRole"))
        )

    def wait_receipt(self, message_id, stamp):
        def matches(item):
            metadata = item.get("MessageMetadata", {})
            return metadata.get("MessageId") == message_id and stamp in metadata["Receipts"][0]

        return self.wait_for(matches)

    def wait_closed(self, timeout_s=PATIENCE_S):
        """The close code; None when the connection just broke off."""
        with self._news:
            assert self._news.wait_for(lambda: self.closed is not None, timeout_s), "the socket is still open"
        return self.closed[0]

    def messages(self):
        return [item["Content"] for item in self.items if item["Type"] == "MESSAGE"]

    def close(self):
        self._socket.close(timeout=1)
        self._reader.join(PATIENCE_S)

    def pull_the_plug(self):
        """Goes away without a word."""
        self._socket.shutdown()

    def _wait(self, what, condition, after, timeout_s):
        deadline = time.monotonic() + timeout_s
        with self._news:
            while True:
                for thing in what()[after:]:
                    if condition(thing):
                        return thing
                assert self.closed is None, f"closed ({self.closed}) before it came; here is {what()}"
                left = deadline - time.monotonic()
                assert left > 0, f"nothing like it came; here is {json.dumps(what(), indent=1)}"
                self._news.wait(left)

    def _read(self):
        code = None
        try:
            while True:
                opcode, data = self._socket.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    code = int.from_bytes(data[:2], "big") if len(data) >= 2 else None
                    break
                if opcode == websocket.ABNF.OPCODE_TEXT:
                    self._keep(json.loads(data))
        except (websocket.WebSocketException, OSError):
            pass
        with self._news:
            self.closed = (code,)
            self._news.notify_all()

    def _keep(self, frame):
        with self._news:
            self.frames.append(frame)
            if frame.get("topic") == "aws/chat":
                assert frame["contentType"] == "application/json"
                self.items.append(json.loads(frame["content"]))
            self._news.notify_all()


@dataclass
class Participant:
    """Somebody in a chat: a customer, an agent, a bot. What they do, they do through boto3."""

    server: Server
    contact_id: str
    id: str
    token: str
    connection_token: str = None
    socket: ChatSocket = None
    _client: object = field(default=None, repr=False)

    @property
    def client(self):
        self._client = self._client or self.server.participant()
        return self._client

    def create_connection(self, *types, **more):
        if types:
            more["Type"] = list(types)
        return self.client.create_participant_connection(ParticipantToken=self.token, **more)

    def connect(self):
        """Gets a connection token and a socket that is subscribed."""
        made = self.create_connection("WEBSOCKET", "CONNECTION_CREDENTIALS")
        self.connection_token = made["ConnectionCredentials"]["ConnectionToken"]
        self.socket = ChatSocket(made["Websocket"]["Url"])
        return self

    def another_socket(self, **options):
        return ChatSocket(self.create_connection("WEBSOCKET")["Websocket"]["Url"], **options)

    def say(self, text, content_type=PLAIN, **more):
        return self.client.send_message(
            ContentType=content_type, Content=text, ConnectionToken=self.connection_token, **more
        )

    def send_event(self, content_type, **more):
        return self.client.send_event(ContentType=content_type, ConnectionToken=self.connection_token, **more)

    def receipt(self, content_type, message_id, **more):
        return self.send_event(content_type, Content=json.dumps({"messageId": message_id}), **more)

    def transcript(self, **more):
        return self.client.get_transcript(ConnectionToken=self.connection_token, **more)

    def whole_transcript(self):
        """Every item, oldest first."""
        items, page = [], {}
        while True:
            answer = self.transcript(MaxResults=100, SortOrder="ASCENDING", **page)
            items = answer["Transcript"] + items
            if "NextToken" not in answer:
                return items
            page = {"NextToken": answer["NextToken"]}

    def disconnect(self, **more):
        return self.client.disconnect_participant(ConnectionToken=self.connection_token, **more)

    def start_upload(self, name, content_type, size, **more):
        return self.client.start_attachment_upload(
            AttachmentName=name,
            ContentType=content_type,
            AttachmentSizeInBytes=size,
            ConnectionToken=self.connection_token,
            **more,
        )

    def complete_upload(self, *attachment_ids, **more):
        return self.client.complete_attachment_upload(
            AttachmentIds=list(attachment_ids), ConnectionToken=self.connection_token, **more
        )

    def attach(self, name, content_type, data):
        """Sends a file the whole way, and returns its id."""
        started = self.start_upload(name, content_type, len(data))
        assert put(started["UploadMetadata"], data).status == 200
        self.complete_upload(started["AttachmentId"])
        return started["AttachmentId"]

    def get_attachment(self, attachment_id, **more):
        return self.client.get_attachment(AttachmentId=attachment_id, ConnectionToken=self.connection_token, **more)


def start_chat(server: Server, instance: Instance, name="Jane", **more):
    """StartChatContact as an application's backend calls it; the customer is not connected yet."""
    more.setdefault("ContactFlowId", instance.flow_id)
    made = server.connect().start_chat_contact(InstanceId=instance.id, ParticipantDetails={"DisplayName": name}, **more)
    return Participant(server, made["ContactId"], made["ParticipantId"], made["ParticipantToken"])


def add_staff(server: Server, contact_id, role="AGENT", name="Ann", **more):
    """Somebody of the contact centre, asked into a chat through the server's own API."""
    path = f"/_switchboard/contacts/{contact_id}/participants"
    reply = server.signed("POST", path, {"role": role, "displayName": name, **more})
    assert reply.status == 200, reply
    made = reply.json
    return Participant(server, contact_id, made["participantId"], made["participantToken"])


def put(upload, data, **headers) -> Reply:
    """Sends an attachment's bytes as the reply to StartAttachmentUpload says."""
    request = urllib.request.Request(upload["Url"], data, {**upload["HeadersToInclude"], **headers}, method="PUT")
    return fetch(request)


def fetch(request) -> Reply:
    """An HTTP reply, whatever its status."""
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
            return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.read())
    except urllib.error.HTTPError as reply:
        with reply:
            return Reply(reply.status, {name.lower(): value for name, value in reply.headers.items()}, reply.read())


class refuses:
    """`with refuses("ResourceNotFoundException", 404): …`: the call fails with that code and that status."""

    def __init__(self, code, status, says=""):
        self.code, self.status, self.says = code, status, says

    def __enter__(self):
        self._raises = pytest.raises(ClientError)
        self._info = self._raises.__enter__()
        return self

    def __exit__(self, *exc):
        handled = self._raises.__exit__(*exc)
        self.reply = reply = self._info.value.response
        got = (reply["Error"]["Code"], reply["ResponseMetadata"]["HTTPStatusCode"])
        assert got == (self.code, self.status), reply
        assert self.says in reply["Error"].get("Message", ""), reply
        assert reply["ResponseMetadata"]["RequestId"]
        return handled
