"""Counter-offers of WHEP: a player whose own offer cannot be answered is made one, and sends its answer by PATCH.

draft-ietf-wish-whep, "Server Sends Counter-Offer".
"""

import re
import time

import pytest

from media import GREY, brightness, send
from switchboard import poll

FRAGMENT = "application/trickle-ice-sdpfrag"
END = "a=end-of-candidates\r\n"


@pytest.fixture
def watched(room):
    """Somebody who publishes, and a player that has not asked yet."""
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    room.publisher(speaker, codec="VP8")
    room.wait_published(speaker)
    return speaker, guest, room.peer(f"{room.whip}/subscribe/{speaker['participantId']}", guest)


def ask(peer, change):
    """Sends an offer to watch with a change, that nothing else can come of than the reply."""
    offer = peer.offer(publishes=False)
    assert change(offer) != offer
    peer.reply = send("POST", peer.url, peer.token, change(offer), **{"User-Agent": "player"})
    return peer.reply


def idle(offer):
    return offer.replace("a=recvonly", "a=inactive")


def patch(peer, body, kind="application/sdp", token=None, **headers):
    return send("PATCH", peer.session, token or peer.token, body, kind, **headers)


COUNTERED = {
    "nothing in it": lambda offer: re.sub(r"a=group:BUNDLE.*", "a=group:BUNDLE", offer[: offer.index("m=")])
    + "".join(re.findall(r"a=(?:fingerprint|ice-ufrag|ice-pwd|setup):.*\r\n", offer)),
    "a data channel": lambda offer: offer.replace("m=audio", "m=application"),
    "two pictures": lambda offer: offer.replace("m=audio", "m=video").replace("opus/48000/2", "VP8/90000"),
    "the wrong way": lambda offer: offer.replace("a=recvonly", "a=sendonly"),
    "no way": idle,
    "not bundled": lambda offer: re.sub(r"a=group:BUNDLE.*\r\n", "", offer),
    "RTCP apart": lambda offer: offer.replace("a=rtcp-mux\r\n", ""),
    "no codec": lambda offer: offer.replace("opus/48000/2", "speex/8000"),
}


@pytest.mark.parametrize("what", COUNTERED)
def test_offers_that_are_countered(room, watched, what):
    speaker, guest, player = watched
    reply = ask(player, COUNTERED[what])
    assert (reply.status, reply.headers["content-type"]) == (406, "application/sdp"), reply
    assert reply.headers["location"].startswith(room.whip + "/sessions/")
    assert reply.headers["accept-patch"] == "application/sdp" and "etag" not in reply.headers
    assert f"<{player.session}/sse>" in reply.headers["link"]
    head, *media = reply.body.decode().split("m=")
    assert "a=ice-lite" in head and [section.split()[0] for section in media] == ["audio", "video"]
    for section in media:
        lines = set(section.splitlines())
        assert {"a=sendonly", "a=setup:actpass", "a=rtcp-mux", "a=rtcp-mux-only"} <= lines
        for start in ("a=mid:", "a=msid:", "a=ssrc:", "a=fingerprint:sha-256 ", "a=ice-ufrag:", "a=ice-pwd:"):
            assert any(line.startswith(start) for line in lines), start
    assert "a=candidate:" in media[0] and "a=end-of-candidates" in media[0]
    # What is sent comes first.
    assert "VP8/90000" in next(line for line in media[1].splitlines() if line.startswith("a=rtpmap:"))


NOT_COUNTERED = {
    "not SDP": (400, lambda offer: "hello"),
    "empty": (400, lambda offer: ""),
    "not SDP inside": (400, lambda offer: offer.replace("a=mid:0", "nonsense")),
    "no fingerprint": (422, lambda offer: re.sub(r"a=fingerprint:.*\r\n", "", offer)),
    "no ICE": (422, lambda offer: re.sub(r"a=ice-ufrag:.*\r\n", "", offer)),
}


@pytest.mark.parametrize("what", NOT_COUNTERED)
def test_offers_that_are_refused_still(watched, what):
    _, _, player = watched
    status, change = NOT_COUNTERED[what]
    reply = ask(player, change)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json"), reply


def test_who_may_not_watch_is_made_no_offer(room, watched):
    speaker, guest, player = watched
    absent = room.token("PUBLISH")
    early = ask(room.peer(f"{room.whip}/subscribe/{absent['participantId']}", guest), idle)
    assert (early.status, early.headers["retry-after"]) == (409, "1")
    assert ask(room.peer(player.url, absent), idle).status == 403


