"""A whole chat, from StartChatContact to its end, over boto3 and the chat socket."""

import re
import uuid

import pytest

from actors import (
    DELIVERED,
    ENDED,
    EVENT,
    JOINED,
    LEFT,
    MESSAGE,
    METADATA,
    PLAIN,
    READ,
    TIME,
    TYPING,
    ChatSocket,
    add_staff,
    refuses,
    start_chat,
)

ENVELOPE = {"AbsoluteTime", "Id", "Type", "ContactId", "InitialContactId"}
SENDER = {"ParticipantId", "DisplayName", "ParticipantRole"}


def content_types(items):
    return [item.get("ContentType") for item in items]


# -- one chat, end to end ---------------------------------------------------------------------------------------


def test_a_chat_from_start_to_end(server, admin, instance):
    customer = start_chat(server, instance, InitialMessage={"ContentType": PLAIN, "Content": "Hello?"}).connect()
    agent = add_staff(server, customer.contact_id).connect()
    customer.socket.wait_event(JOINED, "AGENT")

    said = customer.say("My order is late.")
    heard = agent.socket.wait_message("My order is late.")
    assert heard == {
        "AbsoluteTime": said["AbsoluteTime"],
        "Content": "My order is late.",
        "ContentType": PLAIN,
        "Id": said["Id"],
        "Type": "MESSAGE",
        "ParticipantId": customer.id,
        "DisplayName": "Jane",
        "ParticipantRole": "CUSTOMER",
        "ContactId": customer.contact_id,
        "InitialContactId": customer.contact_id,
    }
    # Those who speak hear themselves too: that is how a second device of theirs learns of it.
    assert customer.socket.wait_message("My order is late.") == heard

    agent.receipt(DELIVERED, said["Id"])
    agent.receipt(READ, said["Id"])
    customer.socket.wait_receipt(said["Id"], "ReadTimestamp")
    agent.say("It left this morning.")
    customer.socket.wait_message("It left this morning.")

    transcript = customer.whole_transcript()
    kinds = [(item["Type"], item.get("ParticipantRole"), item.get("Content")) for item in transcript]
    assert kinds == [
        ("EVENT", "CUSTOMER", None),
        ("MESSAGE", "CUSTOMER", "Hello?"),
        ("EVENT", "AGENT", None),
        ("MESSAGE", "CUSTOMER", "My order is late."),
        ("MESSAGE", "AGENT", "It left this morning."),
    ]
    [receipt] = transcript[3]["MessageMetadata"]["Receipts"]
    assert receipt["RecipientParticipantId"] == agent.id and "ReadTimestamp" in receipt

    customer.disconnect()
    agent.socket.wait_event(LEFT, "CUSTOMER")
    agent.socket.wait_event(ENDED)
    customer.socket.wait_event(ENDED)
    contact = admin.describe_contact(InstanceId=instance.id, ContactId=customer.contact_id)["Contact"]
    assert contact["DisconnectReason"] == "CUSTOMER_DISCONNECT"
    assert contact["DisconnectTimestamp"] >= contact["InitiationTimestamp"]


# -- StartChatContact -------------------------------------------------------------------------------------------


def test_a_contact_is_described(server, admin, instance):
    chat = start_chat(server, instance, Attributes={"order": "42"})
    contact = admin.describe_contact(InstanceId=instance.id, ContactId=chat.contact_id)["Contact"]
    assert contact["Id"] == chat.contact_id
    assert contact["Arn"] == f"{instance.arn}/contact/{chat.contact_id}"
    assert (contact["Channel"], contact["InitiationMethod"]) == ("CHAT", "API")
    assert contact.get("InitialContactId", chat.contact_id) == chat.contact_id
    assert "DisconnectTimestamp" not in contact
    attributes = admin.get_contact_attributes(InstanceId=instance.id, InitialContactId=chat.contact_id)
    assert attributes["Attributes"] == {"order": "42"}


def test_the_flow_may_be_named_by_its_arn(server, instance):
    chat = start_chat(server, instance, ContactFlowId=f"{instance.arn}/contact-flow/{instance.flow_id}")
    assert chat.connect().whole_transcript()


