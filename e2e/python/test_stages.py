"""Stages without media: CreateStage, GetStage, UpdateStage, DeleteStage, ListStages, tokens, and history that is empty."""

import base64
import json

import pytest

from actors import refuses
from switchboard import ACCOUNT, REGION, Server

DEFAULT_RECORDING = {
    "storageConfigurationArn": "",
    "mediaTypes": ["AUDIO_VIDEO"],
    "thumbnailConfiguration": {"targetIntervalSeconds": 60, "storage": ["SEQUENTIAL"], "recordingMode": "DISABLED"},
    "recordingReconnectWindowSeconds": 0,
    "hlsConfiguration": {"targetSegmentDurationSeconds": 6},
    "recordParticipantReplicas": True,
}
NO_SESSION = "st-0a1b2c3d4e5f6"


@pytest.fixture
def stage(ivs):
    stage = ivs.create_stage(name="room")["stage"]
    yield stage
    ivs.delete_stage(arn=stage["arn"])


def stage_arn(stage_id="0a1b2c3d4e5f", region=REGION, account=ACCOUNT):
    return f"arn:aws:ivs:{region}:{account}:stage/{stage_id}"


def payload(token):
    """What clients read in a token, without any key."""
    header, claims, signature = token.split(".")
    decode = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    assert len(decode(signature)) == 96
    return json.loads(decode(header)), json.loads(decode(claims))


def test_a_stage_is_made_whole(server, ivs):
    reply = ivs.create_stage(name="room-1", tags={"team": "live"})
    stage = reply["stage"]
    stage_id = stage["arn"].rsplit("/", 1)[1]
    assert stage["arn"] == stage_arn(stage_id) and len(stage_id) == 12
    assert (stage["name"], stage["tags"]) == ("room-1", {"team": "live"})
    assert stage["autoParticipantRecordingConfiguration"] == DEFAULT_RECORDING
    assert stage["endpoints"]["whip"].startswith(server.url)
    assert stage["endpoints"]["events"].startswith(server.url.replace("http", "ws"))
    assert set(stage["endpoints"]) == {"events", "whip", "rtmp", "rtmps"}
    assert "activeSessionId" not in stage
    assert reply["participantTokens"] == []
    assert ivs.get_stage(arn=stage["arn"])["stage"] == stage


def test_a_stage_needs_no_name(ivs):
    stage = ivs.create_stage()["stage"]
    assert (stage["name"], stage["tags"]) == ("", {})


def test_tokens_come_in_the_order_they_were_asked_for(ivs):
    wanted = [{"userId": f"user-{n}", "duration": n + 1} for n in range(12)]
    tokens = ivs.create_stage(participantTokenConfigurations=wanted)["participantTokens"]
    assert [(token["userId"], token["duration"]) for token in tokens] == [(w["userId"], w["duration"]) for w in wanted]
    assert len({token["participantId"] for token in tokens}) == 12


def test_a_stage_changes_its_name_and_its_recording(ivs, stage):
    storage = ivs.create_storage_configuration(s3={"bucketName": "recordings"})["storageConfiguration"]["arn"]
    recording = {"storageConfigurationArn": storage, "mediaTypes": ["AUDIO_ONLY"], "recordingReconnectWindowSeconds": 9}
    ivs.update_stage(arn=stage["arn"], autoParticipantRecordingConfiguration=recording)
    changed = ivs.update_stage(arn=stage["arn"], name="other")["stage"]
    assert changed["name"] == "other"
    assert changed["autoParticipantRecordingConfiguration"] == {**DEFAULT_RECORDING, **recording}
    assert changed["endpoints"] == stage["endpoints"]

    with refuses("ConflictException", 409):
        ivs.delete_storage_configuration(arn=storage)
    off = {"storageConfigurationArn": "", "mediaTypes": ["AUDIO_ONLY"]}
    changed = ivs.update_stage(arn=stage["arn"], autoParticipantRecordingConfiguration=off)["stage"]
    assert changed["autoParticipantRecordingConfiguration"] == DEFAULT_RECORDING
    ivs.delete_storage_configuration(arn=storage)


def test_recording_goes_to_a_configuration_that_is_there(ivs, stage):
    missing = {"storageConfigurationArn": f"arn:aws:ivs:{REGION}:{ACCOUNT}:storage-configuration/0a1b2c3d4e5f"}
    with refuses("ValidationException", 400):
        ivs.create_stage(autoParticipantRecordingConfiguration=missing)
    with refuses("ResourceNotFoundException", 404):
        ivs.update_stage(arn=stage["arn"], autoParticipantRecordingConfiguration=missing)


def test_stages_are_listed_in_pages(own_server):
    ivs = own_server.client("ivs-realtime")
    made = {ivs.create_stage(name=f"n{n}", tags={"n": str(n)})["stage"]["arn"]: n for n in range(5)}
    seen, token = [], {}
    while True:
        page = ivs.list_stages(maxResults=2, **token)
        seen += page["stages"]
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert {stage["arn"]: stage for stage in seen} == {
        arn: {"arn": arn, "name": f"n{n}", "tags": {"n": str(n)}} for arn, n in made.items()
    }
    with refuses("ValidationException", 400):
        ivs.list_public_keys(**token)
    with refuses("ValidationException", 400):
        ivs.list_stages(nextToken="never-given-out")


