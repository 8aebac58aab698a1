"""Room events: what clients say of themselves by the socket, and what others see of it."""

import json

import pytest
import websocket

from media import Room, send
from roomevents import RoomEvents
from selfsigned import Signer
from switchboard import PATIENCE_S, Server, poll


@pytest.fixture(scope="module")
def signer(ivs):
    return Signer(ivs)


@pytest.fixture
def join(room):
    sockets = []

    def join(token):
        sockets.append(RoomEvents(room, token))
        return sockets[-1]

    yield join
    for socket in sockets:
        socket.close()


def muted(participant_id, audio, video):
    names = ("audioMuted", "videoStopped")
    return lambda people: [people[participant_id][name] for name in names] == [audio, video]


def test_who_is_muted_is_shown_and_not_heard(room, join):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    speaker_id = speaker["participantId"]
    own, others = join(speaker), join(guest)
    room.publisher(speaker)
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker_id)
    viewer.frame("video")
    viewer.frame("audio")

    own.say("MUTE", audio=True, video=True)
    for socket in (own, others):
        socket.wait_state(muted(speaker_id, True, True))
    # Of what was under way a little may still come; then nothing does.
    poll(lambda: viewer.is_silent("audio", "video"), "silence")
    own.say("MUTE", audio=False, video=False)
    others.wait_state(muted(speaker_id, False, False))
    viewer.frame("video")
    viewer.frame("audio")
    assert "PUBLISH_STOPPED" not in room.events(speaker)


def test_who_comes_while_somebody_is_muted_hears_nothing(room, join):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    own = join(speaker)
    own.say("MUTE", audio=True)
    own.wait_state(muted(speaker["participantId"], True, False))
    room.publisher(speaker)
    room.wait_published(speaker)
    assert muted(speaker["participantId"], True, False)(join(guest).wait_state(bool))
    viewer = room.viewer(guest, speaker["participantId"])
    viewer.frame("video")
    assert viewer.received("audio") == 0
    # A newer connection of theirs is as muted.
    room.publisher(speaker)
    poll(lambda: room.events(guest).count("SUBSCRIBE_STARTED") == 2, "watching again")
    pts = viewer.frame("video").pts
    viewer.frame("video", lambda frame: frame.pts > pts)
    assert viewer.received("audio") == 0


def test_a_viewer_does_without_picture_or_sound(room, join):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    room.publisher(speaker)
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    viewer.frame("video")
    socket = join(guest)
    socket.say("PREFER_LAYER", participantId=speaker["participantId"], video=False)
    poll(lambda: viewer.is_silent("video"), "no picture")
    viewer.frame("audio")
    assert socket.hear("LAYER_SELECTED") == {"participantId": speaker["participantId"], "layer": None}
    socket.say("PREFER_LAYER", participantId=speaker["participantId"])
    # The only layer of somebody without simulcast has no name.
    assert socket.hear("LAYER_SELECTED") == {"participantId": speaker["participantId"], "layer": ""}
    viewer.frame("video")


def test_what_cannot_be_done_is_said(room, join):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    socket = join(guest)
    socket.say("PREFER_LAYER", participantId=speaker["participantId"], layer="hi")
    assert "not watched" in socket.hear("ERROR")["message"]
    for frame in ("", "hello", "[]", json.dumps({"type": "DANCE"}), json.dumps({"type": "MUTE", "payload": 1})):
        socket.socket.send(frame)
        assert socket.hear("ERROR")["message"]
    socket.socket.send_binary(b"\0")
    socket.say("PING")
    socket.hear("PONG")
    socket.socket.send("x" * 30_000)
    with pytest.raises((websocket.WebSocketException, ConnectionError)):
        socket.closing()
    poll(lambda: room.participant(guest)["state"] == "DISCONNECTED", "leaving")


def test_who_leaves_goes_by_all_connections(room, join):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    own, others = join(speaker), join(guest)
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    own.say("LEAVE")
    assert own.closing() == (1000, "user-initiated")
    publisher.wait_end()
    others.wait_people({guest["participantId"]: False})
    assert room.participant(speaker)["state"] == "DISCONNECTED"
    assert room.publisher(speaker).reply.status == 201, "the token is still good"


