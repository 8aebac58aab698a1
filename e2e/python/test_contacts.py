"""Contacts around a chat: how they begin, what is noted on them, what hangs together, what is told of them later."""

import uuid

import pytest

from actors import ENDED, JOINED, PLAIN, ChatSocket, Participant, add_staff, new_instance, refuses, start_chat
from switchboard import ACCOUNT, REGION

NOWHERE = str(uuid.uuid4())
INTERACTIVE = "application/vnd.amazonaws.connect.message.interactive"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:chats"


def where(instance, chat):
    return {"InstanceId": instance.id, "ContactId": chat.contact_id}


def describe(admin, instance, chat):
    return admin.describe_contact(**where(instance, chat))["Contact"]


def attributes(admin, instance, chat):
    return admin.get_contact_attributes(InstanceId=instance.id, InitialContactId=chat.contact_id)["Attributes"]


def ended_chat(server, instance, *said, **more):
    chat = start_chat(server, instance, **more).connect()
    for text in said:
        chat.say(text)
    chat.disconnect()
    chat.socket.wait_event(ENDED)
    return chat


# -- StartChatContact -------------------------------------------------------------------------------------------


def start_signed(server, instance, **more):
    """StartChatContact with members that this boto3 does not know yet."""
    request = {
        "InstanceId": instance.id,
        "ContactFlowId": instance.flow_id,
        "ParticipantDetails": {"DisplayName": "Jane"},
        **more,
    }
    return server.signed("PUT", "/contact/chat", request, {"Content-Type": "application/json"})


def test_a_connection_comes_along_when_it_is_asked_for(server, instance):
    message = {"ContentType": PLAIN, "Content": "Hello?"}
    reply = start_signed(
        server, instance, ConnectionTypes=["WEBSOCKET", "CONNECTION_CREDENTIALS"], InitialMessage=message
    )
    assert reply.status == 200, reply
    made = reply.json
    assert made["ConnectionCredentials"].keys() == {"ConnectionToken", "Expiry"}
    assert made["Websocket"].keys() == {"Url", "ConnectionExpiry"}
    assert "StreamingId" not in made and "ContinuedFromContactId" not in made
    customer = Participant(
        server,
        made["ContactId"],
        made["ParticipantId"],
        made["ParticipantToken"],
        made["ConnectionCredentials"]["ConnectionToken"],
        ChatSocket(made["Websocket"]["Url"]),
    )
    customer.say("without another call")
    customer.socket.wait_message("without another call")
    assert [item.get("Content") for item in customer.whole_transcript()] == [None, "Hello?", "without another call"]
    # The token of the reply is good for the usual way in as well, which lets nobody in twice.
    customer.connect().say("by the usual way")
    assert [item.get("ContentType") for item in customer.whole_transcript()].count(JOINED) == 1


@pytest.mark.parametrize(
    ("types", "members"),
    [
        (["WEBSOCKET"], {"Websocket"}),
        (["CONNECTION_CREDENTIALS"], {"ConnectionCredentials"}),
        (["AUTHENTICATION_SESSION", "WEBRTC_CONNECTION"], set()),
    ],
)
def test_only_what_is_asked_for_comes_along(server, instance, types, members):
    made = start_signed(server, instance, ConnectionTypes=types).json
    assert made.keys() == {"ContactId", "ParticipantId", "ParticipantToken"} | members


def test_the_same_call_again_gets_another_connection_until_the_chat_is_over(server, instance):
    request = {"ConnectionTypes": ["CONNECTION_CREDENTIALS"], "ClientToken": str(uuid.uuid4())}
    first, second = (start_signed(server, instance, **request).json for _ in range(2))
    assert first["ContactId"] == second["ContactId"]
    tokens = [made["ConnectionCredentials"]["ConnectionToken"] for made in (first, second)]
    assert len(set(tokens)) == 2
    participant = server.participant()
    for token in tokens:
        participant.send_message(ContentType=PLAIN, Content="both are good", ConnectionToken=token)
    participant.disconnect_participant(ConnectionToken=tokens[0])
    third = start_signed(server, instance, **request).json
    assert third["ContactId"] == first["ContactId"] and "ConnectionCredentials" not in third


def test_a_stream_comes_along_when_it_is_asked_for(server, admin, instance):
    streaming = {"StreamingEndpointArn": TOPIC}
    made = start_signed(server, instance, ChatStreamingConfiguration=streaming).json
    admin.stop_contact_streaming(
        InstanceId=instance.id, ContactId=made["ContactId"], StreamingId=made["StreamingId"]
    )
    wrong = start_signed(server, instance, ChatStreamingConfiguration={"StreamingEndpointArn": TOPIC + ".fifo"})
    assert (wrong.status, wrong.error) == (400, "InvalidRequestException")


