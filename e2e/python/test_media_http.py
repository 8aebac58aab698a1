"""WHIP and WHEP over plain HTTP, point by point: RFC 9725, draft-ietf-wish-whep, and what AWS's clients do.

What the standards ask of a server, and the test that holds it to that. Tests without a file name are in this one.

  POST: 201, application/sdp, Location, ETag            test_an_offer_is_answered
  the session's URL cannot be guessed                   test_an_offer_is_answered
  answers recvonly (WHIP), sendonly (WHEP)              test_directions_of_answers
  directions of offers; sendrecv is taken               test_offers_that_are_refused, test_directions_of_answers
  one stream, at most one sound and one picture         test_offers_that_are_refused
  BUNDLE, rtcp-mux, rtcp-mux-only, setup                test_offers_that_are_refused,
                                                        test_an_answer_says_what_the_rfc_asks
  all candidates in the answer, ICE-lite                test_an_answer_says_what_the_rfc_asks
  offers without candidates                             test_an_offer_without_addresses
  the whole POST is refused, with problem details       test_offers_that_are_refused
  another content type: 415; too large: 413             test_media.py::test_requests_that_are_wrong
  401 and 403                                           test_every_request_shows_a_token, test_media_tokens.py
  429 and Retry-After for guesses at tokens             test_strangers_are_turned_away_after_a_while
  503 and Retry-After when full                         test_media_events.py::test_sockets_and_sessions_are_bounded,
                                                        test_media_strict.py::test_a_stage_has_twelve_publishers
  GET is empty; HEAD and PUT                            test_methods
  OPTIONS: Accept-Post, no credentials, no TURN         test_preflights
  CORS exposes Location, ETag, Link, Accept-Patch       test_a_page_reads_what_it_needs
  Link: STUN and TURN servers on the 201                test_ice_servers_are_told_with_the_answer_only
  PATCH: 204 without ETag; 428; 412; 415; 400           test_media.py::
                                                        test_addresses_that_come_later_and_a_restart_of_ice
  ICE restart: 200, a new ETag                          the same
  media go on after a restart                           test_media_flow_on_after_a_restart_of_ice
  a restart that fails leaves the session               test_a_restart_that_fails_leaves_the_session
  PATCH for a session that is over: 404                 test_what_is_over_is_not_found
  DELETE: 200, ignores If-Match, ends the connection    test_a_session_is_ended
  the end of consent ends the session                   test_a_client_that_falls_silent_is_gone
  redirects are 307                                     test_a_place_without_a_stage_sends_on
  unknown Link relations, extensions                    test_ice_servers_are_told_with_the_answer_only
  WHEP: 409 and Retry-After before there is a publisher test_media.py::test_who_may_not
  WHEP: HEAD says application/sdp                       test_methods
  WHEP: many codecs in an offer, one way to switch      test_media_reconnect.py
  WHEP: layers are selected                             test_a_viewer_selects_a_layer
  WHEP: server-sent events                              test_a_player_is_told_of_its_publisher,
                                                        test_event_streams_that_are_refused
  WHEP: 406 with a counter-offer, PATCH with the answer test_media_counter.py
  AWS: /publish/{id}, /subscribe/{id}                   test_media.py::test_one_publishes_and_another_sees_and_hears_it
"""

import contextlib
import json
import re

import pytest

from eventstream import EventStream
from media import Room, send
from switchboard import Server, poll

FRAGMENT = "application/trickle-ice-sdpfrag"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@pytest.fixture
def offered(room):
    """An offer of sound and picture that is sent by nobody, and a token to send it with."""
    token = room.token()
    return room.peer(room.whip, token).offer(publishes=True), token["token"]


def sections(sdp):
    """The session's lines, then those of each section."""
    blocks = [[]]
    for line in sdp.splitlines():
        if line.startswith("m="):
            blocks.append([])
        blocks[-1].append(line)
    return blocks


def test_an_offer_is_answered(room, offered):
    offer, token = offered
    reply = send("POST", room.whip, token, offer)
    assert (reply.status, reply.headers["content-type"]) == (201, "application/sdp")
    assert re.fullmatch(re.escape(room.whip) + "/sessions/" + UUID, reply.headers["location"])
    assert re.fullmatch(f'"{UUID}"', reply.headers["etag"]), "strong"
    assert reply.headers["accept-patch"] == FRAGMENT
    again = send("POST", room.whip, token, offer)
    assert again.headers["location"] != reply.headers["location"]