def test_a_deleted_stage_is_gone(ivs):
    arn = ivs.create_stage(tags={"a": "b"})["stage"]["arn"]
    ivs.delete_stage(arn=arn)
    assert arn not in [stage["arn"] for stage in ivs.list_stages(maxResults=100)["stages"]]
    for call in (
        lambda: ivs.get_stage(arn=arn),
        lambda: ivs.delete_stage(arn=arn),
        lambda: ivs.update_stage(arn=arn, name="x"),
        lambda: ivs.create_participant_token(stageArn=arn),
        lambda: ivs.list_tags_for_resource(resourceArn=arn),
    ):
        with refuses("ResourceNotFoundException", 404):
            call()


UNKNOWN = {
    "get_stage": ("arn", {}),
    "update_stage": ("arn", {}),
    "delete_stage": ("arn", {}),
    "create_participant_token": ("stageArn", {}),
    "get_stage_session": ("stageArn", {"sessionId": NO_SESSION}),
    "get_participant": ("stageArn", {"sessionId": NO_SESSION, "participantId": "p"}),
    "disconnect_participant": ("stageArn", {"participantId": "p"}),
    "start_participant_replication": ("sourceStageArn", {"destinationStageArn": stage_arn(), "participantId": "p"}),
    "stop_participant_replication": ("sourceStageArn", {"destinationStageArn": stage_arn(), "participantId": "p"}),
}


@pytest.mark.parametrize("operation", UNKNOWN)
def test_an_unknown_stage_is_not_found(ivs, stage, operation):
    member, rest = UNKNOWN[operation]
    own = stage["arn"].rsplit("/", 1)[1]
    for arn in (stage_arn(), stage_arn("x"), stage_arn(own, region="eu-west-1"), stage_arn(own, account="9" * 12)):
        with refuses("ResourceNotFoundException", 404):
            getattr(ivs, operation)(**{member: arn}, **rest)


def test_lists_of_what_is_not_there_are_empty(ivs, stage):
    for arn in (stage["arn"], stage_arn()):
        assert ivs.list_stage_sessions(stageArn=arn)["stageSessions"] == []
        session = {"stageArn": arn, "sessionId": NO_SESSION}
        assert ivs.list_participants(**session)["participants"] == []
        assert ivs.list_participant_events(**session, participantId="p")["events"] == []
        assert ivs.list_participant_replicas(sourceStageArn=arn, participantId="p")["replicas"] == []


def test_there_is_no_history_without_media(ivs, stage):
    token = ivs.create_participant_token(stageArn=stage["arn"])["participantToken"]
    with refuses("ResourceNotFoundException", 404):
        ivs.get_stage_session(stageArn=stage["arn"], sessionId=NO_SESSION)
    with refuses("ResourceNotFoundException", 404):
        ivs.get_participant(stageArn=stage["arn"], sessionId=NO_SESSION, participantId=token["participantId"])


def test_participants_are_filtered_one_way_at_most(ivs, stage):
    session = {"stageArn": stage["arn"], "sessionId": NO_SESSION}
    filters = {
        "filterByUserId": "u",
        "filterByPublished": False,
        "filterByState": "CONNECTED",
        "filterByRecordingState": "ACTIVE",
    }
    for one in filters:
        assert ivs.list_participants(**session, **{one: filters[one]})["participants"] == []
        for other in filters:
            if other != one:
                with refuses("ValidationException", 400):
                    ivs.list_participants(**session, **{one: filters[one], other: filters[other]})


# -- tokens -------------------------------------------------------------------------------------------------------------


def test_a_token_says_what_was_asked_for(ivs, stage):
    token = ivs.create_participant_token(
        stageArn=stage["arn"], duration=1, userId="u-1", attributes={"name": "Alice"}, capabilities=["SUBSCRIBE"]
    )["participantToken"]
    assert (token["userId"], token["attributes"], token["duration"]) == ("u-1", {"name": "Alice"}, 1)
    assert token["capabilities"] == ["SUBSCRIBE"]
    header, claims = payload(token["token"])
    assert header == {"alg": "ES384", "typ": "JWT"}
    assert claims["jti"] == token["participantId"] and len(claims["jti"]) == 12
    assert claims["resource"] == stage["arn"]
    assert claims["topic"] == stage["arn"].rsplit("/", 1)[1]
    assert (claims["whip_url"], claims["events_url"]) == (stage["endpoints"]["whip"], stage["endpoints"]["events"])
    assert claims["capabilities"] == {"allow_publish": False, "allow_subscribe": True}
    assert (claims["user_id"], claims["attributes"], claims["version"]) == ("u-1", {"name": "Alice"}, "1.0")
    assert claims["exp"] - claims["iat"] == 60
    assert int(token["expirationTime"].timestamp()) == claims["exp"]


def test_a_token_has_defaults(ivs, stage):
    token = ivs.create_participant_token(stageArn=stage["arn"])["participantToken"]
    assert (token["duration"], token["capabilities"]) == (720, ["PUBLISH", "SUBSCRIBE"])
    assert "userId" not in token and "attributes" not in token


