"""The negative side of a chat: each modelled error that can be provoked is provoked, and by its reason."""

import json
import uuid

import pytest

from actors import DELIVERED, ENDED, EVENT, MESSAGE, PLAIN, READ, TYPING, add_staff, new_instance, refuses, start_chat
from switchboard import REGION, Server

NOWHERE = str(uuid.uuid4())


@pytest.fixture
def unchecked(server):
    """Clients that send whatever they are told to."""
    return server.connect(validate=False), server.participant(validate=False)


# -- tokens -----------------------------------------------------------------------------------------------------

# Every operation that takes a ConnectionToken, with a request that is otherwise right.
WITH_TOKEN = {
    "send_message": {"ContentType": PLAIN, "Content": "x"},
    "send_event": {"ContentType": TYPING},
    "get_transcript": {},
    "disconnect_participant": {},
    "start_attachment_upload": {"AttachmentName": "a.txt", "ContentType": PLAIN, "AttachmentSizeInBytes": 1},
    "complete_attachment_upload": {"AttachmentIds": [NOWHERE]},
    "get_attachment": {"AttachmentId": NOWHERE},
    "describe_view": {"ViewToken": "a+view/token="},
    "get_authentication_url": {"SessionId": NOWHERE, "RedirectUri": "https://shop.example/back"},
    "cancel_participant_authentication": {"SessionId": NOWHERE},
}


@pytest.mark.parametrize("operation", WITH_TOKEN)
def test_a_connection_token_that_is_none_is_refused(server, instance, unchecked, operation):
    participant_token = start_chat(server, instance).token
    for token in ("made-up", participant_token, "x" * 1000):
        with refuses("AccessDeniedException", 403):
            getattr(unchecked[1], operation)(ConnectionToken=token, **WITH_TOKEN[operation])


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: token + "A", lambda token: token.swapcase()]
)
def test_a_token_that_was_tampered_with_is_refused(customer, change):
    customer.connection_token = change(customer.connection_token)
    with refuses("AccessDeniedException", 403):
        customer.say("x")


def test_a_participant_token_that_is_none_is_refused(customer, unchecked):
    for token in ("made-up", customer.connection_token):
        with refuses("AccessDeniedException", 403):
            unchecked[1].create_participant_connection(ParticipantToken=token, Type=["WEBSOCKET"])


def test_a_request_without_a_token_is_refused(server):
    for headers in ({}, {"X-Amz-Bearer": ""}):
        reply = server.request("POST", "/participant/message", {"ContentType": PLAIN, "Content": "x"}, headers)
        assert (reply.status, reply.error) == (403, "AccessDeniedException")


def test_somebody_who_left_is_refused(server, customer):
    bob = add_staff(server, customer.contact_id, name="Bob").connect()
    add_staff(server, customer.contact_id, name="Ann").connect()
    bob.disconnect()
    with refuses("AccessDeniedException", 403):
        bob.say("one more thing")
    with refuses("AccessDeniedException", 403):
        bob.create_connection("WEBSOCKET")


# -- CreateParticipantConnection --------------------------------------------------------------------------------


def test_a_connection_of_no_kind_is_refused(server, instance, unchecked):
    token = start_chat(server, instance).token
    for request in ({}, {"Type": []}, {"Type": ["SMOKE_SIGNALS"]}, {"ConnectParticipant": False}):
        with refuses("ValidationException", 400):
            unchecked[1].create_participant_connection(ParticipantToken=token, **request)


def test_a_customer_without_a_socket_needs_streaming(server, instance):
    with pytest.raises(server.participant().exceptions.ClientError) as info:
        start_chat(server, instance).create_connection("CONNECTION_CREDENTIALS", ConnectParticipant=True)
    assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)