def test_an_answer_says_what_the_rfc_asks(room, offered):
    offer, token = offered
    session, *media = sections(send("POST", room.whip, token, offer).body.decode())
    assert "a=ice-lite" in session
    group = next(line for line in session if line.startswith("a=group:BUNDLE"))
    assert len(group.split()) == 1 + len(media) == 3
    for lines in media:
        assert {"a=rtcp-mux", "a=rtcp-mux-only", "a=setup:passive"} <= set(lines)
        assert any(line.startswith("a=fingerprint:sha-256 ") for line in lines)
    first, second = media
    assert any(line.startswith("a=candidate:") for line in first) and "a=end-of-candidates" in first
    assert not any(line.startswith("a=candidate:") for line in second), "under the tagged section only"


def test_directions_of_answers(room, offered):
    offer, token = offered
    for text in (offer, offer.replace("a=sendonly", "a=sendrecv")):
        _, *media = sections(send("POST", room.whip, token, text).body.decode())
        assert all("a=recvonly" in lines for lines in media)
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    room.publisher(speaker)
    room.wait_published(speaker)
    where = f"{room.whip}/subscribe/{speaker['participantId']}"
    watch = room.peer(where, guest).offer(publishes=False)
    for text in (watch, watch.replace("a=recvonly", "a=sendrecv")):
        _, *media = sections(send("POST", where, guest["token"], text).body.decode())
        assert all("a=sendonly" in lines for lines in media)
    assert send("POST", room.whip, token, watch).status == 422
    assert send("POST", where, guest["token"], offer).status == 406, "a counter-offer"


def test_an_offer_without_addresses(room, offered):
    offer, token = offered
    bare = re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", offer)
    assert "candidate" not in bare
    assert send("POST", room.whip, token, bare).status == 201


REFUSED = {
    "not SDP": (400, lambda offer: "hello"),
    "not SDP inside": (400, lambda offer: offer.replace("a=mid:0", "nonsense")),
    "nothing in it": (422, lambda offer: offer[: offer.index("m=")]),
    "a data channel": (422, lambda offer: offer.replace("m=audio", "m=application")),
    "two pictures": (422, lambda offer: offer.replace("m=audio", "m=video").replace("opus/48000/2", "VP8/90000")),
    "the wrong way": (422, lambda offer: offer.replace("a=sendonly", "a=recvonly")),
    "no way": (422, lambda offer: offer.replace("a=sendonly", "a=inactive")),
    "not bundled": (422, lambda offer: re.sub(r"a=group:BUNDLE.*\r\n", "", offer)),
    "RTCP apart": (422, lambda offer: offer.replace("a=rtcp-mux\r\n", "")),
    "no fingerprint": (422, lambda offer: re.sub(r"a=fingerprint:.*\r\n", "", offer)),
    "no ICE": (422, lambda offer: re.sub(r"a=ice-ufrag:.*\r\n", "", offer)),
    "no codec": (422, lambda offer: offer.replace("opus/48000/2", "speex/8000")),
}


@pytest.mark.parametrize("what", REFUSED)
def test_offers_that_are_refused(room, offered, what):
    offer, token = offered
    status, change = REFUSED[what]
    assert change(offer) != offer
    refused = send("POST", room.whip, token, change(offer))
    assert (refused.status, refused.headers["content-type"]) == (status, "application/problem+json"), refused
    problem = refused.json
    assert problem["status"] == status and problem["title"] and problem["detail"]
    assert "location" not in refused.headers


def test_every_request_shows_a_token(room, offered):
    offer, token = offered
    session = send("POST", room.whip, token, offer).headers["location"]
    other = room.token()["token"]
    end = "a=end-of-candidates\r\n"
    for method, url, body, kind in (
        ("POST", room.whip, offer, "application/sdp"),
        ("POST", f"{room.whip}/subscribe/x", offer, "application/sdp"),
        ("PATCH", session, end, FRAGMENT),
        ("DELETE", session, None, None),
        ("POST", f"{session}/layer", "{}", "application/json"),
    ):
        missing = send(method, url, None, body, kind)
        assert (missing.status, missing.headers["www-authenticate"]) == (401, "Bearer"), (method, url)
        assert send(method, url, None, body, kind, Authorization="Basic eDp5").status == 401
        assert send(method, url, "no-token", body, kind).status == 401
        if url.startswith(session):
            assert send(method, url, other, body, kind, **{"If-Match": "*"}).status == 403, "somebody else's session"
    assert send("DELETE", session, token).status == 200