def test_starting_again_with_the_same_token_is_the_same_chat(server, instance):
    token = str(uuid.uuid4())
    first, second = (start_chat(server, instance, ClientToken=token) for _ in range(2))
    assert (first.contact_id, first.id) == (second.contact_id, second.id)


# -- connections ------------------------------------------------------------------------------------------------


def test_a_reply_has_what_was_asked_for(server, instance):
    chat = start_chat(server, instance)
    both = chat.create_connection("WEBSOCKET", "CONNECTION_CREDENTIALS")
    assert re.match(r"ws://127\.0\.0\.1:\d+/", both["Websocket"]["Url"])
    assert len(both["Websocket"]["Url"]) <= 2000
    assert TIME.fullmatch(both["Websocket"]["ConnectionExpiry"])
    assert TIME.fullmatch(both["ConnectionCredentials"]["Expiry"])
    assert 1 <= len(both["ConnectionCredentials"]["ConnectionToken"]) <= 1000
    assert "ConnectionCredentials" not in chat.create_connection("WEBSOCKET")
    assert "Websocket" not in chat.create_connection("CONNECTION_CREDENTIALS")


def test_a_new_connection_leaves_the_earlier_ones_alone(customer):
    first = customer.connection_token
    second = customer.create_connection("CONNECTION_CREDENTIALS")["ConnectionCredentials"]["ConnectionToken"]
    assert first != second
    for token in (first, second):
        customer.connection_token = token
        customer.say(f"with {token[-8:]}")
    joined = [item for item in customer.whole_transcript() if item.get("ContentType") == JOINED]
    assert len(joined) == 1


def test_five_sockets_hear_everything_and_a_sixth_is_refused(customer):
    others = [customer.another_socket() for _ in range(4)]
    with pytest.raises(Exception, match="Handshake status"):
        customer.another_socket()
    customer.say("to all of them")
    for socket in [customer.socket, *others]:
        assert socket.wait_message("to all of them")
        assert socket.messages().count("to all of them") == 1
    others[0].close()
    for socket in others[1:]:
        socket.close()


def test_a_socket_url_opens_one_socket(customer):
    url = customer.create_connection("WEBSOCKET")["Websocket"]["Url"]
    socket = ChatSocket(url)
    with pytest.raises(Exception, match="Handshake status 403"):
        ChatSocket(url)
    socket.close()


def test_a_made_up_socket_url_is_refused(customer):
    url = customer.create_connection("WEBSOCKET")["Websocket"]["Url"]
    with pytest.raises(Exception, match="Handshake status 403"):
        ChatSocket(url[:-6] + "AAAAAA")


# -- the socket's own frames ------------------------------------------------------------------------------------


def test_the_frames_of_the_socket_itself(customer):
    socket = customer.another_socket(subscribe=False)
    assert socket.ask({"topic": "aws/heartbeat"}) == {"topic": "aws/heartbeat"}
    assert socket.ask({"topic": "aws/ping"}) == {"topic": "aws/ping", "statusCode": 200, "statusContent": "OK"}
    # The iOS SDK ships a stray bracket after its subscribe.
    seen = len(socket.frames)
    socket.send('{"topic":"aws/subscribe","content":{"topics":["aws/chat"]}})')
    answer = socket.wait_frame(lambda frame: frame["topic"] == "aws/subscribe", after=seen)
    assert answer == {"topic": "aws/subscribe", "content": {"status": "success", "topics": ["aws/chat"]}}
    socket.close()


def test_what_is_not_understood_is_ignored(customer):
    for frame in ("", "not json", "[]", '{"topic":"aws/unknown"}', '{"content":1}'):
        customer.socket.send(frame)
    assert customer.socket.ask({"topic": "aws/heartbeat"}) == {"topic": "aws/heartbeat"}


def test_an_unknown_topic_cannot_be_subscribed_to(customer):
    socket = customer.another_socket(subscribe=False)
    for _ in range(2):
        answer = socket.ask({"topic": "aws/subscribe", "content": {"topics": ["aws/unknown"]}})
        assert answer["content"] == {"status": "failure", "topics": ["aws/unknown"]}
        socket.subscribe()
    customer.say("to who subscribed")
    socket.wait_message("to who subscribed")
    socket.close()


