"""What is around stages: public keys, encoder, storage and ingest configurations, their tags and their quotas."""

import pytest

from actors import refuses
from switchboard import ACCOUNT, REGION, Server

# Each made by `openssl ecparam -name secp384r1` and `openssl ec -pubout`.
KEYS = [
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEhXflSOYuhisb2CVqt+hr1DJv5C83amudoxlUAuFNltFOKuFNsIWWLSsnoQrTb+EYKptNQObpSXX/P9o/xxxL"
    "QngGxZzwaO/PVlE6+AexFmdeznrDTQswtO8xzDTRVmH3",
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE+rjffhW0FAH30EEQWt33m/uqyPO3IXwHjcQ2SzUx942kfHZeVfsfNy7mdRHBmR2zu2mD3sUSjxI7b9kTRbjn"
    "C2OHR6kxrtW5+y3aCuvorMLMe3OH762azr4H1upOpo/Q",
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEHmzX0+Gxq4XWdnwydlghGmzI6eRPLWOT+3cZkFwWdMat2g8nQBMgX1nOxu8wJekKdOYBUe4zkRk66XVdSaBX"
    "d4lm953Mjh/dIJ6g9Oj4pRZLtE/OjdBwT4z1Jmk3RNy9",
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE59oQleqfCICFrEYK0uPEG/l96vbjaZ+yf8vpJ3qCS6kqtVkmUG0XSFVvtI3a7omBMOf6p40ORpadf4zPjKlW"
    "Gz9CYymSAyroMGcKsKGOdoiIF+Ah1OQrnTcDZSkfVryh",
]
P256 = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtnyxNNXRzGn0s4/lJofbBPEti0bYD3qbqMvZfTP8d1vEVig3YVhb+I5RJsn6qry6dw5ie34SeSKzH3eT"
    "Mag9sg=="
)