def test_methods(room, offered):
    offer, token = offered
    session = send("POST", room.whip, token, offer).headers["location"]
    for url in (room.whip, f"{room.whip}/publish/x", session):
        reply = send("GET", url)
        assert (reply.status, reply.body) == (204, b"")
        assert send("HEAD", url).status == 204
    for url in (f"{room.whip}/subscribe/x",):
        for method in ("GET", "HEAD"):
            reply = send(method, url)
            assert (reply.status, reply.headers["content-type"], reply.body) == (200, "application/sdp", b"")
    for url in (room.whip, f"{room.whip}/subscribe/x", session):
        assert send("PUT", url, token, offer).status == 405
    assert send("POST", session, token, offer).status == 405
    assert send("DELETE", room.whip, token).status == 405


def test_preflights(room, offered):
    offer, token = offered
    session = send("POST", room.whip, token, offer).headers["location"]
    asks = {
        "Origin": "https://example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, if-match",
    }
    for url in (room.whip, f"{room.whip}/publish/x", f"{room.whip}/subscribe/x"):
        for headers in (asks, {}):
            reply = send("OPTIONS", url, **headers)
            assert (reply.status, reply.headers["accept-post"]) == (200, "application/sdp")
            assert "link" not in reply.headers, "TURN servers are for who shows a token"
    reply = send("OPTIONS", url, **asks)
    assert reply.headers["access-control-allow-origin"] == "https://example.com"
    assert "authorization" in reply.headers["access-control-allow-headers"]
    assert {"POST", "PATCH", "DELETE"} <= set(reply.headers["access-control-allow-methods"].split(", "))
    reply = send("OPTIONS", session, **asks)
    assert (reply.status, reply.headers["accept-patch"]) == (200, f"{FRAGMENT}, application/sdp")


def test_a_page_reads_what_it_needs(room, offered):
    offer, token = offered
    reply = send("POST", room.whip, token, offer, Origin="https://example.com")
    assert reply.headers["access-control-allow-origin"] == "https://example.com"
    exposed = set(reply.headers["access-control-expose-headers"].split(", "))
    assert {"location", "etag", "link", "accept-patch"} <= exposed


def test_ice_servers_are_told_with_the_answer_only(tmp_path, loop):
    flags = ("--ice-server", "stun:a.example.com", "--ice-server", "turns:b.example.com?transport=tcp,me,secret")
    with Server(tmp_path, *flags) as server:
        room = Room(server.client("ivs-realtime"), loop)
        token = room.token("PUBLISH")
        links = room.publisher(token).reply.headers["link"].split(", ")
        assert '<stun:a.example.com>; rel="ice-server"' in links
        turn = next(link for link in links if link.startswith("<turns:"))
        assert turn.startswith('<turns:b.example.com?transport=tcp>; rel="ice-server"; username="me"; ')
        assert 'credential="secret"' in turn
        refused = send("POST", room.whip, token["token"], "v=0\r\n")
        assert "link" not in refused.headers
        room.close()


def test_media_flow_on_after_a_restart_of_ice(room):
    """The server answers by its new names; a client that goes on by its old ones is heard until it stops."""
    speaker = room.token("PUBLISH")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    body = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
    restarted = send("PATCH", publisher.session, speaker["token"], body, FRAGMENT, **{"If-Match": "*"})
    assert restarted.status == 200
    lines = restarted.body.decode().splitlines()
    assert "a=ice-lite" in lines, "as in the answer"
    names = [line for line in lines if line.startswith(("a=ice-ufrag:", "a=ice-pwd:"))]
    assert len(names) == 2 and not set(names) & set(publisher.reply.body.decode().splitlines())
    assert any(line.startswith("a=candidate:") for line in lines)
    assert not publisher.ended.wait(1)


def test_a_restart_that_fails_leaves_the_session(room, offered):
    offer, token = offered
    made = send("POST", room.whip, token, offer)
    session, etag = made.headers["location"], made.headers["etag"]
    for body in ("a=ice-ufrag:abcd\r\n", "a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n"):
        refused = send("PATCH", session, token, body, FRAGMENT, **{"If-Match": "*"})
        assert (refused.status, refused.headers["content-type"]) == (400, "application/problem+json")
    trickled = send("PATCH", session, token, "a=end-of-candidates\r\n", FRAGMENT, **{"If-Match": etag})
    assert trickled.status == 204, "the ICE session is the same"


