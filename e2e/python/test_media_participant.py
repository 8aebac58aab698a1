"""GetParticipant tells the truth: each sentence of its page, in every state that a participant can be in."""

import json
from datetime import datetime, timezone

from actors import refuses
from media import Room, send
from roomevents import RoomEvents
from switchboard import poll

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Safari/537.36"
)
OBS = "Mozilla/5.0 (OBS-Studio/32.1.0; Linux x86_64; en-US)"
UNRECORDED = {"recordingState": "DISABLED", "recordingS3BucketName": "", "recordingS3Prefix": ""}
CLIENT = ("browserName", "browserVersion", "osName", "osVersion")


def truth(room, token, **expected):
    """What GetParticipant says, of which that much is expected."""
    seen = room.participant(token)
    assert expected.items() <= seen.items(), seen
    return seen


def summary(room, token):
    where = {"stageArn": room.arn, "sessionId": room.session}
    listed = room.ivs.list_participants(**where)["participants"]
    return next(one for one in listed if one["participantId"] == token["participantId"])


def test_a_token_alone_is_nobody(room):
    token, other = room.token(), room.token()
    RoomEvents(room, other).close()
    where = {"stageArn": room.arn, "sessionId": room.session}
    for missing in (
        {"participantId": token["participantId"]},
        {"participantId": other["participantId"], "sessionId": "st-0a1b2c3d4e5f6"},
        {"participantId": other["participantId"], "stageArn": room.ivs.create_stage()["stage"]["arn"]},
    ):
        with refuses("ResourceNotFoundException", 404):
            room.ivs.get_participant(**{**where, **missing})


def test_from_the_join_to_the_end(server, room):
    """`participantId`, `userId`, `attributes`, `firstJoinTime`, `published`, `state`, `protocol`, the client's own."""
    asked = {"userId": "alice@example.com", "attributes": {"name": "Ælice", "empty": ""}}
    made = room.ivs.create_participant_token(stageArn=room.arn, **asked)["participantToken"]
    begun = datetime.now(timezone.utc)
    socket = RoomEvents(room, made)
    socket.wait_state(bool)
    joined = truth(room, made, **asked, **UNRECORDED, state="CONNECTED", published=False, protocol="UNKNOWN")
    assert joined["participantId"] == made["participantId"]
    assert abs((joined["firstJoinTime"] - begun).total_seconds()) < 5
    assert joined["replicationType"] == "NONE" and "replicationState" not in joined

    publisher = room.publisher(made, user_agent=CHROME)
    room.wait_published(made)
    publishing = truth(room, made, **asked, state="CONNECTED", published=True, protocol="WHIP")
    assert publishing["firstJoinTime"] == joined["firstJoinTime"]
    assert [publishing[name] for name in CLIENT] == ["Google Chrome", "116.0.0.0", "Microsoft Windows", "10.0"]

    # Who no longer publishes has published.
    assert send("DELETE", publisher.session, made["token"]).status == 200
    truth(room, made, state="CONNECTED", published=True, protocol="WHIP")
    socket.close()
    poll(lambda: room.participant(made)["state"] == "DISCONNECTED", "leaving")
    server.advance(seconds=30)
    back = RoomEvents(room, made)
    back.wait_state(bool)
    again = truth(room, made, **asked, state="CONNECTED", published=True)
    assert again["firstJoinTime"] == joined["firstJoinTime"], "the first join, whatever came after"
    back.close()

    where = {"stageArn": room.arn, "sessionId": room.session, "participantId": made["participantId"]}
    raw = server.signed("POST", "/GetParticipant", where, {"Content-Type": "application/json"}, service="ivs")
    first = json.loads(raw.body)["participant"]["firstJoinTime"]
    assert datetime.fromisoformat(first) == joined["firstJoinTime"], "ISO 8601, as text"


def test_who_says_nothing_of_themselves_is_told_of_as_little(room):
    made = room.token("PUBLISH")
    room.publisher(made, user_agent=None)
    room.wait_published(made)
    seen = truth(room, made, userId="", attributes={})
    assert not {*CLIENT, "sdkVersion", "ispName"} & seen.keys()


def test_what_a_client_says_of_itself_is_made_to_fit(room):
    made = room.token("PUBLISH")
    strange = "Mozilla/5.0 (Windows NT 10.0<script>; x) Firefox/" + "1" * 300
    room.publisher(made, user_agent=strange)
    room.wait_published(made)
    seen = truth(room, made, browserName="Firefox", osName="Microsoft Windows", osVersion="10.0")
    assert seen["browserVersion"] == "1" * 128
    other = room.token("PUBLISH")
    room.publisher(other, user_agent=OBS)
    room.wait_published(other)
    assert [truth(room, other).get(name) for name in CLIENT] == ["OBS Studio", "32.1.0", "Linux", None]