# -- SendMessage, SendEvent -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/markdown", "not asked for at the start"),
        ("text/html", "<b>x</b>"),
        ("application/json", "{}"),
        (MESSAGE + "interactive", "{}"),
        (PLAIN, ""),
        (PLAIN, "x" * 16385),
        (PLAIN, "é" * 8193),
        ("", "x"),
        ("x" * 101, "x"),
    ],
)
def test_a_message_that_may_not_be_sent(customer, unchecked, content_type, content):
    with refuses("ValidationException", 400):
        unchecked[1].send_message(ConnectionToken=customer.connection_token, ContentType=content_type, Content=content)


def test_json_has_to_be_json(server, instance):
    customer = start_chat(server, instance, SupportedMessagingContentTypes=[PLAIN, "application/json"]).connect()
    with refuses("ValidationException", 400):
        customer.say("{not json", "application/json")
    customer.socket.close()


@pytest.mark.parametrize(
    "request_",
    [
        {"ContentType": EVENT + "participant.joined"},
        {"ContentType": ENDED},
        {"ContentType": PLAIN, "Content": "x"},
        {"ContentType": READ},
        {"ContentType": READ, "Content": "not json"},
        {"ContentType": READ, "Content": "{}"},
        {"ContentType": READ, "Content": json.dumps({"messageId": NOWHERE})},
        {"ContentType": DELIVERED, "Content": json.dumps({"messageId": "no-id"})},
        {"ContentType": TYPING, "ClientToken": "t" * 501},
    ],
)
def test_an_event_that_may_not_be_sent(customer, unchecked, request_):
    with refuses("ValidationException", 400):
        unchecked[1].send_event(ConnectionToken=customer.connection_token, **request_)


# -- GetTranscript ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_",
    [
        {"MaxResults": 101},
        {"MaxResults": -1},
        {"ScanDirection": "SIDEWAYS"},
        {"SortOrder": "RANDOM"},
        {"NextToken": "made-up"},
        {"StartPosition": {"Id": NOWHERE}},
        {"StartPosition": {"Id": NOWHERE, "MostRecent": 1}},
        {"StartPosition": {"MostRecent": 101}},
        {"StartPosition": {"AbsoluteTime": "yesterday"}},
    ],
)
def test_a_transcript_that_cannot_be(customer, unchecked, request_):
    with refuses("ValidationException", 400):
        unchecked[1].get_transcript(ConnectionToken=customer.connection_token, **request_)


def test_a_page_token_belongs_to_its_chat(server, instance, customer):
    for number in range(3):
        customer.say(str(number))
    token = customer.transcript(MaxResults=1)["NextToken"]
    other = start_chat(server, instance).connect()
    with refuses("ValidationException", 400):
        other.transcript(MaxResults=1, NextToken=token)
    other.socket.close()


# -- the rest of the Participant Service ------------------------------------------------------------------------


def test_there_is_no_session_to_sign_in_to(customer):
    with refuses("ValidationException", 400):
        customer.client.get_authentication_url(
            SessionId=NOWHERE, RedirectUri="https://shop.example/back", ConnectionToken=customer.connection_token
        )
    with refuses("ValidationException", 400):
        customer.client.cancel_participant_authentication(SessionId=NOWHERE, ConnectionToken=customer.connection_token)


def test_there_is_no_such_view(customer):
    with refuses("ResourceNotFoundException", 404):
        customer.client.describe_view(ViewToken="a+view/token=", ConnectionToken=customer.connection_token)


# -- StartChatContact -------------------------------------------------------------------------------------------


def start(connect, instance, **more):
    request = {
        "InstanceId": instance.id,
        "ContactFlowId": instance.flow_id,
        "ParticipantDetails": {"DisplayName": "Jane"},
        **more,
    }
    return connect.start_chat_contact(**request)


@pytest.mark.parametrize(
    "more",
    [
        {"InstanceId": NOWHERE},
        {"ContactFlowId": NOWHERE},
        {"PersistentChat": {"SourceContactId": NOWHERE, "RehydrationType": "FROM_SEGMENT"}},
        {"RelatedContactId": NOWHERE},
    ],
)
def test_what_is_not_there_starts_no_chat(admin, instance, more):
    with refuses("ResourceNotFoundException", 404):
        start(admin, instance, **more)


