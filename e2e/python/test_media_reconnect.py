"""Publishers who reconnect: viewers stay, see the new connection, and go when the publisher is gone for good."""

import pytest

from eventstream import EventStream
from media import GREY, Room, brightness, send
from roomevents import RoomEvents
from selfsigned import Signer
from switchboard import Server, poll


@pytest.fixture
def watched(room):
    """A publisher, somebody who watches them, and a socket that tells of both."""
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    viewer.frame("video")
    room.wait_event(guest, "SUBSCRIBE_STARTED")
    events = RoomEvents(room, guest)
    events.wait_people({speaker["participantId"]: True, guest["participantId"]: False})
    yield speaker, guest, publisher, viewer, events
    events.close()


def subscribing(room, guest):
    return [name for name in reversed(room.events(guest)) if name.startswith("SUBSCRIBE")]


def test_viewers_are_turned_to_the_new_connection(room, watched):
    speaker, guest, publisher, viewer, events = watched
    newer = room.publisher(speaker)
    assert newer.reply.status == 201
    publisher.wait_end()
    # Who watches is told of the moment between, and keeps the connection.
    events.wait_people({speaker["participantId"]: False, guest["participantId"]: False})
    events.wait_people({speaker["participantId"]: True, guest["participantId"]: False})
    started = ["SUBSCRIBE_STARTED", "SUBSCRIBE_STOPPED", "SUBSCRIBE_STARTED"]
    poll(lambda: subscribing(room, guest) == started, "watching again")
    pts = viewer.frame("video").pts
    assert abs(brightness(viewer.frame("video", lambda frame: frame.pts > pts)) - GREY) < 8
    assert viewer.frame("audio")
    assert not viewer.ended.is_set()
    assert room.participant(guest)["state"] == "CONNECTED"
    assert room.events(guest).count("JOINED") == 1


def test_viewers_wait_for_somebody_whose_connection_broke(room, watched):
    speaker, guest, publisher, viewer, events = watched
    # No DELETE: it may have been the network.
    publisher.close()
    events.wait_people({guest["participantId"]: False})
    poll(lambda: room.participant(speaker)["state"] == "DISCONNECTED", "leaving")
    poll(lambda: subscribing(room, guest) == ["SUBSCRIBE_STARTED", "SUBSCRIBE_STOPPED"], "watching no longer")
    assert room.participant(guest)["state"] == "CONNECTED"
    room.publisher(speaker)
    events.wait_people({speaker["participantId"]: True, guest["participantId"]: False})
    poll(lambda: subscribing(room, guest)[-1] == "SUBSCRIBE_STARTED", "watching again")
    pts = viewer.frame("video").pts
    viewer.frame("video", lambda frame: frame.pts > pts)
    assert not viewer.ended.is_set()


def test_viewers_go_with_somebody_who_says_goodbye(room, watched):
    speaker, guest, publisher, viewer, events = watched
    assert send("DELETE", publisher.session, speaker["token"]).status == 200
    viewer.wait_end(5)
    events.wait_people({guest["participantId"]: False})
    poll(lambda: subscribing(room, guest) == ["SUBSCRIBE_STARTED", "SUBSCRIBE_STOPPED"], "watching no longer")


def test_viewers_go_when_nobody_comes_back(room, watched):
    speaker, guest, publisher, viewer, events = watched
    publisher.close()
    events.wait_people({guest["participantId"]: False})
    assert not viewer.ended.is_set()
    viewer.wait_end()
    assert room.publisher(speaker).reply.status == 201


def test_viewers_do_not_wait_for_somebody_who_may_not_come_back(room, watched, ivs):
    speaker, guest, publisher, viewer, events = watched
    publisher.close()
    events.wait_people({guest["participantId"]: False})
    ivs.disconnect_participant(stageArn=room.arn, participantId=speaker["participantId"])
    viewer.wait_end(2)


def test_viewers_of_a_replica_come_anew_when_its_publisher_comes_to_another_thread(tmp_path, loop):
    with Server(tmp_path, "--media-shards", "2") as server:
        first, second = (Room(server.client("ivs-realtime"), loop) for _ in range(2))
        signer = Signer(first.ivs)
        speaker, there = (signer.token(room.stage, "alice") for room in (first, second))
        first.publisher(speaker)
        first.wait_published(speaker)
        first.ivs.start_participant_replication(
            sourceStageArn=first.arn, destinationStageArn=second.arn, participantId="alice"
        )
        guest = second.token("SUBSCRIBE")
        viewer = second.viewer(guest, "alice")
        viewer.frame("video")
        events = EventStream(send("POST", viewer.session + "/sse", guest["token"]).headers["location"])
        events.wait(("active", {}))
        assert second.publisher(there).reply.status == 201
        events.wait(("reconnect", {}))
        assert events.next() is None
        events.close()
        viewer.wait_end()
        assert second.viewer(guest, "alice").frame("video")
        for room in (first, second):
            room.close()


def test_viewers_of_a_replica_are_turned_too(room, ivs, loop):
    speaker = room.token("PUBLISH")
    room.publisher(speaker)
    room.wait_published(speaker)
    second = Room(ivs, loop)
    stages = {"sourceStageArn": room.arn, "destinationStageArn": second.arn}
    ivs.start_participant_replication(**stages, participantId=speaker["participantId"], reconnectWindowSeconds=30)
    guest = second.token("SUBSCRIBE")
    viewer = second.viewer(guest, speaker["participantId"])
    viewer.frame("video")
    room.publisher(speaker)
    poll(lambda: subscribing(second, guest)[1:] == ["SUBSCRIBE_STOPPED", "SUBSCRIBE_STARTED"], "watching again")
    pts = viewer.frame("video").pts
    viewer.frame("video", lambda frame: frame.pts > pts)
    second.close()