def test_types_of_connection_that_are_none_are_refused(server, instance):
    for types in ([], ["SMOKE_SIGNALS"], ["WEBSOCKET", "CONNECTION_CREDENTIALS", "WEBSOCKET"]):
        reply = start_signed(server, instance, ConnectionTypes=types)
        assert (reply.status, reply.error) == (400, "InvalidRequestException"), types


def test_a_flow_has_to_be_one_that_begins_chats(server, admin, instance):
    flows = admin.list_contact_flows(InstanceId=instance.id, ContactFlowTypes=["CUSTOMER_QUEUE"])
    for flow in (flows["ContactFlowSummaryList"][0]["Id"], f"{instance.flow_id}:$SAVED"):
        with refuses("InvalidRequestException", 400):
            start_chat(server, instance, ContactFlowId=flow)


def test_a_flow_of_another_instance_is_not_found(server, instance):
    other = new_instance(server)
    for flow in (other.flow_id, f"{other.arn}/contact-flow/{other.flow_id}"):
        with refuses("ResourceNotFoundException", 404):
            start_chat(server, instance, ContactFlowId=flow)


def test_a_token_is_good_for_one_instance(server, instance):
    token, other = str(uuid.uuid4()), new_instance(server)
    first, second = (start_chat(server, each, ClientToken=token) for each in (instance, other))
    assert first.contact_id != second.contact_id


def test_segment_attributes_say_what_kind_of_chat_it_is(server, admin, instance):
    plain = start_chat(server, instance)
    assert describe(admin, instance, plain)["SegmentAttributes"] == {"connect:Subtype": {"ValueString": "connect:Chat"}}
    guide = start_chat(
        server,
        instance,
        SupportedMessagingContentTypes=[PLAIN, INTERACTIVE, INTERACTIVE + ".response"],
        SegmentAttributes={"connect:Subtype": {"ValueString": "connect:Guide"}, "colour": {"ValueString": "blue"}},
    )
    assert describe(admin, instance, guide)["SegmentAttributes"] == {
        "connect:Subtype": {"ValueString": "connect:Guide"},
        "colour": {"ValueString": "blue"},
    }


@pytest.mark.parametrize(
    "segment_attributes",
    [
        {"connect:Subtype": {"ValueString": "connect:Guide"}},
        {"connect:Subtype": {"ValueString": "connect:Nonsense"}},
        {"connect:Other": {"ValueString": "x"}},
        {"not a key": {"ValueString": "x"}},
        {"number": {"ValueInteger": 1}},
        {"list": {"ValueList": [{"ValueString": "x"}]}},
        {"map": {"ValueMap": {"a": {"ValueString": "x"}}}},
        {"arn": {"ValueArn": "arn:aws:connect:us-east-1:123456789012:instance/x"}},
        {"none": {}},
        {"two": {"ValueString": "x", "ValueInteger": 1}},
    ],
)
def test_segment_attributes_that_cannot_be(server, instance, segment_attributes):
    with refuses("InvalidRequestException", 400):
        start_chat(server, instance, SegmentAttributes=segment_attributes)


def test_a_related_contact_hands_on_what_is_known_of_it(server, admin, instance):
    first = start_chat(server, instance, Attributes={"a": "1", "b": "2"}, CustomerId="customer-7")
    admin.update_contact(Name="The order", References={"order": {"Value": "42", "Type": "NUMBER"}}, **where(instance, first))
    second = start_chat(server, instance, RelatedContactId=first.contact_id, Attributes={"b": "3"})
    contact = describe(admin, instance, second)
    assert contact["RelatedContactId"] == first.contact_id
    assert contact["ContactAssociationId"] == first.contact_id
    assert (contact["Name"], contact["CustomerId"]) == ("The order", "customer-7")
    assert attributes(admin, instance, second) == contact["Attributes"] == {"a": "1", "b": "3"}
    assert attributes(admin, instance, first) == {"a": "1", "b": "2"}


def test_a_past_chat_is_continued_from_its_first_contact(server, admin, instance):
    past = ended_chat(server, instance, "long ago", Attributes={"a": "1"})
    for rehydration in ("ENTIRE_PAST_SESSION", "FROM_SEGMENT"):
        source = {"SourceContactId": past.contact_id, "RehydrationType": rehydration}
        made = admin.start_chat_contact(
            InstanceId=instance.id,
            ContactFlowId=instance.flow_id,
            ParticipantDetails={"DisplayName": "Jane"},
            PersistentChat=source,
        )
        assert made["ContinuedFromContactId"] == past.contact_id
        contact = admin.describe_contact(InstanceId=instance.id, ContactId=made["ContactId"])["Contact"]
        assert contact["RelatedContactId"] == contact["ContactAssociationId"] == past.contact_id
        assert contact["Attributes"] == {"a": "1"}