@pytest.mark.parametrize(
    "more",
    [
        {"ParticipantDetails": {"DisplayName": ""}},
        {"ParticipantDetails": {"DisplayName": "   "}},
        {"ParticipantDetails": {"DisplayName": "n" * 257}},
        {"ParticipantDetails": {}},
        {"ChatDurationInMinutes": 59},
        {"ChatDurationInMinutes": 10081},
        {"SupportedMessagingContentTypes": ["text/markdown"]},
        {"SupportedMessagingContentTypes": [PLAIN, "text/html"]},
        {"InitialMessage": {"ContentType": "text/markdown", "Content": "**x**"}},
        {"InitialMessage": {"ContentType": PLAIN, "Content": ""}},
        {"Attributes": {"not a key": "x"}},
        {"Attributes": {"long": "x" * 32768}},
        {"ClientToken": "t" * 501},
        {"PersistentChat": {"RehydrationType": "FROM_SEGMENT"}},
        {"PersistentChat": {"SourceContactId": NOWHERE, "RehydrationType": "NO_SUCH_TYPE"}},
    ],
)
def test_a_chat_that_cannot_be_started(unchecked, instance, more):
    with pytest.raises(unchecked[0].exceptions.ClientError) as info:
        start(unchecked[0], instance, **more)
    reply = info.value.response
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 400, reply
    assert reply["Error"]["Code"] in ("InvalidRequestException", "InvalidParameterException"), reply


def test_only_a_chat_that_has_ended_can_be_continued(admin, instance, customer):
    source = {"SourceContactId": customer.contact_id, "RehydrationType": "FROM_SEGMENT"}
    with pytest.raises(admin.exceptions.ClientError) as info:
        start(admin, instance, PersistentChat=source)
    assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_related_contact_excludes_a_persistent_chat(admin, instance, customer):
    customer.disconnect()
    source = {"SourceContactId": customer.contact_id, "RehydrationType": "FROM_SEGMENT"}
    with refuses("InvalidRequestException", 400):
        start(admin, instance, PersistentChat=source, RelatedContactId=customer.contact_id)


def test_chats_have_a_quota_when_asked_for(tmp_path):
    with Server(tmp_path, "--limits", "aws", "--movable-clock") as server:
        server.calls_per_second = 1
        instance, connect = new_instance(server), server.connect()
        server.calls_per_second = 5
        for _ in range(500):
            start(connect, instance)
        with refuses("LimitExceededException", 429):
            start(connect, instance)


# -- operations on contacts -------------------------------------------------------------------------------------


def contact_calls(instance_id, contact_id):
    """Every operation that names a contact, with a request that is otherwise right."""
    where = {"InstanceId": instance_id, "ContactId": contact_id}
    initial = {"InstanceId": instance_id, "InitialContactId": contact_id}
    timers = [
        {"ParticipantRole": "CUSTOMER", "TimerType": "IDLE", "TimerValue": {"ParticipantTimerDurationInMinutes": 2}}
    ]
    bot = {"ParticipantRole": "CUSTOM_BOT", "DisplayName": "Robo"}
    topic = f"arn:aws:sns:{REGION}:123456789012:chats"
    return {
        "describe_contact": where,
        "stop_contact": where,
        "get_contact_attributes": initial,
        "update_contact_attributes": {"Attributes": {"a": "b"}, **initial},
        "update_contact": {"Name": "x", **where},
        "create_participant": {"ParticipantDetails": bot, **where},
        "update_participant_role_config": {
            "ChannelConfiguration": {"Chat": {"ParticipantTimerConfigList": timers}},
            **where,
        },
        "list_contact_references": {"ReferenceTypes": ["URL"], **where},
        "list_associated_contacts": where,
        "start_contact_streaming": {"ChatStreamingConfiguration": {"StreamingEndpointArn": topic}, **where},
        "stop_contact_streaming": {"StreamingId": NOWHERE, **where},
        "tag_contact": {"Tags": {"a": "b"}, **where},
        "untag_contact": {"TagKeys": ["a"], **where},
    }