def test_a_session_is_ended(room):
    speaker = room.token("PUBLISH")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    assert send("DELETE", publisher.session, speaker["token"], **{"If-Match": '"another"'}).status == 200
    publisher.wait_end(2)
    assert room.participant(speaker)["state"] == "DISCONNECTED", "when the answer comes the history says so"


def test_what_is_over_is_not_found(room, offered):
    offer, token = offered
    session = send("POST", room.whip, token, offer).headers["location"]
    assert send("DELETE", session, token).status == 200
    end = "a=end-of-candidates\r\n"
    for gone in (
        send("DELETE", session, token),
        send("PATCH", session, token, end, FRAGMENT, **{"If-Match": "*"}),
        send("POST", f"{session}/layer", token, "{}", "application/json"),
        send("DELETE", f"{room.whip}/sessions/x", token),
    ):
        assert (gone.status, gone.headers["content-type"]) == (404, "application/problem+json")


def test_a_client_that_falls_silent_is_gone(room):
    """Without a goodbye, as when a laptop is shut: the consent of RFC 7675 is over within seconds."""
    speaker = room.token("PUBLISH")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    publisher.fall_silent()
    room.wait_event(speaker, "LEFT")


def test_a_place_without_a_stage_sends_on(server, room, offered):
    offer, token = offered
    for path in ("", "/", "/whip"):
        sent_on = send("POST", server.url + path, token, offer)
        assert (sent_on.status, sent_on.headers["location"]) == (307, room.whip)
    for path in ("/publish/someone", "/subscribe/someone"):
        sent_on = send("POST", f"{server.url}/whip{path}", token, offer)
        assert (sent_on.status, sent_on.headers["location"]) == (307, room.whip + path)
    assert send("POST", server.url, None, offer).status == 401
    assert send("POST", server.url, "no-token", offer).status == 401
    assert send("OPTIONS", server.url).headers["accept-post"] == "application/sdp"
    followed = send("POST", send("POST", server.url, token, offer).headers["location"], token, offer)
    assert followed.status == 201