def test_nothing_is_heard_before_the_subscription_and_nothing_twice(customer):
    socket = customer.another_socket(subscribe=False)
    customer.say("too early")
    customer.socket.wait_message("too early")
    for _ in range(3):
        socket.subscribe()
    customer.say("in time")
    socket.wait_message("in time")
    customer.say("last")
    socket.wait_message("last")
    assert socket.messages() == ["in time", "last"]
    socket.close()


def test_while_two_sockets_overlap_both_hear(customer):
    """ChatJS opens its next socket before it closes the old one."""
    old, new = customer.socket, customer.another_socket()
    customer.say("both")
    assert old.wait_message("both") == new.wait_message("both")
    old.close()
    customer.say("only the new one")
    new.wait_message("only the new one")
    customer.socket = new


def test_a_socket_that_breaks_off_takes_nobody_out_of_the_chat(customer, agent):
    customer.socket.pull_the_plug()
    agent.say("still there?")
    customer.socket = customer.another_socket()
    customer.say("yes")
    agent.socket.wait_message("yes")
    assert LEFT not in content_types(agent.socket.items)


# -- messages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/markdown", "**bold**"),
        ("application/json", '{"a": [1, 2]}'),
        (MESSAGE + "interactive.response", '{"templateType":"QuickReply","action":"x"}'),
    ],
)
def test_a_message_may_have_any_type_the_chat_supports(server, instance, content_type, content):
    types = [PLAIN, content_type]
    customer = start_chat(server, instance, SupportedMessagingContentTypes=types).connect()
    said = customer.say(content, content_type)
    heard = customer.socket.wait_for(lambda item: item["Id"] == said["Id"])
    assert (heard["ContentType"], heard["Content"]) == (content_type, content)
    customer.socket.close()


@pytest.mark.parametrize("text", ["x", "é" * 8192, "日本語 🙂\n\ttab", '"quoted" \\ and \u2028', "\u0000"])
def test_a_message_arrives_as_it_was_sent(customer, text):
    said = customer.say(text)
    assert customer.socket.wait_for(lambda item: item["Id"] == said["Id"])["Content"] == text
    [item] = customer.transcript(StartPosition={"Id": said["Id"]}, MaxResults=1)["Transcript"]
    assert item["Content"] == text


def test_a_message_sent_again_with_its_token_is_heard_once(customer):
    token = str(uuid.uuid4())
    first, second = (customer.say("once", ClientToken=token) for _ in range(2))
    assert (first["Id"], first["AbsoluteTime"]) == (second["Id"], second["AbsoluteTime"])
    customer.say("after")
    customer.socket.wait_message("after")
    assert customer.socket.messages() == ["once", "after"]


def test_tokens_of_two_people_are_not_mixed_up(customer, agent):
    token = str(uuid.uuid4())
    assert customer.say("mine", ClientToken=token)["Id"] != agent.say("mine too", ClientToken=token)["Id"]


def test_messages_have_one_order_everywhere(customer, agent):
    said = [speaker.say(f"number {n}")["Id"] for n in range(10) for speaker in (customer, agent)]
    for listener in (customer, agent):
        listener.socket.wait_for(lambda item: item["Id"] == said[-1])
        assert [item["Id"] for item in listener.socket.items if item["Type"] == "MESSAGE"] == said
        stored = listener.whole_transcript()
        assert [item["Id"] for item in stored if item["Type"] == "MESSAGE"] == said
        times = [item["AbsoluteTime"] for item in stored]
        assert times == sorted(set(times)), "each item is later than the one before it"


# -- events and receipts ----------------------------------------------------------------------------------------


def test_typing_is_heard_and_not_kept(customer, agent):
    sent = customer.send_event(TYPING)
    heard = agent.socket.wait_event(TYPING)
    assert heard["Id"] == sent["Id"] and heard["Type"] == "EVENT" and "Content" not in heard
    assert heard.keys() == ENVELOPE | SENDER | {"ContentType"}
    assert TYPING not in content_types(customer.whole_transcript())