def test_who_is_put_out_is_told_why(room, join, ivs):
    guest, other = room.token("SUBSCRIBE"), room.token("SUBSCRIBE")
    socket = join(guest)
    ivs.disconnect_participant(stageArn=room.arn, participantId=guest["participantId"], reason="test")
    assert socket.closing() == (1008, "participant-disconnected")
    socket = join(other)
    newer = join(other)
    assert socket.closing() == (1008, "token-reused")
    stage = ivs.create_stage()["stage"]["arn"]
    ivs.delete_stage(arn=stage)
    ivs.delete_stage(arn=room.arn)
    assert newer.closing() == (1008, "stage-deleted")
    room.arn = ivs.create_stage()["stage"]["arn"]


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_a_newer_token_changes_who_they_are_and_what_they_may(room, join, signer):
    alice, guest = signer.token(room.stage, "alice"), room.token("SUBSCRIBE")
    own, others = join(alice), join(guest)
    publisher = room.publisher(alice)
    room.wait_published(alice)
    others.wait_state(lambda people: people.get("alice", {}).get("isPublishing"))

    newer = signer.token(
        room.stage,
        "alice",
        user_id="renamed",
        attributes={"color": "blue"},
        capabilities={"allow_subscribe": True},
    )
    own.say("EXCHANGE_TOKEN", token=newer["token"])
    own.hear("TOKEN_EXCHANGED")
    publisher.wait_end()
    people = others.wait_state(lambda people: not people["alice"]["isPublishing"])
    assert (people["alice"]["userId"], people["alice"]["attributes"]) == ("renamed", {"color": "blue"})
    assert people["alice"]["capabilities"] == ["SUBSCRIBE"]
    seen = room.participant(alice)
    assert (seen["userId"], seen["attributes"], seen["state"]) == ("renamed", {"color": "blue"}, "CONNECTED")
    refused = room.publisher(newer)
    assert (refused.reply.status, refused.reply.json["errorCode"]) == (403, "INSUFFICIENT_CAPABILITIES")

    where = {"stageArn": room.arn, "sessionId": room.session, "participantId": "alice"}
    listed = room.ivs.list_participant_events(**where)["events"]
    exchanged = next(event for event in listed if event["name"] == "TOKEN_EXCHANGED")
    assert exchanged["previousToken"]["capabilities"] == ["PUBLISH", "SUBSCRIBE"]
    assert exchanged["previousToken"]["userId"] == "user alice"
    assert exchanged["newToken"]["capabilities"] == ["SUBSCRIBE"]
    assert exchanged["newToken"]["attributes"] == {"color": "blue"}
    assert "LEFT" not in room.events(alice)

    # And back: what was taken can be given again.
    own.say("EXCHANGE_TOKEN", token=alice["token"])
    own.hear("TOKEN_EXCHANGED")
    assert room.publisher(alice).reply.status == 201


@pytest.mark.parametrize("whose", ["nobody", "another", "unsigned"])
def test_a_token_that_is_refused_puts_the_client_out(room, join, signer, whose):
    tokens = {
        "nobody": "no-token",
        "another": signer.token(room.stage, "bob")["token"],
        "unsigned": signer.token(room.stage, "alice")["token"][:-4] + "AAAA",
    }
    alice = signer.token(room.stage, "alice")
    socket = join(alice)
    publisher = room.publisher(alice)
    room.wait_published(alice)
    socket.say("EXCHANGE_TOKEN", token=tokens[whose])
    assert socket.closing() == (1008, "failed-exchange")
    publisher.wait_end()
    assert room.participant(alice)["state"] == "DISCONNECTED"
    assert "TOKEN_EXCHANGED" not in room.events(alice)


# -- bounds ------------------------------------------------------------------------------------------------------------


def test_sockets_and_sessions_are_bounded(tmp_path, loop):
    with Server(tmp_path, "--max-sockets", "2", "--max-stage-connections", "3") as server:
        room = Room(server.client("ivs-realtime"), loop)
        tokens = [room.token("PUBLISH") for _ in range(5)]
        sockets = [RoomEvents(room, token) for token in tokens[:2]]
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            RoomEvents(room, tokens[2])
        assert (refused.value.status_code, refused.value.resp_headers["retry-after"]) == (503, "1")
        publisher = room.publisher(tokens[0])
        assert publisher.reply.status == 201
        full = room.publisher(tokens[3])
        assert (full.reply.status, full.reply.headers["retry-after"]) == (503, "1")
        # Who comes back takes their own place.
        sockets[0] = RoomEvents(room, tokens[0])
        again = lambda: (peer := room.publisher(tokens[0])).reply.status == 201 and peer
        newer = poll(again, "the end of the older socket, which has a place until then")
        publisher.wait_end()
        assert send("DELETE", newer.session, tokens[0]["token"]).status == 200
        poll(lambda: room.publisher(tokens[3]).reply.status == 201, "a free place")
        metrics = server.request("GET", "/_switchboard/metrics").body.decode()
        assert "sockets 2" in metrics
        for socket in sockets:
            socket.close()
        room.close()


def test_a_socket_that_says_nothing_is_asked_whether_it_is_there(room, join):
    socket = join(room.token("SUBSCRIBE"))
    socket.socket.settimeout(PATIENCE_S)
    opcode, _ = socket.socket.recv_data(control_frame=True)
    while opcode != 9:
        opcode, _ = socket.socket.recv_data(control_frame=True)