def test_a_viewer_selects_a_layer(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    viewer.frame("video")

    def select(session=viewer.session, token=guest["token"], kind="application/json", body=None, **wish):
        return send("POST", f"{session}/layer", token, json.dumps(wish) if body is None else body, kind)

    assert select(video=False).status == 200
    poll(lambda: viewer.is_silent("video"), "no picture")
    # A publisher with one layer has it under any name; what a player does not know of it may leave out.
    for wish in ({"rid": "hi"}, {"maxWidth": 320}, {"mediaId": "1", "spatialLayerId": 0}, {}):
        assert select(**wish).status == 200, wish
        viewer.frame("video")
    assert select(body="[").status == 400
    assert select(rid=7).status == 400
    assert select(kind="text/plain").status == 415
    assert select(session=publisher.session, token=speaker["token"]).status == 422


def links(reply):
    """Where the extensions are that an answer names."""
    return dict(reversed(pair) for pair in re.findall(r'<([^>]+)>; rel="([^"]+)"', reply.headers["link"]))


def test_a_player_is_told_of_its_publisher(server, room):
    speaker, guest, other = room.token("PUBLISH"), room.token("SUBSCRIBE"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker)
    assert "link" not in publisher.reply.headers, "for viewers only"
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    viewer.frame("video")
    where = links(viewer.reply)
    assert where["urn:ietf:params:whep:ext:core:layer"] == viewer.session + "/layer"
    sse = where["urn:ietf:params:whep:ext:core:server-sent-events"]
    opened = send("POST", sse, guest["token"])
    assert opened.status == 201
    few = send("POST", sse, guest["token"], '["viewercount"]', "application/json").headers["location"]
    with contextlib.closing(EventStream(opened.headers["location"])) as stream:
        assert stream.reply.getheader("content-type") == "text/event-stream"
        seen = dict([stream.next(), stream.next(), stream.next()])
        assert seen["active"] == {} and seen["viewercount"] == {"viewercount": 1}
        [(line, [layer])] = seen["layers"].items()
        assert (line, layer["width"], layer["height"]) == ("1", 320, 240) and layer["bitrate"] > 0
        room.viewer(other, speaker["participantId"])
        stream.wait(("viewercount", {"viewercount": 2}))
        publisher.close()
        stream.wait(("inactive", {}))
        room.publisher(speaker)
        stream.wait(("active", {}))
        with contextlib.closing(EventStream(few)) as counted:
            counted.wait(("viewercount", {"viewercount": 2}))
        assert send("DELETE", few, guest["token"]).status == 200
        assert send("GET", few).status == 404
        assert send("DELETE", viewer.session, guest["token"]).status == 200
        while stream.next():
            pass
    assert send("GET", opened.headers["location"]).status == 404, "it went with its session"


def test_a_player_is_told_to_come_anew_when_there_is_more_than_it_was_answered(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker, kinds=("audio",))
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    answer = viewer.reply.body.decode()
    _, *media = sections(answer)
    assert ["a=sendonly" in lines for lines in media] == [True, False] == ["a=inactive" not in lines for lines in media]
    with contextlib.closing(EventStream(send("POST", viewer.session + "/sse", guest["token"]).headers["location"])) as stream:
        stream.wait(("active", {}))
        publisher.close()
        stream.wait(("inactive", {}))
        room.publisher(speaker)
        stream.wait(("reconnect", {}))
    # Nobody takes away what it has.
    assert viewer.frame("audio") and viewer.is_silent("video")
    anew = room.viewer(guest, speaker["participantId"])
    assert anew.frame("video") and anew.frame("audio")


def test_a_player_is_told_to_come_anew_when_the_server_stops(tmp_path, loop):
    with Server(tmp_path) as server:
        room = Room(server.client("ivs-realtime"), loop)
        speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
        room.publisher(speaker)
        room.wait_published(speaker)
        viewer = room.viewer(guest, speaker["participantId"])
        stream = EventStream(send("POST", viewer.session + "/sse", guest["token"]).headers["location"])
        stream.wait(("active", {}))
    stream.wait(("reconnect", {}))
    assert stream.next() is None
    stream.close()
    for peer in room.peers:
        peer.close()


def test_event_streams_that_are_refused(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    publisher = room.publisher(speaker)
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"])
    sse = viewer.session + "/sse"
    assert send("POST", sse).status == 401
    assert send("POST", sse, speaker["token"]).status == 403
    assert send("POST", publisher.session + "/sse", speaker["token"]).status == 422
    for body in ('["scte35"]', "{}", "["):
        assert send("POST", sse, guest["token"], body, "application/json").status == 400, body
    assert send("POST", sse, guest["token"], "[]", "text/plain").status == 415
    for url in (f"{sse}/00000000-0000-4000-8000-000000000000", f"{sse}/x"):
        assert send("GET", url).status == 404
        assert send("DELETE", url, guest["token"]).status == 404
    while (opened := send("POST", sse, guest["token"])).status == 201:
        pass
    assert opened.status == 429


def when_strangers_are_too_many(room, here, *request):
    """The answer to a request from where so many strangers come that nobody is looked at. After a twentieth of a second
    one is again, so a slow machine tries more than once."""
    for _ in range(100):
        while send("POST", room.whip, "guess", "v=0", **here).status == 401:
            pass
        reply = send(*request, **here)
        if reply.status == 429:
            break
    return reply


def test_strangers_are_turned_away_after_a_while(server, room):
    here, elsewhere = ({"X-Forwarded-For": address} for address in ("198.51.100.1", "198.51.100.2"))
    speaker = room.token("PUBLISH")
    publisher = room.publisher(speaker)
    refused = when_strangers_are_too_many(room, here, "POST", room.whip, "guess", "v=0")
    assert refused.status == 429
    assert (refused.headers["retry-after"], refused.headers["content-type"]) == ("1", "application/problem+json")
    assert refused.json["title"] == "Too Many Requests"
    refused = when_strangers_are_too_many(room, here, "POST", room.whip, speaker["token"], "v=0")
    assert refused.status == 429, "nobody from there is looked at"
    assert send("OPTIONS", room.whip, **here).status == 200
    assert send("POST", room.whip, "guess", "v=0", **elsewhere).status == 401
    assert when_strangers_are_too_many(room, here, "DELETE", publisher.session, "guess").status == 429
    assert send("DELETE", publisher.session, speaker["token"], **here).status == 200, "who is in is known"
    server.advance(seconds=10)
    assert send("POST", room.whip, speaker["token"], "v=0", **here).status == 422