def test_a_receipt_is_heard_as_metadata_of_its_message(customer, agent):
    said = customer.say("read me")
    agent.receipt(DELIVERED, said["Id"])
    delivered = customer.socket.wait_receipt(said["Id"], "DeliveredTimestamp")
    assert delivered["Type"] == "MESSAGEMETADATA" and delivered["ContentType"] == METADATA
    assert len(delivered["MessageMetadata"]["Receipts"]) == 1
    assert delivered["MessageMetadata"]["Receipts"][0]["RecipientParticipantId"] == agent.id

    agent.receipt(READ, said["Id"])
    read = customer.socket.wait_receipt(said["Id"], "ReadTimestamp")
    assert TIME.fullmatch(read["MessageMetadata"]["Receipts"][0]["ReadTimestamp"])
    assert METADATA not in content_types(customer.whole_transcript())


def test_receipts_for_two_messages_are_both_heard_though_they_share_a_token(customer, agent):
    """ChatJS puts one and the same word into ClientToken for every read receipt."""
    for text in ("first", "second"):
        said = customer.say(text)
        agent.receipt(READ, said["Id"], ClientToken="INCOMING_READ_RECEIPT")
        customer.socket.wait_receipt(said["Id"], "ReadTimestamp")


def test_receipts_are_off_with_three_in_the_chat(server, customer, agent):
    said = customer.say("to both")
    add_staff(server, customer.contact_id, name="Bob").connect()
    with refuses("ConflictException", 409):
        agent.receipt(READ, said["Id"])


def test_joining_and_leaving_are_heard(server, customer):
    agent = add_staff(server, customer.contact_id, name="Ann").connect()
    joined = customer.socket.wait_event(JOINED, "AGENT")
    assert joined.keys() == ENVELOPE | SENDER | {"ContentType"}
    assert (joined["ParticipantId"], joined["DisplayName"]) == (agent.id, "Ann")
    agent.disconnect()
    assert customer.socket.wait_event(LEFT, "AGENT")["ParticipantId"] == agent.id
    ended = customer.socket.wait_event(ENDED)
    assert ended.keys() == ENVELOPE | {"ContentType"}


def test_a_supervisor_is_silent_until_asked_in(server, customer, agent):
    add_staff(server, customer.contact_id, role="SUPERVISOR", name="Sue", silent=True).connect()
    customer.say("nobody new?")
    customer.socket.wait_message("nobody new?")
    assert "SUPERVISOR" not in {item.get("ParticipantRole") for item in customer.socket.items}


def test_who_leaves_hears_of_it_and_of_nothing_after(server, customer, agent):
    """A second agent keeps the chat going."""
    add_staff(server, customer.contact_id, name="Bob").connect()
    agent.disconnect()
    agent.socket.wait_event(LEFT, "AGENT")
    customer.say("not for Ann any more")
    customer.socket.wait_message("not for Ann any more")
    assert agent.socket.wait_closed() == 1000
    assert agent.socket.messages() == []


def test_a_silent_supervisor_is_told_alone_when_they_leave(server, customer, agent):
    supervisor = add_staff(server, customer.contact_id, role="SUPERVISOR", name="Sue", silent=True).connect()
    supervisor.disconnect()
    supervisor.socket.wait_event(LEFT, "SUPERVISOR")
    assert supervisor.socket.wait_closed() == 1000
    customer.say("fence")
    for someone in (customer, agent):
        someone.socket.wait_message("fence")
        assert "SUPERVISOR" not in {item.get("ParticipantRole") for item in someone.socket.items}
    assert "SUPERVISOR" not in {item.get("ParticipantRole") for item in agent.whole_transcript()}


# -- the end ----------------------------------------------------------------------------------------------------


def test_a_stopped_contact_tells_everybody(admin, instance, customer, agent):
    admin.stop_contact(ContactId=customer.contact_id, InstanceId=instance.id)
    for someone in (customer, agent):
        someone.socket.wait_event(ENDED)
    with refuses("ContactNotFoundException", 410):
        admin.stop_contact(ContactId=customer.contact_id, InstanceId=instance.id)


def test_disconnecting_again_with_the_same_token_succeeds(customer):
    token = str(uuid.uuid4())
    for _ in range(2):
        reply = customer.disconnect(ClientToken=token)
        assert reply["ResponseMetadata"]["HTTPStatusCode"] == 200
    customer.socket.wait_event(ENDED)
    assert content_types(customer.socket.items).count(ENDED) == 1