@pytest.mark.parametrize("operation", contact_calls(NOWHERE, NOWHERE))
def test_an_unknown_contact_is_not_found(admin, instance, operation):
    with refuses("ResourceNotFoundException", 404):
        getattr(admin, operation)(**contact_calls(instance.id, NOWHERE)[operation])


@pytest.mark.parametrize("operation", contact_calls(NOWHERE, NOWHERE))
def test_a_contact_of_another_instance_is_not_found(server, admin, customer, operation):
    other = new_instance(server)
    with refuses("ResourceNotFoundException", 404):
        getattr(admin, operation)(**contact_calls(other.id, customer.contact_id)[operation])


@pytest.mark.parametrize(
    "timers",
    [
        [],
        [{"ParticipantRole": "CUSTOMER", "TimerType": "IDLE", "TimerValue": {"ParticipantTimerDurationInMinutes": 1}}],
        [
            {
                "ParticipantRole": "CUSTOMER",
                "TimerType": "IDLE",
                "TimerValue": {"ParticipantTimerDurationInMinutes": 481},
            }
        ],
        [{"ParticipantRole": "SYSTEM", "TimerType": "IDLE", "TimerValue": {"ParticipantTimerDurationInMinutes": 2}}],
        [{"ParticipantRole": "AGENT", "TimerType": "NAP", "TimerValue": {"ParticipantTimerDurationInMinutes": 2}}],
        [{"ParticipantRole": "AGENT", "TimerType": "IDLE", "TimerValue": {"ParticipantTimerAction": "Reset"}}],
        [{"ParticipantRole": "AGENT", "TimerType": "IDLE", "TimerValue": {"ParticipantTimerAction": "Unset"}}] * 2,
    ],
)
def test_timers_that_cannot_be_set(unchecked, instance, customer, timers):
    with pytest.raises(unchecked[0].exceptions.ClientError) as info:
        unchecked[0].update_participant_role_config(
            InstanceId=instance.id,
            ContactId=customer.contact_id,
            ChannelConfiguration={"Chat": {"ParticipantTimerConfigList": timers}},
        )
    assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_attributes_have_a_size_and_a_form(unchecked, instance, customer):
    for attributes in ({"not a key": "x"}, {"long": "x" * 32768}):
        with pytest.raises(unchecked[0].exceptions.ClientError) as info:
            unchecked[0].update_contact_attributes(
                InstanceId=instance.id, InitialContactId=customer.contact_id, Attributes=attributes
            )
        assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_reason_to_stop_is_for_campaigns_only(admin, instance, customer):
    with refuses("InvalidRequestException", 400):
        admin.stop_contact(
            InstanceId=instance.id, ContactId=customer.contact_id, DisconnectReason={"Code": "CUSTOMER_BUSY"}
        )


def test_an_ended_chat_takes_no_bot(admin, instance, customer):
    customer.disconnect()
    with pytest.raises(admin.exceptions.ClientError) as info:
        admin.create_participant(**contact_calls(instance.id, customer.contact_id)["create_participant"])
    assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404, 409)


# -- our own way to ask an agent in -----------------------------------------------------------------------------


def test_asking_an_agent_in_wants_a_signature_a_contact_and_a_name(server, customer):
    path = f"/_switchboard/contacts/{customer.contact_id}/participants"
    agent = {"role": "AGENT", "displayName": "Ann"}
    assert server.request("POST", path, agent).status == 403
    assert server.signed("POST", path, {**agent, "role": "CUSTOMER"}).status == 400
    assert server.signed("POST", path, {**agent, "displayName": " "}).status == 400
    assert server.signed("POST", path.replace(customer.contact_id, NOWHERE), agent).status == 404
    assert server.signed("POST", path, agent).status == 200
