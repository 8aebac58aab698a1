"""What happens in a chat because nothing did. The clock is the server's own, and these tests move it."""

import json
import sqlite3
from contextlib import closing

import pytest

from actors import DELIVERED, ENDED, EVENT, LEFT, READ, TYPING, ChatSocket, add_staff, new_instance, refuses, start_chat
from switchboard import Server, poll

IDLE, RETURNED = EVENT + "participant.idle", EVENT + "participant.returned"
AUTODISCONNECTION = EVENT + "participant.autodisconnection"


@pytest.fixture
def server(own_server):
    """Moving a clock moves it for every chat, so each of these tests has a server of its own."""
    return own_server


@pytest.fixture
def instance(server):
    return new_instance(server)


@pytest.fixture
def admin(server):
    return server.connect()


def set_timer(admin, instance, chat, role, timer, minutes):
    value = {"ParticipantTimerAction": "Unset"} if minutes is None else {"ParticipantTimerDurationInMinutes": minutes}
    timer = {"ParticipantRole": role, "TimerType": timer, "TimerValue": value}
    admin.update_participant_role_config(
        InstanceId=instance.id,
        ContactId=chat.contact_id,
        ChannelConfiguration={"Chat": {"ParticipantTimerConfigList": [timer]}},
    )


def has_ended(admin, instance, chat):
    contact = admin.describe_contact(InstanceId=instance.id, ContactId=chat.contact_id)["Contact"]
    return "DisconnectTimestamp" in contact


# -- connecting -------------------------------------------------------------------------------------------------


def test_a_customer_has_five_minutes_to_connect(server, admin, instance):
    late, in_time = start_chat(server, instance), start_chat(server, instance)
    server.advance(minutes=4, seconds=50)
    in_time.connect()
    server.advance(seconds=11)
    poll(lambda: has_ended(admin, instance, late), "the end of the chat nobody came to")
    with refuses("AccessDeniedException", 403):
        late.connect()
    in_time.say("I am here")
    in_time.socket.wait_message("I am here")


def test_a_custom_bot_has_fifteen_seconds(server, admin, instance):
    customer = start_chat(server, instance).connect()
    request = {
        "InstanceId": instance.id,
        "ContactId": customer.contact_id,
        "ParticipantDetails": {"ParticipantRole": "CUSTOM_BOT", "DisplayName": "Robo"},
    }
    token = admin.create_participant(**request)["ParticipantCredentials"]["ParticipantToken"]
    server.advance(seconds=16)

    def another_may_come():
        try:
            return admin.create_participant(**request)
        except admin.exceptions.ConflictException:
            return None

    poll(another_may_come, "the bot's place becoming free")
    with refuses("AccessDeniedException", 403):
        server.participant().create_participant_connection(ParticipantToken=token, Type=["WEBSOCKET"])


def test_a_socket_url_is_good_for_100_seconds(server, instance):
    customer = start_chat(server, instance).connect()
    early, late = (customer.create_connection("WEBSOCKET")["Websocket"]["Url"] for _ in range(2))
    server.advance(seconds=99)
    ChatSocket(early).close()
    server.advance(seconds=2)
    with pytest.raises(Exception, match="Handshake status 403"):
        ChatSocket(late)


def test_a_connection_token_lives_for_a_day(server, instance):
    customer = start_chat(server, instance, ChatDurationInMinutes=3 * 24 * 60).connect()
    server.advance(hours=23, minutes=59)
    customer.say("still good")
    server.advance(minutes=2)
    with refuses("AccessDeniedException", 403):
        customer.say("too old")
    credentials = customer.create_connection("CONNECTION_CREDENTIALS")["ConnectionCredentials"]
    customer.connection_token = credentials["ConnectionToken"]
    customer.say("good again")


# -- how long a chat may last -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "more"), [(1500, {}), (60, {"ChatDurationInMinutes": 60})])
def test_a_chat_ends_when_its_time_is_up(server, admin, instance, minutes, more):
    customer = start_chat(server, instance, **more).connect()
    server.advance(minutes=minutes - 1)
    credentials = customer.create_connection("CONNECTION_CREDENTIALS")["ConnectionCredentials"]
    customer.connection_token = credentials["ConnectionToken"]
    customer.say("one minute left")
    customer.socket.wait_message("one minute left")
    server.advance(minutes=1, seconds=1)
    customer.socket.wait_event(ENDED)
    assert has_ended(admin, instance, customer)
    with refuses("AccessDeniedException", 403):
        customer.say("too late")


# -- idle -------------------------------------------------------------------------------------------------------


def test_somebody_who_says_nothing_is_idle_until_they_speak(server, admin, instance):
    customer = start_chat(server, instance).connect()
    set_timer(admin, instance, customer, "CUSTOMER", "IDLE", 5)
    agent = add_staff(server, customer.contact_id).connect()
    server.advance(minutes=5, seconds=1)
    assert agent.socket.wait_event(IDLE)["ParticipantRole"] == "CUSTOMER"
    customer.socket.wait_event(IDLE)
    customer.say("sorry, the phone rang")
    agent.socket.wait_event(RETURNED)
    stored = {item.get("ContentType") for item in customer.whole_transcript()}
    assert not stored & {IDLE, RETURNED}, "these are told and not kept"