@pytest.mark.parametrize("who", ["customer", "agent"])
def test_everybody_hears_the_end_and_who_brought_it_about(customer, agent, who):
    leaver = {"customer": customer, "agent": agent}[who]
    leaver.disconnect()
    for someone in (customer, agent):
        someone.socket.wait_event(ENDED)
        told = [(item["ContentType"], item.get("ParticipantId")) for item in someone.socket.items[-2:]]
        assert told == [(LEFT, leaver.id), (ENDED, None)]
        assert someone.socket.wait_closed() == 1000


def test_a_call_repeated_after_the_end_has_its_first_answer(customer):
    """Its reply may have been lost on the way, and its caller does not know that the chat is over."""
    token = str(uuid.uuid4())
    first = customer.say("once", ClientToken=token)
    customer.disconnect()
    customer.socket.wait_event(ENDED)
    assert customer.say("once", ClientToken=token)["Id"] == first["Id"]
    assert customer.socket.messages() == ["once"]


def test_disconnect_participant_takes_a_token_and_answers_with_an_empty_object(server, customer):
    reply = server.request(
        "POST",
        "/participant/disconnect",
        {"ClientToken": str(uuid.uuid4())},
        {"Content-Type": "application/json", "X-Amz-Bearer": customer.connection_token},
    )
    assert (reply.status, reply.json) == (200, {})


def test_after_the_end_every_door_is_shut(customer):
    said = customer.say("bye")
    customer.disconnect()
    customer.socket.wait_event(ENDED)
    for attempt in (
        lambda: customer.create_connection("WEBSOCKET", "CONNECTION_CREDENTIALS"),
        lambda: customer.say("one more thing"),
        lambda: customer.send_event(TYPING),
        lambda: customer.receipt(READ, said["Id"]),
        lambda: customer.transcript(),
        lambda: customer.disconnect(),
        lambda: customer.start_upload("a.txt", PLAIN, 1),
    ):
        with refuses("AccessDeniedException", 403):
            attempt()


def test_an_ended_contact_is_still_described(admin, instance, customer):
    customer.disconnect()
    contact = admin.describe_contact(InstanceId=instance.id, ContactId=customer.contact_id)["Contact"]
    assert contact["DisconnectTimestamp"]


# -- a bot of one's own -----------------------------------------------------------------------------------------


def test_a_custom_bot_takes_part(server, admin, instance, customer):
    made = admin.create_participant(
        InstanceId=instance.id,
        ContactId=customer.contact_id,
        ParticipantDetails={"ParticipantRole": "CUSTOM_BOT", "DisplayName": "Robo"},
    )
    credentials = made["ParticipantCredentials"]
    assert TIME.fullmatch(credentials["Expiry"])
    bot = type(customer)(server, customer.contact_id, made["ParticipantId"], credentials["ParticipantToken"]).connect()
    customer.socket.wait_event(JOINED, "CUSTOM_BOT")
    bot.say("beep")
    assert customer.socket.wait_message("beep")["ParticipantRole"] == "CUSTOM_BOT"
    with refuses("ConflictException", 409):
        admin.create_participant(
            InstanceId=instance.id,
            ContactId=customer.contact_id,
            ParticipantDetails={"ParticipantRole": "CUSTOM_BOT", "DisplayName": "Second"},
        )
    add_staff(server, customer.contact_id).connect()
    customer.socket.wait_event(LEFT, "CUSTOM_BOT")


@pytest.mark.parametrize("role", ["AGENT", "CUSTOMER", "SUPERVISOR", "SYSTEM"])
def test_only_a_custom_bot_can_be_created(admin, instance, customer, role):
    with refuses("InvalidRequestException", 400):
        admin.create_participant(
            InstanceId=instance.id,
            ContactId=customer.contact_id,
            ParticipantDetails={"ParticipantRole": role, "DisplayName": "Nobody"},
        )


# -- contacts ---------------------------------------------------------------------------------------------------


def test_attributes_are_added_and_changed(admin, instance, customer):
    where = {"InstanceId": instance.id, "InitialContactId": customer.contact_id}
    admin.update_contact_attributes(Attributes={"a": "1", "b": "2"}, **where)
    admin.update_contact_attributes(Attributes={"b": "3"}, **where)
    assert admin.get_contact_attributes(**where)["Attributes"] == {"a": "1", "b": "3"}