def pem(der):
    lines = "\n".join(der[at : at + 64] for at in range(0, len(der), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


@pytest.fixture
def fresh(own_server):
    """A client of a server on which nothing was made."""
    return own_server.client("ivs-realtime")


def arn_of(kind, resource_id="0a1b2c3d4e5f"):
    return f"arn:aws:ivs:{REGION}:{ACCOUNT}:{kind}/{resource_id}"


# -- public keys --------------------------------------------------------------------------------------------------------


def test_a_key_is_imported_listed_and_deleted(fresh):
    key = fresh.import_public_key(publicKeyMaterial=pem(KEYS[0]), name="first", tags={"a": "b"})["publicKey"]
    assert key["arn"].startswith(arn_of("public-key", ""))
    assert (key["name"], key["publicKeyMaterial"], key["tags"]) == ("first", pem(KEYS[0]), {"a": "b"})
    assert len(key["fingerprint"].split(":")) == 16
    assert fresh.get_public_key(arn=key["arn"])["publicKey"] == key
    summary = {name: key[name] for name in ("arn", "name", "tags")}
    assert fresh.list_public_keys()["publicKeys"] == [summary]
    fresh.delete_public_key(arn=key["arn"])
    assert fresh.list_public_keys()["publicKeys"] == []
    for operation in (fresh.get_public_key, fresh.delete_public_key):
        with refuses("ResourceNotFoundException", 404):
            operation(arn=key["arn"])


def test_a_key_is_imported_once(fresh):
    first = fresh.import_public_key(publicKeyMaterial=pem(KEYS[0]))["publicKey"]
    assert (first["name"], first["tags"]) == ("", {})
    with refuses("ConflictException", 409):
        fresh.import_public_key(publicKeyMaterial=pem(KEYS[0]).replace("\n", "\r\n").strip())
    fresh.delete_public_key(arn=first["arn"])
    fresh.import_public_key(publicKeyMaterial=pem(KEYS[0]))


@pytest.mark.parametrize("material", [pem(P256), pem("AAAA"), pem(KEYS[0][:-4] + "AAAA")])
def test_only_points_on_p384_are_keys(ivs, material):
    with refuses("ValidationException", 400):
        ivs.import_public_key(publicKeyMaterial=material)


def test_keys_are_listed_by_boto3s_paginator(fresh):
    arns = {fresh.import_public_key(publicKeyMaterial=pem(key))["publicKey"]["arn"] for key in KEYS}
    pages = list(fresh.get_paginator("list_public_keys").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["publicKeys"]) for page in pages] == [3, 1]
    assert {key["arn"] for page in pages for key in page["publicKeys"]} == arns


# -- encoders -----------------------------------------------------------------------------------------------------------


def test_an_encoder_has_defaults(fresh):
    made = fresh.create_encoder_configuration()["encoderConfiguration"]
    assert made["video"] == {"width": 1280, "height": 720, "framerate": 30.0, "bitrate": 2500000}
    assert (made["name"], made["tags"]) == ("", {})
    assert fresh.get_encoder_configuration(arn=made["arn"])["encoderConfiguration"] == made
    assert fresh.list_encoder_configurations()["encoderConfigurations"] == [{"arn": made["arn"], "name": "", "tags": {}}]
    fresh.delete_encoder_configuration(arn=made["arn"])
    for operation in (fresh.get_encoder_configuration, fresh.delete_encoder_configuration):
        with refuses("ResourceNotFoundException", 404):
            operation(arn=made["arn"])


@pytest.mark.parametrize("video", [{"width": 1279}, {"height": 719}, {"width": 1920, "height": 1082}])
def test_a_picture_has_even_sides_and_an_area(ivs, video):
    with refuses("ValidationException", 400):
        ivs.create_encoder_configuration(video=video)


# -- storage ------------------------------------------------------------------------------------------------------------


def test_a_storage_is_made_listed_and_deleted(fresh):
    made = fresh.create_storage_configuration(name="s", s3={"bucketName": "my-bucket"}, tags={"k": "v"})
    made = made["storageConfiguration"]
    assert (made["name"], made["s3"], made["tags"]) == ("s", {"bucketName": "my-bucket"}, {"k": "v"})
    assert fresh.get_storage_configuration(arn=made["arn"])["storageConfiguration"] == made
    assert fresh.list_storage_configurations()["storageConfigurations"] == [made]
    fresh.delete_storage_configuration(arn=made["arn"])
    for operation in (fresh.get_storage_configuration, fresh.delete_storage_configuration):
        with refuses("ResourceNotFoundException", 404):
            operation(arn=made["arn"])


# -- ingest -------------------------------------------------------------------------------------------------------------


def test_an_ingest_has_a_participant_and_a_key(fresh):
    stage = fresh.create_stage()["stage"]["arn"]
    made = fresh.create_ingest_configuration(
        ingestProtocol="RTMPS", stageArn=stage, userId="u", attributes={"a": "b"}, name="cam", tags={"k": "v"}
    )["ingestConfiguration"]
    ingest_id = made["arn"].rsplit("/", 1)[1]
    assert made["streamKey"].startswith(f"rt_{ACCOUNT}_{REGION}_{ingest_id}_")
    assert (made["stageArn"], made["state"], made["userId"]) == (stage, "INACTIVE", "u")
    assert (made["attributes"], made["tags"], made["redundantIngest"]) == ({"a": "b"}, {"k": "v"}, False)
    assert fresh.get_ingest_configuration(arn=made["arn"])["ingestConfiguration"] == made
    hidden = ("streamKey", "attributes", "tags")
    summary = {name: value for name, value in made.items() if name not in hidden}
    assert fresh.list_ingest_configurations()["ingestConfigurations"] == [summary]

    fresh.disconnect_participant(stageArn=stage, participantId=made["participantId"])
    assert fresh.get_ingest_configuration(arn=made["arn"])["ingestConfiguration"]["stageArn"] == ""
    fresh.delete_ingest_configuration(arn=made["arn"])
    for operation in (
        fresh.get_ingest_configuration,
        fresh.update_ingest_configuration,
        fresh.delete_ingest_configuration,
    ):
        with refuses("ResourceNotFoundException", 404):
            operation(arn=made["arn"])


def test_plain_rtmp_must_be_wanted(ivs):
    with refuses("ValidationException", 400):
        ivs.create_ingest_configuration(ingestProtocol="RTMP")
    made = ivs.create_ingest_configuration(ingestProtocol="RTMP", insecureIngest=True)["ingestConfiguration"]
    assert (made["ingestProtocol"], made["stageArn"]) == ("RTMP", "")


def test_a_protocol_may_be_written_small(ivs):
    """As the example of `aws ivs-realtime create-ingest-configuration` does."""
    made = ivs.create_ingest_configuration(ingestProtocol="rtmps")["ingestConfiguration"]
    assert made["ingestProtocol"] == "RTMPS"


def test_a_key_leads_to_another_stage_and_back_to_none(ivs):
    first, second = (ivs.create_stage()["stage"]["arn"] for _ in range(2))
    arn = ivs.create_ingest_configuration(ingestProtocol="RTMPS", stageArn=first)["ingestConfiguration"]["arn"]
    update = lambda **change: ivs.update_ingest_configuration(arn=arn, **change)["ingestConfiguration"]
    assert update(stageArn=second)["stageArn"] == second
    redundant = update(redundantIngest=True)
    assert (redundant["stageArn"], len(redundant["redundantIngestCredentials"])) == (second, 1)
    assert redundant["redundantIngestCredentials"][0]["participantId"] != redundant["participantId"]
    assert update(stageArn="", redundantIngest=False)["stageArn"] == ""
    with refuses("ResourceNotFoundException", 404):
        update(stageArn=arn_of("stage"))
    with refuses("ValidationException", 400):
        ivs.create_ingest_configuration(ingestProtocol="RTMPS", stageArn=arn_of("stage"))


def test_ingests_are_filtered_one_way_at_most(fresh):
    stage = fresh.create_stage()["stage"]["arn"]
    make = lambda **more: fresh.create_ingest_configuration(ingestProtocol="RTMPS", **more)["ingestConfiguration"]["arn"]
    attached, loose = make(stageArn=stage), make()
    found = lambda **by: {one["arn"] for one in fresh.list_ingest_configurations(**by)["ingestConfigurations"]}
    assert found() == found(filterByState="INACTIVE") == {attached, loose}
    assert (found(filterByStageArn=stage), found(filterByState="ACTIVE")) == ({attached}, set())
    assert found(filterByStageArn=arn_of("stage")) == set()
    with refuses("ValidationException", 400):
        found(filterByStageArn=stage, filterByState="ACTIVE")


def test_too_large_attributes_are_refused(ivs):
    with refuses("ValidationException", 400):
        ivs.create_ingest_configuration(ingestProtocol="RTMPS", attributes={"k": "v" * 1024})


# -- tags ---------------------------------------------------------------------------------------------------------------


def every_resource(ivs):
    return [
        ivs.create_stage()["stage"]["arn"],
        ivs.import_public_key(publicKeyMaterial=pem(KEYS[0]))["publicKey"]["arn"],
        ivs.create_encoder_configuration()["encoderConfiguration"]["arn"],
        ivs.create_storage_configuration(s3={"bucketName": "bucket"})["storageConfiguration"]["arn"],
        ivs.create_ingest_configuration(ingestProtocol="RTMPS")["ingestConfiguration"]["arn"],
    ]


def test_everything_can_be_tagged(fresh):
    for arn in every_resource(fresh):
        fresh.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        fresh.tag_resource(resourceArn=arn, tags={"b": "3"})
        assert fresh.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1", "b": "3"}
        fresh.untag_resource(resourceArn=arn, tagKeys=["a", "never-there"])
        assert fresh.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "3"}


