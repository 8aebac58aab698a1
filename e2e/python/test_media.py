"""The media plane: aiortc publishes by WHIP and watches by WHEP, and the history of the stage tells the truth."""

import json
import time

import pytest
import websocket

from media import GREY, HEIGHT, WIDTH, Room, brightness, send
from switchboard import PATIENCE_S, Server, poll

FRAGMENT = "application/trickle-ice-sdpfrag"


def test_one_publishes_and_another_sees_and_hears_it(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker)
    assert publisher.reply.status == 201, publisher.reply
    assert publisher.reply.headers["content-type"] == "application/sdp"
    assert publisher.reply.headers["etag"].startswith('"')
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    assert viewer.reply.status == 201, viewer.reply
    picture = viewer.frame("video", lambda frame: (frame.width, frame.height) == (WIDTH, HEIGHT))
    assert abs(brightness(picture) - GREY) < 8
    assert viewer.frame("audio").sample_rate == 48_000

    seen = room.participant(speaker)
    assert (seen["state"], seen["published"], seen["protocol"]) == ("CONNECTED", True, "WHIP")
    assert seen["browserName"] == "OBS Studio" and seen["browserVersion"] == "32.1.0"
    room.wait_event(guest, "SUBSCRIBE_STARTED")
    watching = room.participant(guest)
    assert (watching["state"], watching["published"]) == ("CONNECTED", False)
    assert room.ivs.get_stage(arn=room.arn)["stage"]["activeSessionId"] == room.session

    assert send("DELETE", viewer.session, guest["token"]).status == 200
    assert room.participant(guest)["state"] == "DISCONNECTED"
    viewer.wait_end()
    assert send("DELETE", viewer.session, guest["token"]).status == 404
    assert sorted(room.events(guest)) == ["JOINED", "LEFT", "SUBSCRIBE_STARTED", "SUBSCRIBE_STOPPED"]


def test_somebody_who_is_disconnected_is_cut_at_once_and_stays_out(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker, f"/publish/{speaker['participantId']}")
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    viewer.frame("video")
    begun = time.monotonic()
    room.ivs.disconnect_participant(stageArn=room.arn, participantId=speaker["participantId"], reason="test")
    publisher.wait_end()
    assert time.monotonic() - begun < 1
    assert room.participant(speaker)["state"] == "DISCONNECTED"
    # What the viewer watched is gone, and so is the viewer.
    viewer.wait_end()
    room.wait_event(guest, "LEFT")
    again = room.publisher(speaker)
    assert again.reply.status == 403, again.reply


def test_a_newer_connection_takes_the_place_of_the_older(room):
    speaker = room.token("PUBLISH")
    older = room.publisher(speaker)
    room.wait_published(speaker)
    newer = room.publisher(speaker)
    assert newer.reply.status == 201
    older.wait_end()
    poll(lambda: room.events(speaker).count("PUBLISH_STARTED") == 2, "publishing again")
    assert room.participant(speaker)["state"] == "CONNECTED"
    assert not newer.ended.is_set()


def test_a_client_that_closes_is_gone_from_the_history(room):
    speaker = room.token("PUBLISH")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    publisher.close()
    room.wait_event(speaker, "LEFT")
    gone = room.participant(speaker)
    assert (gone["state"], gone["published"]) == ("DISCONNECTED", True)


def test_somebody_is_seen_on_a_second_stage(room, ivs, loop):
    speaker = room.token("PUBLISH")
    room.publisher(speaker)
    room.wait_published(speaker)
    second = Room(ivs, loop)
    stages = {"sourceStageArn": room.arn, "destinationStageArn": second.arn}
    ivs.start_participant_replication(**stages, participantId=speaker["participantId"])
    guest = second.token("SUBSCRIBE")
    viewer = second.viewer(guest, speaker["participantId"])
    assert viewer.reply.status == 201, viewer.reply
    assert abs(brightness(viewer.frame("video")) - GREY) < 8
    second.wait_event(guest, "SUBSCRIBE_STARTED")
    ivs.stop_participant_replication(**stages, participantId=speaker["participantId"])
    viewer.wait_end()
    assert room.participant(speaker)["state"] == "CONNECTED"
    viewer.close()
    ivs.delete_stage(arn=second.arn)


def test_the_deletion_of_a_stage_ends_all_connections(ivs, loop):
    room = Room(ivs, loop)
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    viewer.frame("audio")
    ivs.delete_stage(arn=room.arn)
    publisher.wait_end()
    viewer.wait_end()
    assert room.publisher(speaker).reply.status == 404
    for peer in room.peers:
        peer.close()


def test_clients_are_told_of_the_operators_turn_servers(tmp_path, loop):
    flags = ("--ice-server", "stun:a.example.com", "--ice-server", "turn:b.example.com,me,secret")
    with Server(tmp_path, *flags) as server:
        room = Room(server.client("ivs-realtime"), loop)
        publisher = room.publisher(room.token("PUBLISH"))
        links = publisher.reply.headers["link"]
        assert '<turn:b.example.com>; rel="ice-server"; username="me"; credential="secret"' in links
        publisher.close()