@pytest.mark.parametrize(
    "source", [{"RehydrationType": "FROM_SEGMENT"}, {"SourceContactId": NOWHERE}, {}]
)
def test_a_past_chat_has_to_be_named(server, instance, source):
    with refuses("InvalidRequestException", 400):
        start_chat(server, instance, PersistentChat=source)


def test_a_past_chat_of_another_instance_is_not_found(server, instance):
    past = ended_chat(server, new_instance(server))
    for more in (
        {"PersistentChat": {"SourceContactId": past.contact_id, "RehydrationType": "ENTIRE_PAST_SESSION"}},
        {"RelatedContactId": past.contact_id},
    ):
        with refuses("ResourceNotFoundException", 404):
            start_chat(server, instance, **more)


# -- DescribeContact --------------------------------------------------------------------------------------------


def test_a_contact_is_described_as_it_goes(server, admin, instance):
    chat = start_chat(server, instance, CustomerId="customer-7")
    contact = describe(admin, instance, chat)
    assert contact.keys() == {
        "Arn", "Id", "ContactAssociationId", "InitiationMethod", "Channel", "InitiationTimestamp",
        "LastUpdateTimestamp", "CustomerId", "SegmentAttributes",
    }  # fmt: skip
    assert contact["ContactAssociationId"] == chat.contact_id

    chat.connect()
    agent = add_staff(server, chat.contact_id, userId="user-1").connect()
    contact = describe(admin, instance, chat)
    assert contact["ConnectedToSystemTimestamp"] >= contact["InitiationTimestamp"]
    assert contact["AgentInfo"].keys() == {"Id", "ConnectedToAgentTimestamp"}
    assert contact["AgentInfo"]["Id"] == "user-1"
    assert "DisconnectTimestamp" not in contact and "ChatMetrics" not in contact

    agent.disconnect()
    chat.socket.wait_event(ENDED)
    contact = describe(admin, instance, chat)
    assert contact["DisconnectReason"] == "AGENT_DISCONNECT"
    assert contact["LastUpdateTimestamp"] >= contact["DisconnectTimestamp"] >= contact["ConnectedToSystemTimestamp"]


def test_a_contact_that_is_over_has_its_numbers(server, admin, instance):
    chat = start_chat(server, instance).connect()
    agent = add_staff(server, chat.contact_id).connect()
    for number in range(250):
        chat.say(f"{number:03}")
    agent.say("enough")
    chat.disconnect()
    chat.socket.wait_event(ENDED)
    metrics = describe(admin, instance, chat)["ChatMetrics"]
    whole = metrics["ChatContactMetrics"]
    assert (whole["TotalMessages"], whole["TotalBotMessages"], whole["ConversationTurnCount"]) == (251, 0, 1)
    assert whole["MultiParty"] is False and whole["AgentFirstResponseTimeInMillis"] >= 0
    customer, staff = metrics["CustomerMetrics"], metrics["AgentMetrics"]
    assert (customer["ParticipantId"], customer["ParticipantType"]) == (chat.id, "CUSTOMER")
    assert (customer["MessagesSent"], customer["MessageLengthInChars"]) == (250, 750)
    assert (staff["ParticipantId"], staff["MessagesSent"], staff["NumResponses"]) == (agent.id, 1, 1)