def test_tags_have_their_limits(ivs):
    arn = ivs.create_stage(tags={f"k{n}": "v" for n in range(49)})["stage"]["arn"]
    ivs.tag_resource(resourceArn=arn, tags={"k49": "v"})
    for tags in ({"k50": "v"}, {"aws:mine": "v"}):
        with refuses("ValidationException", 400):
            ivs.tag_resource(resourceArn=arn, tags=tags)
    with refuses("ValidationException", 400):
        ivs.create_stage(tags={"aws:mine": "v"})


@pytest.mark.parametrize("kind", ["stage", "public-key", "encoder-configuration", "composition", "channel"])
def test_what_is_not_there_has_no_tags(ivs, kind):
    arn = arn_of(kind)
    for call in (
        lambda: ivs.list_tags_for_resource(resourceArn=arn),
        lambda: ivs.tag_resource(resourceArn=arn, tags={"a": "b"}),
        lambda: ivs.untag_resource(resourceArn=arn, tagKeys=["a"]),
    ):
        with refuses("ResourceNotFoundException", 404):
            call()


# -- quotas -------------------------------------------------------------------------------------------------------------


def test_awss_quotas_hold_where_they_are_wanted(tmp_path):
    with Server(tmp_path / "data", "--limits", "aws", "--movable-clock") as server:
        server.calls_per_second = 3
        ivs = server.client("ivs-realtime")
        makers = (
            (3, lambda n: ivs.import_public_key(publicKeyMaterial=pem(KEYS[n]))),
            (5, lambda _: ivs.create_storage_configuration(s3={"bucketName": "bucket"})),
            (20, lambda _: ivs.create_encoder_configuration()),
            (100, lambda _: ivs.create_ingest_configuration(ingestProtocol="RTMPS")),
            (1000, lambda _: ivs.create_stage()),
        )
        for quota, make in makers:
            for n in range(quota):
                make(n)
            with refuses("ServiceQuotaExceededException", 402):
                make(quota)