def test_room_events_tell_who_is_there(room):
    watcher, speaker = room.token("SUBSCRIBE"), room.token("PUBLISH")
    stage_id = room.arn.rsplit("/", 1)[1]
    url = f"{room.ivs.get_stage(arn=room.arn)['stage']['endpoints']['events']}/{stage_id}"

    def join(token):
        socket = websocket.create_connection(url, subprotocols=[token["token"]], timeout=PATIENCE_S)
        # This client shows in small letters what it was sent as it is.
        assert socket.getsubprotocol() == token["token"].lower()
        return socket

    def wait_for(wanted):
        while True:
            frame = json.loads(socket.recv())
            assert frame["type"] == "STAGE_STATE"
            seen = {person["id"]: person["isPublishing"] for person in frame["payload"]["participants"]}
            if seen == {token["participantId"]: publishes for token, publishes in wanted}:
                return

    socket = join(watcher)
    wait_for([(watcher, False)])
    assert room.participant(watcher)["state"] == "CONNECTED"
    socket.send('{"type":"PING"}')
    assert json.loads(socket.recv()) == {"type": "PONG"}
    publisher = room.publisher(speaker)
    wait_for([(watcher, False), (speaker, True)])
    publisher.close()
    wait_for([(watcher, False)])
    newer = join(watcher)
    opcode, data = socket.recv_data()
    assert (opcode, data[2:]) == (websocket.ABNF.OPCODE_CLOSE, b"token-reused")
    newer.close()
    poll(lambda: room.participant(watcher)["state"] == "DISCONNECTED", "leaving")
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        join({"token": "no-token"})
    assert refused.value.status_code == 401


def test_sound_alone(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    room.publisher(speaker, kinds=("audio",))
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"], kinds=("audio",))
    assert viewer.frame("audio").sample_rate == 48_000


def test_who_may_not(room, ivs):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    refused = room.publisher(guest)
    assert (refused.reply.status, refused.reply.json["errorCode"]) == (403, "INSUFFICIENT_CAPABILITIES")
    early = room.viewer(guest, speaker["participantId"])
    assert (early.reply.status, early.reply.headers["retry-after"]) == (409, "1")
    assert early.reply.json["errorCode"] == "PUBLISHER_NOT_FOUND"
    other = room.publisher(speaker, f"/publish/{guest['participantId']}")
    assert other.reply.status == 403
    elsewhere = ivs.create_stage()["stage"]["endpoints"]["whip"]
    assert send("POST", elsewhere, speaker["token"], "v=0\r\n").status == 403


def test_requests_that_are_wrong(room):
    token = room.token("PUBLISH")["token"]
    missing = send("POST", room.whip, None, "v=0\r\n")
    assert (missing.status, missing.headers["www-authenticate"]) == (401, "Bearer")
    assert send("POST", room.whip, "no-token", "v=0\r\n").status == 401
    assert send("POST", room.whip, token[:-4] + "AAAA", "v=0\r\n").status == 401
    assert send("POST", room.whip, token, "{}", "application/json").status == 415
    for body in ("", "hello", "v=0\r\n"):
        refused = send("POST", room.whip, token, body)
        assert 400 <= refused.status < 500, (body, refused)
        assert refused.headers["content-type"] == "application/problem+json"
    assert send("POST", room.whip, token, "v=0\r\n" * 40_000).status == 413
    options = send("OPTIONS", room.whip)
    assert (options.status, options.headers["accept-post"]) == (200, "application/sdp")
    assert send("GET", room.whip).status == 204
    assert send("PUT", room.whip, token, "v=0\r\n").status == 405
    found = send("HEAD", f"{room.whip}/subscribe/somebody")
    assert (found.status, found.headers["content-type"]) == (200, "application/sdp")
    nobody = f"{room.whip}/sessions/00000000-0000-4000-8000-000000000000"
    assert send("DELETE", nobody, token).status == 404
    assert send("PATCH", nobody, token, "a=end-of-candidates\r\n", FRAGMENT).status == 404


def test_addresses_that_come_later_and_a_restart_of_ice(room):
    speaker, other = room.token("PUBLISH"), room.token("PUBLISH")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    later = "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\r\na=end-of-candidates\r\n"
    etag = publisher.reply.headers["etag"]

    def patch(body, token=speaker["token"], content_type=FRAGMENT, **headers):
        return send("PATCH", publisher.session, token, body, content_type, **headers)

    trickled = patch(later, **{"If-Match": etag})
    assert (trickled.status, "etag" in trickled.headers) == (204, False)
    assert patch(later).status == 428
    assert patch(later, **{"If-Match": '"another"'}).status == 412
    assert patch(later, content_type="application/sdp", **{"If-Match": etag}).status == 415
    assert patch("hello", **{"If-Match": etag}).status == 400
    assert patch(later, token=other["token"], **{"If-Match": etag}).status == 403

    restarted = patch("a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n", **{"If-Match": "*"})
    assert restarted.status == 200, restarted
    assert restarted.headers["content-type"] == FRAGMENT
    assert b"a=ice-ufrag:" in restarted.body and b"a=candidate:" in restarted.body
    assert restarted.headers["etag"] != etag
    assert patch(later, **{"If-Match": etag}).status == 412


def test_nobody_stays_connected_in_the_history_when_the_server_stops(tmp_path, loop):
    with Server(tmp_path) as server:
        room = Room(server.client("ivs-realtime"), loop)
        speaker = room.token("PUBLISH")
        publisher = room.publisher(speaker)
        room.wait_published(speaker)
    publisher.wait_end()
    publisher.close()
    with Server(tmp_path) as server:
        room.ivs = server.client("ivs-realtime")
        left = room.participant(speaker)
        assert (left["state"], left["published"]) == ("DISCONNECTED", True)
        assert "LEFT" in room.events(speaker)