def test_a_stopped_contact_says_that_it_was(admin, instance, customer):
    assert admin.stop_contact(**where(instance, customer))["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert describe(admin, instance, customer)["DisconnectReason"] == "API"


def test_a_contact_can_be_stopped_before_its_customer_comes(server, admin, instance):
    chat = start_chat(server, instance)
    admin.stop_contact(**where(instance, chat))
    with refuses("AccessDeniedException", 403):
        chat.connect()


# -- what is noted on a contact ---------------------------------------------------------------------------------


def test_attributes_can_be_changed_after_the_end_and_are_never_lost(server, admin, instance):
    chat = ended_chat(server, instance, Attributes={"a": "1"})
    admin.update_contact_attributes(
        InstanceId=instance.id, InitialContactId=chat.contact_id, Attributes={"b": "", "c": "ü"}
    )
    assert attributes(admin, instance, chat) == {"a": "1", "b": "", "c": "ü"}


def test_attributes_have_a_size_in_all(admin, instance, customer):
    def update(**attributes):
        admin.update_contact_attributes(
            InstanceId=instance.id, InitialContactId=customer.contact_id, Attributes=attributes
        )

    update(a="x" * 16383, b="x" * 16383)
    with refuses("InvalidRequestException", 400, says="32768"):
        update(c="")
    with refuses("InvalidRequestException", 400):
        update(**{"not a key": "x"})
    update(a="", c="x")
    assert attributes(admin, instance, customer).keys() == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("kind", "value", "member"),
    [
        ("URL", "https://shop.example/1", "Url"),
        ("NUMBER", "42.5", "Number"),
        ("STRING", "text", "String"),
        ("DATE", "1767323045", "Date"),
        ("EMAIL", "jane@example.com", "Email"),
    ],
)
def test_a_reference_is_listed_by_its_kind(admin, instance, customer, kind, value, member):
    admin.update_contact(References={"ref": {"Type": kind, "Value": value}}, **where(instance, customer))
    admin.update_contact(References={"other": {"Type": "URL", "Value": "https://x.example"}}, **where(instance, customer))

    def listed(*kinds):
        answer = admin.list_contact_references(ReferenceTypes=list(kinds), **where(instance, customer))
        assert "NextToken" not in answer
        return answer["ReferenceSummaryList"]

    assert {member: {"Name": "ref", "Value": value}} in listed(kind)
    assert listed("ATTACHMENT") == []
    assert len(listed("URL", "NUMBER", "STRING", "DATE", "EMAIL")) == 2
    with refuses("InvalidRequestException", 400):
        admin.list_contact_references(ReferenceTypes=[kind], NextToken="made-up", **where(instance, customer))


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"References": {"r": {"Type": "ATTACHMENT", "Value": "x"}}},
        {"References": {"r": {"Type": "EMAIL_MESSAGE", "Value": "x"}}},
        {"References": {"r": {"Type": "NUMBER", "Value": "many"}}},
        {"References": {"r": {"Type": "DATE", "Value": "yesterday"}}},
        {"References": {"r": {"Type": "URL"}}},
        {"References": {"r": {"Type": "STRING", "Value": "x" * 4096}}},
        {"QueueInfo": {"Id": NOWHERE}},
        {"UserInfo": {"UserId": NOWHERE}},
        {"CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+15550100"}},
        {"SystemEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": "+15550100"}},
        {"SegmentAttributes": {"connect:Subtype": {"ValueString": "connect:Guide"}}},
        {"SegmentAttributes": {"a": {"ValueString": "x", "ValueInteger": 1}}},
        {"SegmentAttributes": {"connect:ContactExpiry": {"ValueInteger": 60}}},
        {"SegmentAttributes": {"connect:ContactExpiry": {"ValueMap": {"ExpiryDuration": {"ValueString": "60"}}}}},
    ],
)
def test_an_update_that_cannot_be(admin, instance, customer, update):
    with refuses("InvalidRequestException", 400):
        admin.update_contact(**update, **where(instance, customer))


def test_segment_attributes_are_added_to(admin, instance, customer):
    admin.update_contact(
        SegmentAttributes={"connect:ContactExpiry": {"ValueMap": {"ExpiryDuration": {"ValueInteger": 60}}}},
        **where(instance, customer),
    )
    admin.update_contact(SegmentAttributes={"mine": {"ValueString": "x"}}, **where(instance, customer))
    assert describe(admin, instance, customer)["SegmentAttributes"] == {
        "connect:Subtype": {"ValueString": "connect:Chat"},
        "connect:ContactExpiry": {"ValueMap": {"ExpiryDuration": {"ValueInteger": 60}}},
        "mine": {"ValueString": "x"},
    }


def test_a_contact_has_six_tags_at_most(admin, instance, customer):
    admin.tag_contact(Tags={str(number): "x" for number in range(6)}, **where(instance, customer))
    admin.tag_contact(Tags={"0": "y"}, **where(instance, customer))
    with refuses("InvalidRequestException", 400):
        admin.tag_contact(Tags={"6": "x"}, **where(instance, customer))
    admin.untag_contact(TagKeys=["0", "absent"], **where(instance, customer))
    admin.tag_contact(Tags={"6": "x"}, **where(instance, customer))
    assert describe(admin, instance, customer)["Tags"].keys() == {"1", "2", "3", "4", "5", "6"}


def test_a_tag_of_aws_cannot_be_set(admin, instance, customer):
    with refuses("InvalidRequestException", 400):
        admin.tag_contact(Tags={"aws:mine": "x"}, **where(instance, customer))


# -- what hangs together ----------------------------------------------------------------------------------------