def test_attributes_are_a_kilobyte_at_most(ivs, stage):
    ivs.create_participant_token(stageArn=stage["arn"], attributes={"k": "v" * 1023})
    with refuses("ValidationException", 400):
        ivs.create_participant_token(stageArn=stage["arn"], attributes={"k": "ü" * 512})
    with refuses("ValidationException", 400):
        ivs.create_stage(participantTokenConfigurations=[{"attributes": {"k": "v" * 1024}}])


def test_who_holds_a_token_can_be_disconnected_and_nobody_else(ivs, stage):
    token = ivs.create_participant_token(stageArn=stage["arn"])["participantToken"]
    ivs.disconnect_participant(stageArn=stage["arn"], participantId=token["participantId"], reason="no reason")
    ivs.disconnect_participant(stageArn=stage["arn"], participantId=token["participantId"])
    with refuses("ResourceNotFoundException", 404):
        ivs.disconnect_participant(stageArn=stage["arn"], participantId="nobody")
    with refuses("ResourceNotFoundException", 404):
        ivs.disconnect_participant(stageArn=stage["arn"], participantId="")


def test_an_expired_token_is_no_longer_known(own_server):
    ivs = own_server.client("ivs-realtime")
    arn = ivs.create_stage()["stage"]["arn"]
    token = ivs.create_participant_token(stageArn=arn, duration=1)["participantToken"]
    own_server.advance(minutes=1)
    with refuses("ResourceNotFoundException", 404):
        ivs.disconnect_participant(stageArn=arn, participantId=token["participantId"])


# -- replication --------------------------------------------------------------------------------------------------------


def test_only_who_publishes_is_replicated(ivs, stage):
    other = ivs.create_stage()["stage"]["arn"]
    stages = {"sourceStageArn": stage["arn"], "destinationStageArn": other}
    with refuses("ResourceNotFoundException", 404):
        ivs.start_participant_replication(**stages, participantId="p")
    with refuses("ResourceNotFoundException", 404):
        ivs.stop_participant_replication(**stages, participantId="p")
    with refuses("ValidationException", 400):
        ivs.start_participant_replication(
            sourceStageArn=other, destinationStageArn=other, participantId="p", reconnectWindowSeconds=300
        )


# -- the wire -----------------------------------------------------------------------------------------------------------

GUARDS = {
    "access-control-allow-origin": "*",
    "cache-control": "no-store, no-cache",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def post(server, operation, body, **options):
    headers = {"Content-Type": "application/json"}
    return server.signed("POST", f"/{operation}", body, headers, service="ivs", **options)


def test_an_error_has_its_sentence_in_exception_message(server, ivs):
    reply = post(server, "GetStage", {"arn": stage_arn()})
    assert (reply.status, reply.error, set(reply.json)) == (404, "ResourceNotFoundException", {"exceptionMessage"})
    reply = post(server, "GetStage", {})
    assert (reply.status, reply.error, set(reply.json)) == (400, "ValidationException", {"exceptionMessage"})
    assert GUARDS.items() <= reply.headers.items()


def test_boto3_shows_the_members_of_an_error(ivs):
    with refuses("ResourceNotFoundException", 404) as refused:
        ivs.get_stage(arn=stage_arn())
    assert stage_arn() in refused.reply["exceptionMessage"]
    assert (refused.reply["accessControlAllowOrigin"], refused.reply["xFrameOptions"]) == ("*", "DENY")


def test_any_connection_token_can_be_revoked(server):
    for _ in range(2):
        reply = post(server, "RevokeConnectionToken", {"tokenId": "made-by-a-customer"})
        assert (reply.status, reply.body) == (200, b"{}")
    reply = post(server, "RevokeConnectionToken", {"tokenId": ""})
    assert (reply.status, reply.error) == (400, "ValidationException")


def test_a_page_of_another_origin_is_told_by_the_cors_layer(tmp_path):
    with Server(tmp_path / "data", "--cors-origin", "https://good.example") as server:
        headers = {"Content-Type": "application/json"}
        for origin, allowed in (("https://good.example", "https://good.example"), ("https://bad.example", None)):
            reply = server.signed("POST", "/ListStages", {}, {**headers, "Origin": origin}, service="ivs")
            assert (reply.status, reply.headers.get("access-control-allow-origin")) == (200, allowed)


def test_success_without_an_output_is_an_empty_object(server, ivs):
    arn = ivs.create_stage()["stage"]["arn"]
    reply = post(server, "DeleteStage", {"arn": arn})
    assert (reply.status, reply.body) == (200, b"{}")


def test_stages_outlive_the_server(tmp_path):
    with Server(tmp_path / "data") as server:
        ivs = server.client("ivs-realtime")
        stage = ivs.create_stage(name="kept", tags={"a": "b"})["stage"]
        host, port = server.address
    server = Server(tmp_path / "data").start(listen=f"{host}:{port}")
    try:
        assert server.client("ivs-realtime").get_stage(arn=stage["arn"])["stage"] == stage
    finally:
        server.stop()
