"""SIGKILL in the middle of a write load: what was acknowledged is there, once, in order."""

import threading

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from actors import new_instance, start_chat
from switchboard import Server

CHATS = 4


class Load(threading.Thread):
    """Somebody who says one thing after the other until nobody answers, and remembers what was acknowledged."""

    def __init__(self, participant):
        super().__init__(daemon=True)
        self.participant = participant
        self.acknowledged = []
        self.enough = threading.Event()

    def run(self):
        number = 0
        while True:
            try:
                reply = self.participant.say(f"message {number}")
            except (BotoCoreError, ClientError):
                return
            self.acknowledged.append((reply["Id"], reply["AbsoluteTime"], f"message {number}"))
            number += 1
            if number == 20:
                self.enough.set()


@pytest.mark.parametrize("round_", range(3))
def test_nothing_acknowledged_is_lost(tmp_path, round_):
    server = Server(tmp_path)
    server.start()
    instance = new_instance(server)
    customers = [start_chat(server, instance).connect() for _ in range(CHATS)]
    loads = [Load(customer) for customer in customers]
    for load in loads:
        load.start()
    for load in loads:
        assert load.enough.wait(30)
    server.kill()
    for load in loads:
        load.join(30)

    with Server(tmp_path) as server:
        for customer, load in zip(customers, loads, strict=True):
            back = type(customer)(server, customer.contact_id, customer.id, customer.token, customer.connection_token)
            stored = back.whole_transcript()
            messages = [
                (item["Id"], item["AbsoluteTime"], item["Content"]) for item in stored if item["Type"] == "MESSAGE"
            ]
            # The one that was under way may be there or not; everything before it is, exactly once, in order.
            assert messages[: len(load.acknowledged)] == load.acknowledged
            assert len(messages) <= len(load.acknowledged) + 1
            back.connect()
            back.say("after the crash")
            back.socket.wait_message("after the crash")
            back.socket.close()


def test_an_idempotent_call_is_still_one_after_a_crash(tmp_path):
    server = Server(tmp_path)
    server.start()
    customer = start_chat(server, new_instance(server)).connect()
    said = customer.say("once", ClientToken="the same token")
    server.kill()
    with Server(tmp_path) as server:
        back = type(customer)(server, customer.contact_id, customer.id, customer.token, customer.connection_token)
        assert back.say("once", ClientToken="the same token")["Id"] == said["Id"]
        assert [item["Type"] for item in back.whole_transcript()].count("MESSAGE") == 1


def test_a_second_server_does_not_take_a_folder_that_is_in_use(tmp_path):
    """Two writers would break what one promises: the second waits for the first, and serves when it is gone."""
    first, second = Server(tmp_path), Server(tmp_path)
    first.start()
    instance = new_instance(first)
    starting = threading.Thread(target=second.start, daemon=True)
    starting.start()
    first.connect().describe_instance(InstanceId=instance.id)
    first.stop()
    starting.join(30)
    assert not starting.is_alive()
    second.connect().describe_instance(InstanceId=instance.id)
    second.stop()