def test_a_player_that_answers_is_a_viewer_like_any_other(room, watched):
    speaker, guest, player = watched
    answer = player.take_offer(ask(player, idle).body.decode())
    taken = patch(player, answer)
    assert (taken.status, taken.body, taken.headers["accept-patch"]) == (204, b"", FRAGMENT), taken
    etag = taken.headers["etag"]
    assert etag.startswith('"')
    assert abs(brightness(player.frame("video")) - GREY) < 8
    assert player.frame("audio").sample_rate == 48_000
    room.wait_event(guest, "SUBSCRIBE_STARTED")
    assert room.participant(guest)["state"] == "CONNECTED"

    # From now on the resource is that of any session.
    assert patch(player, answer).status == 415
    assert patch(player, END, FRAGMENT).status == 428
    assert patch(player, END, FRAGMENT, **{"If-Match": etag}).status == 204
    restart = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    restarted = patch(player, restart, FRAGMENT, **{"If-Match": "*"})
    assert restarted.status == 200 and restarted.headers["etag"] != etag
    assert send("POST", player.session + "/layer", guest["token"], '{"video": false}', "application/json").status == 200
    poll(lambda: player.is_silent("video"), "no picture")
    assert send("POST", player.session + "/sse", guest["token"]).status == 201
    assert send("DELETE", player.session, guest["token"]).status == 200
    player.wait_end()
    assert sorted(room.events(guest)) == ["JOINED", "LEFT", "SUBSCRIBE_STARTED", "SUBSCRIBE_STOPPED"]


def test_only_what_is_there_is_offered(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    room.publisher(speaker, kinds=("audio",))
    room.wait_published(speaker)
    # It wants a picture, and there is only sound.
    player = room.viewer(guest, speaker["participantId"], kinds=("video",))
    assert player.reply.status == 406, player.reply
    offer = player.reply.body.decode()
    assert offer.count("m=") == 1 and "m=audio" in offer
    assert patch(player, player.take_offer(offer)).status == 204
    assert player.frame("audio").sample_rate == 48_000


def test_answers_that_are_refused(room, watched):
    speaker, guest, player = watched
    answer = player.take_offer(ask(player, idle).body.decode())
    other = room.token()["token"]
    assert send("PATCH", player.session, None, answer).status == 401
    assert patch(player, answer, token=other).status == 403
    assert patch(player, answer, "application/json").status == 415
    assert patch(player, END, FRAGMENT, **{"If-Match": "*"}).status == 415, "addresses of what is not agreed on"
    assert patch(player, answer + "a=x\r\n" * 40_000).status == 413
    wrong = {
        "not SDP": (400, "hello"),
        "not SDP inside": (400, answer + "nonsense\r\n"),
        "another's": (422, re.sub(r"a=mid:.*", "a=mid:zzz", answer)),
        "half of it": (422, answer[: answer.index("m=video")]),
        "it sends": (422, answer.replace("a=recvonly", "a=sendonly")),
        "it wants nothing": (422, idle(answer)),
        "no DTLS role": (422, re.sub(r"a=setup:.*", "a=setup:actpass", answer)),
        "no fingerprint": (422, re.sub(r"a=fingerprint:.*\r\n", "", answer)),
        "no ICE": (422, re.sub(r"a=ice-pwd:.*\r\n", "", answer)),
        "no codec": (422, answer.replace("opus/48000/2", "speex/8000")),
    }
    for what, (status, body) in wrong.items():
        refused = patch(player, body)
        shown = (refused.status, refused.headers["content-type"])
        assert shown == (status, "application/problem+json"), (what, refused)
    room.wait_event(guest, "SUBSCRIBE_ERROR")
    # None of that did any harm.
    assert patch(player, answer).status == 204
    assert player.frame("video")


def test_a_session_that_waits_can_be_deleted_and_is_replaced_by_a_newer(room, watched):
    speaker, guest, player = watched
    ask(player, idle)
    older, answer = player.session, player.take_offer(player.reply.body.decode())
    newer = room.viewer(guest, speaker["participantId"])
    assert newer.reply.status == 201
    poll(lambda: send("PATCH", older, guest["token"], answer).status == 404, "the older is over")
    assert newer.frame("video")
    ask(player, idle)
    newer.wait_end()
    assert send("DELETE", player.session, guest["token"]).status == 200
    assert patch(player, answer).status == 404
    assert room.participant(guest)["state"] == "DISCONNECTED"


def test_a_publisher_who_reconnects_meanwhile_is_seen(room, watched):
    speaker, guest, player = watched
    answer = player.take_offer(ask(player, idle).body.decode())
    assert room.publisher(speaker).reply.status == 201
    poll(lambda: room.events(speaker).count("PUBLISH_STARTED") == 2, "publishing again")
    assert patch(player, answer).status == 204
    assert player.frame("video")


def test_nobody_waits_longer_than_half_a_minute(room, watched):
    speaker, guest, player = watched
    begun = time.monotonic()
    answer = player.take_offer(ask(player, idle).body.decode())
    poll(lambda: "LEFT" in room.events(guest), "the end of the wait", timeout_s=60)
    assert 29 < time.monotonic() - begun < 40
    assert patch(player, answer).status == 404