def test_contacts_that_hang_together_are_listed_oldest_first(server, admin, instance):
    first = ended_chat(server, instance)
    source = {"SourceContactId": first.contact_id, "RehydrationType": "FROM_SEGMENT"}
    second = start_chat(server, instance, PersistentChat=source)
    third = start_chat(server, instance, RelatedContactId=second.contact_id)
    start_chat(server, instance)
    expected = [each.contact_id for each in (first, second, third)]
    for each in (first, third):
        listed = admin.list_associated_contacts(**where(instance, each))["ContactSummaryList"]
        assert [contact["ContactId"] for contact in listed] == expected
    assert listed[1].keys() == {
        "ContactId", "ContactArn", "InitiationTimestamp", "InitialContactId", "RelatedContactId", "InitiationMethod",
        "Channel",
    }  # fmt: skip
    assert listed[1]["ContactArn"] == f"{instance.arn}/contact/{second.contact_id}"
    assert listed[0]["DisconnectTimestamp"] and "DisconnectTimestamp" not in listed[1]

    pages = admin.get_paginator("list_associated_contacts") if admin.can_paginate("list_associated_contacts") else None
    assert pages is None, "use it here, now that there is one"
    seen, page = [], {}
    while True:
        answer = admin.list_associated_contacts(MaxResults=1, **page, **where(instance, first))
        seen += [contact["ContactId"] for contact in answer["ContactSummaryList"]]
        if "NextToken" not in answer:
            break
        page = {"NextToken": answer["NextToken"]}
    assert seen == expected
    with refuses("InvalidRequestException", 400):
        admin.list_associated_contacts(NextToken="made-up", **where(instance, first))


# -- participants -----------------------------------------------------------------------------------------------


def bot(admin, instance, chat, **more):
    details = {"ParticipantRole": "CUSTOM_BOT", "DisplayName": "Robo"}
    return admin.create_participant(ParticipantDetails={**details, **more.pop("Details", {})}, **more, **where(instance, chat))


def test_adding_a_bot_again_with_the_same_token_is_the_same_bot(server, admin, instance, customer):
    token = str(uuid.uuid4())
    first, second = (bot(admin, instance, customer, ClientToken=token) for _ in range(2))
    assert first["ParticipantId"] == second["ParticipantId"]
    other = start_chat(server, instance).connect()
    assert bot(admin, instance, other, ClientToken=token)["ParticipantId"] != first["ParticipantId"]


def test_a_bot_cannot_come_beside_an_agent(admin, instance, customer, agent):
    with refuses("ConflictException", 409):
        bot(admin, instance, customer)


def test_a_chat_holds_six(server, admin, instance, customer):
    for number in range(5):
        add_staff(server, customer.contact_id, role="SUPERVISOR", name=f"Sue {number}", silent=True).connect()
    with refuses("ServiceQuotaExceededException", 402):
        bot(admin, instance, customer)


@pytest.mark.parametrize("details", [{"DisplayName": "  "}, {"ParticipantRole": "AGENT"}])
def test_a_bot_has_a_role_and_a_name(admin, instance, customer, details):
    with refuses("InvalidRequestException", 400):
        bot(admin, instance, customer, Details=details)


def test_what_is_for_contacts_that_go_on_is_refused_after_the_end(server, admin, instance):
    chat = ended_chat(server, instance)
    timer = {"ParticipantRole": "AGENT", "TimerType": "IDLE", "TimerValue": {"ParticipantTimerAction": "Unset"}}
    with refuses("InvalidRequestException", 400):
        bot(admin, instance, chat)
    with refuses("InvalidRequestException", 400):
        admin.update_participant_role_config(
            ChannelConfiguration={"Chat": {"ParticipantTimerConfigList": [timer]}}, **where(instance, chat)
        )


@pytest.mark.parametrize(
    ("configuration", "says"),
    [
        ({}, "Chat"),
        ({"Chat": {"ParticipantTimerConfigList": [{"TimerValue": {}}]}}, "TimerValue"),
        (
            {
                "Chat": {
                    "ParticipantTimerConfigList": [
                        {"TimerValue": {"ParticipantTimerAction": "Unset", "ParticipantTimerDurationInMinutes": 5}}
                    ]
                }
            },
            "TimerValue",
        ),
    ],
)
def test_a_timer_is_one_thing(server, instance, customer, configuration, says):
    for timer in configuration.get("Chat", {}).get("ParticipantTimerConfigList", []):
        timer.update(ParticipantRole="AGENT", TimerType="IDLE")
    with refuses("InvalidRequestException", 400, says=says):
        server.connect(validate=False).update_participant_role_config(
            ChannelConfiguration=configuration, **where(instance, customer)
        )