def test_a_message_starts_the_time_anew_and_typing_does_not(server, admin, instance):
    customer = start_chat(server, instance).connect()
    set_timer(admin, instance, customer, "CUSTOMER", "IDLE", 5)
    agent = add_staff(server, customer.contact_id).connect()
    server.advance(minutes=4)
    customer.say("let me look")
    server.advance(minutes=4)
    customer.send_event(TYPING)
    agent.say("take your time")
    agent.socket.wait_message("take your time")
    assert IDLE not in {item.get("ContentType") for item in agent.socket.items}
    server.advance(minutes=1, seconds=1)
    assert agent.socket.wait_event(IDLE)["ParticipantRole"] == "CUSTOMER"


def test_nobody_is_idle_while_alone(server, admin, instance):
    customer = start_chat(server, instance).connect()
    set_timer(admin, instance, customer, "CUSTOMER", "IDLE", 2)
    server.advance(minutes=30)
    agent = add_staff(server, customer.contact_id).connect()
    customer.socket.wait_event(EVENT + "participant.joined", "AGENT")
    agent.say("hello")
    customer.socket.wait_message("hello")
    assert IDLE not in {item.get("ContentType") for item in customer.socket.items}


def test_silence_puts_everybody_out_but_the_customer(server, admin, instance):
    customer = start_chat(server, instance).connect()
    set_timer(admin, instance, customer, "CUSTOMER", "DISCONNECT_NONCUSTOMER", 10)
    agent = add_staff(server, customer.contact_id).connect()
    server.advance(minutes=10, seconds=1)
    for somebody in (customer, agent):
        assert somebody.socket.wait_event(AUTODISCONNECTION)["ParticipantRole"] == "CUSTOMER"
        somebody.socket.wait_event(LEFT, "AGENT")
    # No disconnect flow is set, so nothing is left of the chat.
    customer.socket.wait_event(ENDED)
    with refuses("AccessDeniedException", 403):
        agent.say("hello?")


def test_an_unset_timer_does_not_run(server, admin, instance):
    customer = start_chat(server, instance).connect()
    set_timer(admin, instance, customer, "AGENT", "IDLE", 2)
    set_timer(admin, instance, customer, "AGENT", "IDLE", None)
    agent = add_staff(server, customer.contact_id).connect()
    server.advance(minutes=30)
    agent.say("awake")
    customer.socket.wait_message("awake")
    assert IDLE not in {item.get("ContentType") for item in customer.socket.items}


def test_timers_outlive_the_server(server, admin, instance):
    customer = start_chat(server, instance, ChatDurationInMinutes=60)
    server.restart_in_place()
    server.advance(minutes=5, seconds=1)
    poll(lambda: has_ended(admin, instance, customer), "the end of the chat nobody came to")


# -- what passes ------------------------------------------------------------------------------------------------


def passing(data, chat):
    """How many items the log of the chat holds that are in no transcript."""
    with closing(sqlite3.connect(data / "switchboard.db")) as database:
        found = database.execute("SELECT count(*) FROM chat_item WHERE chat_id = ? AND stored = 0", [chat.contact_id])
        return found.fetchone()[0]


def test_what_is_in_no_transcript_is_forgotten_after_hours(server, instance):
    customer = start_chat(server, instance).connect()
    agent = add_staff(server, customer.contact_id).connect()
    said = customer.say("hello")
    agent.receipt(READ, said["Id"])
    for _ in range(5):
        customer.send_event(TYPING)
    agent.socket.wait_event(TYPING)
    before = customer.whole_transcript()
    assert passing(server.data, customer) == 6
    server.advance(hours=2, seconds=1)
    poll(lambda: passing(server.data, customer) == 0, "the end of what passed")

    # Nobody misses anything: not who listened on, not who comes now, and the receipt is on its message.
    late = customer.another_socket()
    customer.say("still there?")
    for socket in (customer.socket, agent.socket, late):
        socket.wait_message("still there?")
    assert customer.socket.messages() == ["hello", "still there?"]
    assert late.messages() == ["still there?"]
    after = customer.whole_transcript()
    assert after[:-1] == before and "ReadTimestamp" in str(after)
    assert [item["Id"] for item in customer.socket.items].count(said["Id"]) == 1
    late.close()


def test_what_passes_comes_to_an_end_though_it_goes_on(server, instance):
    customer = start_chat(server, instance).connect()
    for _ in range(4):
        customer.send_event(TYPING)
        server.advance(minutes=50)
    poll(lambda: passing(server.data, customer) == 1, "the end of all but the newest")


# -- the clock itself -------------------------------------------------------------------------------------------


def test_items_show_the_time_that_was_moved_to(server, instance):
    customer = start_chat(server, instance).connect()
    before = customer.say("before")["AbsoluteTime"]
    server.advance(hours=2)
    after = customer.say("after")["AbsoluteTime"]
    assert after[:13] != before[:13] and after > before
    said = customer.say("read me")
    agent = add_staff(server, customer.contact_id).connect()
    agent.send_event(DELIVERED, Content=json.dumps({"messageId": said["Id"]}))
    customer.socket.wait_receipt(said["Id"], "DeliveredTimestamp")


def test_a_clock_that_was_not_asked_to_move_stays(tmp_path):
    with Server(tmp_path) as server:
        reply = server.signed("POST", "/_switchboard/clock/advance", {"seconds": 60})
        assert reply.status == 403
        assert server.request("POST", "/_switchboard/clock/advance", {"seconds": 60}).status == 403