def test_a_contact_is_named_and_referenced(admin, instance, customer):
    where = {"InstanceId": instance.id, "ContactId": customer.contact_id}
    reference = {"Value": "https://shop.example/orders/42", "Type": "URL"}
    admin.update_contact(Name="Late order", Description="It is late.", References={"order": reference}, **where)
    contact = admin.describe_contact(**where)["Contact"]
    assert (contact["Name"], contact["Description"]) == ("Late order", "It is late.")
    [listed] = admin.list_contact_references(ReferenceTypes=["URL"], **where)["ReferenceSummaryList"]
    assert listed == {"Url": {"Name": "order", "Value": reference["Value"]}}


def test_a_contact_is_tagged(admin, instance, customer):
    where = {"InstanceId": instance.id, "ContactId": customer.contact_id}
    admin.tag_contact(Tags={"topic": "orders", "tone": "calm"}, **where)
    admin.untag_contact(TagKeys=["tone"], **where)
    assert admin.describe_contact(**where)["Contact"]["Tags"] == {"topic": "orders"}


def test_a_persistent_chat_continues_a_past_one(server, instance):
    past = start_chat(server, instance).connect()
    past.say("long ago")
    past.disconnect()
    past.socket.wait_event(ENDED)
    made = server.connect().start_chat_contact(
        InstanceId=instance.id,
        ContactFlowId=instance.flow_id,
        ParticipantDetails={"DisplayName": "Jane"},
        PersistentChat={"SourceContactId": past.contact_id, "RehydrationType": "ENTIRE_PAST_SESSION"},
    )
    assert made["ContinuedFromContactId"] == past.contact_id
    now = type(past)(server, made["ContactId"], made["ParticipantId"], made["ParticipantToken"]).connect()
    now.socket.wait_event(EVENT + "chat.rehydrated")
    now.say("here again")
    items = now.whole_transcript()
    messages = [item for item in items if item["Type"] == "MESSAGE"]
    assert [item["Content"] for item in messages] == ["long ago", "here again"]
    assert messages[0]["RelatedContactId"] == past.contact_id and "ContactId" not in messages[0]
    now.socket.close()


def test_a_transcript_may_be_read_from_a_place_in_the_past(server, instance):
    chats = []
    for text in ("first", "second", "third"):
        source = {"SourceContactId": chats[-1].contact_id, "RehydrationType": "FROM_SEGMENT"} if chats else None
        chat = start_chat(server, instance, **({"PersistentChat": source} if source else {})).connect()
        chat.say(text)
        if text != "third":
            chat.disconnect()
        chats.append(chat)
    reader = chats[-1]

    def texts(items):
        return [item["Content"] for item in items if item["Type"] == "MESSAGE"]

    [begin] = [item for item in reader.whole_transcript() if item.get("Content") == "first"]
    for start in ({"Id": begin["Id"]}, {"AbsoluteTime": begin["AbsoluteTime"]}):
        page = reader.transcript(StartPosition=start, ScanDirection="BACKWARD", MaxResults=100)
        assert texts(page["Transcript"]) == ["first"] and "NextToken" not in page
        assert all(item["RelatedContactId"] == chats[0].contact_id for item in page["Transcript"])
    with refuses("ValidationException", 400):
        reader.transcript(StartPosition={"Id": str(uuid.uuid4())}, ScanDirection="BACKWARD")
    for chat in chats:
        chat.socket.close()


def test_a_customer_who_signed_in_before_the_chat_is_known(server, admin, instance):
    signed_in = {"connect:CustomerAuthentication": {"ValueMap": {"Status": {"ValueString": "AUTHENTICATED"}}}}
    chat = start_chat(server, instance, SegmentAttributes=signed_in, CustomerId="12345")
    contact = admin.describe_contact(InstanceId=instance.id, ContactId=chat.contact_id)["Contact"]
    assert contact["CustomerId"] == "12345"
    assert contact["SegmentAttributes"] == {**signed_in, "connect:Subtype": {"ValueString": "connect:Chat"}}
