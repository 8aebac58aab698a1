"""The life of a participant token: who comes in with it, where, until when, and what they may do."""

import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from actors import refuses
from media import Room, send
from roomevents import RoomEvents
from selfsigned import Signer, new_key, pem
from switchboard import ACCOUNT, REGION, Server

DAYS_S = 24 * 3600


@pytest.fixture(scope="module")
def signer(ivs):
    return Signer(ivs)


def knock(room, text, whip=None):
    """What a token opens, without an offer: 400 and 422 are for who may come in."""
    return send("POST", whip or room.whip, text, "v=0\r\n")


# -- API-issued --------------------------------------------------------------------------------------------------------


def test_a_token_is_good_at_join_until_it_expires(own_server, loop):
    room = Room(own_server.client("ivs-realtime"), loop)
    made = room.ivs.create_participant_token(stageArn=room.arn, duration=1)["participantToken"]
    publisher = room.publisher(made)
    room.wait_published(made)
    own_server.advance(seconds=61)
    refused = room.publisher(made)
    assert (refused.reply.status, refused.reply.json["code"]) == (401, 2)
    # Who is in stays in, and can say goodbye.
    assert not publisher.ended.is_set()
    assert room.participant(made)["state"] == "CONNECTED"
    assert send("DELETE", publisher.session, made["token"]).status == 200
    assert room.events(made)[0] == "LEFT"
    room.close()


def test_a_newer_use_displaces_the_older(room):
    both = room.token("PUBLISH", "SUBSCRIBE")
    older = RoomEvents(room, both)
    publisher = room.publisher(both)
    room.wait_published(both)
    newer = RoomEvents(room, both)
    assert older.closing() == (1008, "token-reused")
    # Only what is of its kind: who publishes may be another program with the same token, and stays.
    newer.wait_people({both["participantId"]: True})
    assert not publisher.ended.is_set()
    assert room.publisher(both).reply.status == 201
    publisher.wait_end()
    newer.wait_people({both["participantId"]: True})
    assert room.events(both).count("JOINED") == 1
    newer.close()


def test_who_is_disconnected_stays_out_whatever_they_show(room, ivs, signer):
    made, signed = room.token("PUBLISH", "SUBSCRIBE"), signer.token(room.stage, "mallory")
    sockets = [RoomEvents(room, token) for token in (made, signed)]
    for token, socket in zip((made, signed), sockets, strict=True):
        ivs.disconnect_participant(stageArn=room.arn, participantId=token["participantId"])
        assert socket.closing() == (1008, "participant-disconnected")
        refused = knock(room, token["token"])
        assert (refused.status, refused.json["code"]) == (403, 10)
    another = signer.token(room.stage, "mallory", iat=int(time.time()) - 5)
    assert knock(room, another["token"]).status == 403, "the participant is banned, not one text of the token"
    elsewhere = ivs.create_stage()["stage"]
    there = signer.token(elsewhere, "mallory")
    assert knock(room, there["token"], elsewhere["endpoints"]["whip"]).status == 422, "from that stage only"


def test_a_ban_outlives_the_server(tmp_path, loop):
    with Server(tmp_path) as server:
        room = Room(server.client("ivs-realtime"), loop)
        banned, kept = room.token("PUBLISH"), room.token("PUBLISH")
        room.ivs.disconnect_participant(stageArn=room.arn, participantId=banned["participantId"])
    with Server(tmp_path) as server:
        room.ivs = server.client("ivs-realtime")
        room.whip = room.ivs.get_stage(arn=room.arn)["stage"]["endpoints"]["whip"]
        assert knock(room, banned["token"]).status == 403
        assert knock(room, kept["token"]).status == 422