def test_who_only_watches(room):
    speaker, guest = room.token("PUBLISH"), room.token("SUBSCRIBE")
    room.publisher(speaker)
    room.wait_published(speaker)
    viewer = room.viewer(guest, speaker["participantId"], user_agent=CHROME)
    room.wait_event(guest, "SUBSCRIBE_STARTED")
    seen = truth(room, guest, **UNRECORDED, state="CONNECTED", published=False, protocol="UNKNOWN")
    assert seen["browserName"] == "Google Chrome"
    viewer.close()
    poll(lambda: room.participant(guest)["state"] == "DISCONNECTED", "leaving")
    truth(room, guest, published=False)


def test_who_connected_and_never_sent_anything_has_not_published(room):
    made = room.token("PUBLISH")
    offer = room.peer(room.whip, made).offer(publishes=True)
    reply = send("POST", room.whip, made["token"], offer)
    assert reply.status == 201
    truth(room, made, state="CONNECTED", published=False, protocol="WHIP")
    assert send("DELETE", reply.headers["location"], made["token"]).status == 200
    truth(room, made, state="DISCONNECTED", published=False)
    assert room.events(made) == ["LEFT", "JOINED"]


def test_one_in_two_sessions_is_two_participants(server, room):
    made = room.token("PUBLISH")
    publisher = room.publisher(made)
    room.wait_published(made)
    first, before = room.session, room.participant(made)
    assert send("DELETE", publisher.session, made["token"]).status == 200
    server.advance(minutes=10)
    poll(lambda: "activeSessionId" not in room.ivs.get_stage(arn=room.arn)["stage"], "the end of the session")
    socket = RoomEvents(room, made)
    socket.wait_state(bool)
    assert room.session != first
    now = truth(room, made, state="CONNECTED", published=False, protocol="UNKNOWN")
    assert now["firstJoinTime"] > before["firstJoinTime"]
    where = {"stageArn": room.arn, "participantId": made["participantId"]}
    old = room.ivs.get_participant(sessionId=first, **where)["participant"]
    assert (old["state"], old["published"], old["firstJoinTime"]) == ("DISCONNECTED", True, before["firstJoinTime"])
    socket.close()


def test_who_is_seen_on_a_second_stage(room, ivs, loop):
    """`replicationType`, `replicationState`, `sourceStageArn`, `sourceSessionId`, on both stages and to the end."""
    made = ivs.create_participant_token(stageArn=room.arn, attributes={"a": "1", "b": "2"})["participantToken"]
    publisher = room.publisher(made, user_agent=CHROME)
    room.wait_published(made)
    second = Room(ivs, loop)
    stages = {"sourceStageArn": room.arn, "destinationStageArn": second.arn, "participantId": made["participantId"]}
    ivs.start_participant_replication(**stages, attributes={"b": "3"})
    truth(room, made, replicationType="SOURCE", replicationState="ACTIVE")
    replica = truth(
        second,
        made,
        replicationType="REPLICA",
        replicationState="ACTIVE",
        sourceStageArn=room.arn,
        sourceSessionId=room.session,
        state="CONNECTED",
        published=True,
        attributes={"a": "1", "b": "3"},
    )
    assert "ingestConfigurationArn" not in replica
    listed = summary(second, made)
    assert (listed["replicationType"], listed["sourceStageArn"]) == ("REPLICA", room.arn)
    assert send("DELETE", publisher.session, made["token"]).status == 200
    truth(second, made, replicationType="REPLICA", replicationState="STOPPED", state="DISCONNECTED", published=True)
    truth(room, made, replicationType="SOURCE", replicationState="STOPPED", state="DISCONNECTED")
    second.close()


def test_a_summary_says_less(room):
    made = room.token("PUBLISH")
    room.publisher(made, user_agent=CHROME)
    room.wait_published(made)
    seen, listed = truth(room, made), summary(room, made)
    assert listed.items() <= seen.items()
    left_out = {"attributes", "recordingS3BucketName", "recordingS3Prefix", "protocol", *CLIENT}
    assert seen.keys() - listed.keys() == left_out


def test_errors_are_the_participants_own(room):
    made = room.token("SUBSCRIBE")
    assert room.publisher(made, user_agent=OBS).reply.status == 403
    seen = truth(room, made, state="DISCONNECTED", published=False, protocol="UNKNOWN")
    assert seen["browserName"] == "OBS Studio"
    where = {"stageArn": room.arn, "sessionId": room.session, "participantId": made["participantId"]}
    events = room.ivs.list_participant_events(**where)["events"]
    assert [event["name"] for event in events] == ["LEFT", "PUBLISH_ERROR", "JOINED"]
    assert events[1]["errorCode"] == "INSUFFICIENT_CAPABILITIES"
    assert {event["participantId"] for event in events} == {made["participantId"]}