def test_capabilities_are_kept_to(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    both = room.token()
    assert room.publisher(speaker).reply.status == 201
    room.wait_published(speaker)
    for refused in (room.publisher(guest), room.viewer(speaker, speaker["participantId"])):
        assert (refused.reply.status, refused.reply.json["errorCode"]) == (403, "INSUFFICIENT_CAPABILITIES")
    assert room.events(guest) == ["LEFT", "PUBLISH_ERROR", "JOINED"]
    assert room.participant(guest)["state"] == "DISCONNECTED"
    # Who is there anyway stays.
    assert room.events(speaker) == ["SUBSCRIBE_ERROR", "PUBLISH_STARTED", "JOINED"]
    assert room.publisher(both).reply.status == 201
    assert room.viewer(both, speaker["participantId"]).reply.status == 201


def test_a_bad_token_leaves_no_trace(room):
    good = room.token()["token"]
    head, payload, signature = good.split(".")
    bad = ["", "x", "a.b.c", f"{head}.{payload}.", f"{head}.{payload}.AAAA", f"{head}..{signature}", good + "A"]
    for token in bad:
        assert knock(room, token).status == 401, token
    assert room.ivs.list_stage_sessions(stageArn=room.arn)["stageSessions"] == []


# -- self-signed -------------------------------------------------------------------------------------------------------


def test_a_token_of_a_customers_own_publishes_and_watches(room, signer):
    alice = signer.token(room.stage, "Alice_1-x")
    bob = signer.token(room.stage, "bob", capabilities={"allow_subscribe": True}, user_id=None, attributes=None)
    assert room.publisher(alice).reply.status == 201
    room.wait_published(alice)
    assert room.viewer(bob, "Alice_1-x").frame("video")
    seen = room.participant(alice)
    assert (seen["participantId"], seen["userId"], seen["attributes"]) == (
        "Alice_1-x",
        "user Alice_1-x",
        {"color": "green"},
    )
    watching = room.participant(bob)
    assert (watching["userId"], watching["attributes"]) == ("", {})
    assert room.publisher(bob).reply.json["errorCode"] == "INSUFFICIENT_CAPABILITIES"


def changed(changes):
    """Changes that go by the time are made when the test runs."""
    return changes(int(time.time())) if callable(changes) else changes


# What is changed in a token's claims, and what it is answered with then.
WRONG = {
    "exp is missing": ({"exp": None}, 401),
    "exp is text": ({"exp": "tomorrow"}, 401),
    "exp has a fraction": (lambda now: {"exp": now + 60.5}, 401),
    "exp is over": (lambda now: {"iat": now - 120, "exp": now - 60}, 401),
    "exp is before iat": (lambda now: {"exp": now - 1}, 401),
    "exp is more than 14 days after iat": (lambda now: {"exp": now + 14 * DAYS_S + 60}, 401),
    "iat is missing": ({"iat": None}, 401),
    "iat has a fraction": (lambda now: {"iat": now - 0.5}, 401),
    "iat is to come": (lambda now: {"iat": now + 1_800}, 401),
    "jti is missing": ({"jti": None}, 401),
    "jti is empty": ({"jti": ""}, 401),
    "jti has other characters": ({"jti": "a b"}, 401),
    "jti is too long": ({"jti": "a" * 65}, 401),
    "resource is missing": ({"resource": None}, 401),
    "resource is no stage here": ({"resource": f"arn:aws:ivs:{REGION}:{ACCOUNT}:stage/0a1b2c3d4e5f"}, 404),
    "resource is of another account": ({"resource": f"arn:aws:ivs:{REGION}:{'9' * 12}:stage/0a1b2c3d4e5f"}, 404),
    "topic is missing": ({"topic": None}, 401),
    "topic is another": ({"topic": "0a1b2c3d4e5f"}, 401),
    "events_url is missing": ({"events_url": None}, 401),
    "events_url is another": ({"events_url": "wss://global.events.live-video.net"}, 401),
    "whip_url is missing": ({"whip_url": None}, 401),
    "whip_url is another": ({"whip_url": "https://example.com"}, 401),
    "capabilities are missing": ({"capabilities": None}, 401),
    "capabilities are a list": ({"capabilities": ["PUBLISH"]}, 401),
    "a capability is text": ({"capabilities": {"allow_publish": "yes"}}, 401),
    "version is missing": ({"version": None}, 401),
    "version is a number": ({"version": 1.0}, 401),
    "version is another": ({"version": "2.0"}, 401),
    "user_id is too long": ({"user_id": "u" * 129}, 401),
    "user_id is a number": ({"user_id": 7}, 401),
    "attributes are too large": ({"attributes": {"k": "v" * 1_024}}, 401),
    "an attribute is a number": ({"attributes": {"k": 1}}, 401),
}


@pytest.mark.parametrize("what", WRONG)
def test_every_claim_is_checked(room, signer, what):
    changes, status = WRONG[what]
    refused = knock(room, signer.sign(signer.claims(room.stage, "alice", **changed(changes))))
    assert refused.status == status, refused
    assert refused.headers["content-type"] == "application/problem+json"
    assert room.ivs.list_stage_sessions(stageArn=room.arn)["stageSessions"] == []


GOOD = {
    "the longest life": lambda now: {"exp": now + 14 * DAYS_S - 60, "iat": now - 60},
    "the longest jti": {"jti": "a" * 64},
    "the longest user_id": {"user_id": "ü" * 128},
    "attributes of a kilobyte": {"attributes": {"k": "v" * 1_023}},
    "no right at all": {"capabilities": {}},
    "a claim of their own": {"more": {"than": ["is", "known"]}},
    "a clock that is a little ahead": lambda now: {"iat": now + 30},
}


@pytest.mark.parametrize("what", GOOD)
def test_what_may_be_in_a_token(room, signer, what):
    token = signer.sign(signer.claims(room.stage, "alice", **changed(GOOD[what])))
    # The offer is what is wrong then.
    assert knock(room, token).status == 422


def test_the_signature_is_that_of_the_key_it_names(room, ivs, signer):
    claims = signer.claims(room.stage, "alice")
    stranger = new_key()
    unknown = f"arn:aws:ivs:{REGION}:{ACCOUNT}:public-key/0a1b2c3d4e5f"
    bad = {
        "another key": signer.sign(claims, key=stranger),
        "no such key": signer.sign(claims, kid=unknown),
        "another account's key": signer.sign(claims, kid=signer.arn.replace(ACCOUNT, "9" * 12)),
        "no key": signer.sign(claims, kid=None),
        "not an ARN": signer.sign(claims, kid="alice"),
        "another typ": signer.sign(claims, typ="at+jwt"),
        "no algorithm": signer.sign(claims, key="", algorithm="none"),
        "a shared secret": signer.sign(claims, key="s" * 48, algorithm="HS384"),
        "another curve": signer.sign(claims, key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
    }
    for what, token in bad.items():
        assert knock(room, token).status == 401, what
    assert knock(room, signer.sign(claims)).status == 422


def test_a_key_that_is_deleted_signs_nobody_in_and_puts_nobody_out(room, ivs):
    signer = Signer(ivs)
    alice = signer.token(room.stage, "alice")
    publisher = room.publisher(alice)
    room.wait_published(alice)
    signer.forget()
    assert knock(room, alice["token"]).status == 401
    assert not publisher.ended.is_set()
    assert room.participant(alice)["state"] == "CONNECTED"
    # What the token began it may still end.
    assert send("DELETE", publisher.session, alice["token"]).status == 200


def test_only_keys_on_p384_are_imported(ivs):
    for material in (pem(new_key(ec.SECP256R1())), pem(new_key(ec.SECP521R1())), "no key", ""):
        with refuses("ValidationException", 400):
            ivs.import_public_key(publicKeyMaterial=material)


# -- where a stage is reached ------------------------------------------------------------------------------------------


def test_endpoints_are_where_the_server_listens_now(tmp_path, loop):
    with Server(tmp_path) as server:
        room = Room(server.client("ivs-realtime"), loop)
        room.stage = room.ivs.get_stage(arn=room.arn)["stage"]
        signer = Signer(room.ivs)
        made, signed = room.token("PUBLISH"), signer.token(room.stage, "alice")
        before = room.stage["endpoints"]
        assert before["whip"].startswith(server.url)
    with Server(tmp_path) as server:
        room.ivs = server.client("ivs-realtime")
        now = room.ivs.get_stage(arn=room.arn)["stage"]["endpoints"]
        # Everything but the address is as it was.
        old, new = (url.split("://")[1].split("/")[0] for url in (before["whip"], now["whip"]))
        assert now["whip"] == f"http://{new}/whip/{room.arn.rsplit('/', 1)[1]}"
        assert server.url == f"http://{new}"
        assert {name: url.replace(old, new) for name, url in before.items()} == now
        room.whip = now["whip"]
        # Tokens that name the old address are good: the server's own, and customers' for 14 days.
        publisher = room.publisher(made)
        assert publisher.reply.status == 201
        assert publisher.session.startswith(now["whip"])
        room.wait_published(made)
        assert knock(room, signed["token"]).status == 422
        room.close()

