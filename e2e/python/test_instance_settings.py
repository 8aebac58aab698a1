"""What is set up in an instance: attributes, where it stores things, and what it lets in."""

import uuid

import pytest

from actors import new_instance, refuses, wait_active
from switchboard import ACCOUNT, REGION
from things import BUCKET, FUNCTION, MANAGED, PUBLIC_KEY, fresh_alias

# -- attributes -------------------------------------------------------------------------------------------------


def attributes(admin, instance_id):
    pages = admin.get_paginator("list_instance_attributes").paginate(InstanceId=instance_id)
    return {each["AttributeType"]: each["Value"] for page in pages for each in page["Attributes"]}


def test_a_new_instance_has_the_documented_attributes(server, admin):
    made = admin.create_instance(InstanceAlias=fresh_alias(), **MANAGED)
    wait_active(server, made["Id"])
    values = attributes(admin, made["Id"])
    assert values["INBOUND_CALLS"] == "true" and values["OUTBOUND_CALLS"] == "false"
    for on in ("AUTO_RESOLVE_BEST_VOICES", "CONTACT_LENS", "EARLY_MEDIA"):
        assert values[on] == "true", on
    for off in ("CONTACTFLOW_LOGS", "MULTI_PARTY_CONFERENCE"):
        assert values[off] == "false", off


def test_an_attribute_is_changed_and_described(server, admin):
    instance = new_instance(server)
    admin.update_instance_attribute(InstanceId=instance.id, AttributeType="CONTACTFLOW_LOGS", Value="true")
    described = admin.describe_instance_attribute(InstanceId=instance.id, AttributeType="CONTACTFLOW_LOGS")
    assert described["Attribute"] == {"AttributeType": "CONTACTFLOW_LOGS", "Value": "true"}
    admin.update_instance_attribute(InstanceId=instance.id, AttributeType="INBOUND_CALLS", Value="false")
    assert admin.describe_instance(InstanceId=instance.id)["Instance"]["InboundCallsEnabled"] is False
    assert attributes(admin, instance.id)["CONTACTFLOW_LOGS"] == "true"


def test_an_attribute_is_one_of_a_list_and_either_on_or_off(server, instance):
    connect = server.connect(validate=False)
    with refuses("InvalidRequestException", 400):
        connect.describe_instance_attribute(InstanceId=instance.id, AttributeType="NO_SUCH_ATTRIBUTE")
    with refuses("InvalidRequestException", 400):
        connect.update_instance_attribute(InstanceId=instance.id, AttributeType="NO_SUCH_ATTRIBUTE", Value="true")
    with refuses("InvalidRequestException", 400):
        connect.update_instance_attribute(InstanceId=instance.id, AttributeType="CONTACT_LENS", Value="")
    for value in ("perhaps", "TRUE", " true"):
        with refuses("InvalidParameterException", 400):
            connect.update_instance_attribute(InstanceId=instance.id, AttributeType="CONTACT_LENS", Value=value)


def test_custom_voices_are_switched_on_by_aws_only(admin, instance):
    with refuses("InvalidRequestException", 400):
        admin.update_instance_attribute(InstanceId=instance.id, AttributeType="USE_CUSTOM_TTS_VOICES", Value="true")
    admin.update_instance_attribute(InstanceId=instance.id, AttributeType="USE_CUSTOM_TTS_VOICES", Value="false")


def test_attributes_are_listed_seven_at_a_time(admin, instance):
    pages = admin.get_paginator("list_instance_attributes").paginate(InstanceId=instance.id)
    assert [len(page["Attributes"]) for page in pages] == [7, 6]
    token = admin.list_instance_attributes(InstanceId=instance.id, MaxResults=2)["NextToken"]
    page = admin.list_instance_attributes(InstanceId=instance.id, MaxResults=1, NextToken=token)
    assert [each["AttributeType"] for each in page["Attributes"]] == ["CONTACTFLOW_LOGS"]
    with refuses("InvalidRequestException", 400):
        admin.list_instance_attributes(InstanceId=instance.id, NextToken="made-up")


# -- storage ----------------------------------------------------------------------------------------------------

def test_a_storage_config_is_made_changed_listed_and_removed(server, admin):
    instance = new_instance(server)
    where = {"InstanceId": instance.id, "ResourceType": "CHAT_TRANSCRIPTS"}
    assert admin.list_instance_storage_configs(**where)["StorageConfigs"] == []

    association = admin.associate_instance_storage_config(StorageConfig=BUCKET, **where)["AssociationId"]
    with refuses("ResourceConflictException", 409):
        admin.associate_instance_storage_config(StorageConfig=BUCKET, **where)
    described = admin.describe_instance_storage_config(AssociationId=association, **where)["StorageConfig"]
    assert described == {"AssociationId": association, **BUCKET}

    moved = {"StorageType": "S3", "S3Config": {"BucketName": "moved", "BucketPrefix": "chats"}}
    admin.update_instance_storage_config(AssociationId=association, StorageConfig=moved, **where)
    [listed] = admin.list_instance_storage_configs(**where)["StorageConfigs"]
    assert listed["S3Config"]["BucketName"] == "moved"

    admin.disassociate_instance_storage_config(AssociationId=association, **where)
    with refuses("ResourceNotFoundException", 404):
        admin.describe_instance_storage_config(AssociationId=association, **where)
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_instance_storage_config(AssociationId=association, **where)


KMS_KEY = {"EncryptionType": "KMS", "KeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{uuid.uuid4()}"}
SEALED = {"StorageType": "S3", "S3Config": {**BUCKET["S3Config"], "EncryptionConfig": KMS_KEY}}
VIDEO = {"Prefix": "calls", "RetentionPeriodHours": 24, "EncryptionConfig": KMS_KEY}
STREAM = {"StreamArn": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/records"}
FIREHOSE = {"FirehoseArn": f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/records"}


@pytest.mark.parametrize(
    ("resource_type", "config"),
    [
        ("CALL_RECORDINGS", SEALED),
        ("MEDIA_STREAMS", {"StorageType": "KINESIS_VIDEO_STREAM", "KinesisVideoStreamConfig": VIDEO}),
        ("CONTACT_TRACE_RECORDS", {"StorageType": "KINESIS_FIREHOSE", "KinesisFirehoseConfig": FIREHOSE}),
        ("AGENT_EVENTS", {"StorageType": "KINESIS_STREAM", "KinesisStreamConfig": STREAM}),
    ],
)
def test_each_kind_of_storage_comes_back_as_it_was_given(server, admin, resource_type, config):
    where = {"InstanceId": new_instance(server).id, "ResourceType": resource_type}
    association = admin.associate_instance_storage_config(StorageConfig=config, **where)["AssociationId"]
    described = admin.describe_instance_storage_config(AssociationId=association, **where)["StorageConfig"]
    assert described == {"AssociationId": association, **config}


@pytest.mark.parametrize("operation", ["associate", "update"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"StorageType": "S3"},
        {"StorageType": "KINESIS_STREAM", "S3Config": BUCKET["S3Config"]},
        {**BUCKET, "KinesisStreamConfig": STREAM},
        {"StorageType": "KINESIS_STREAM", "KinesisStreamConfig": STREAM},
        {"StorageType": "S3", "S3Config": {**BUCKET["S3Config"], "EncryptionConfig": {**KMS_KEY, "KeyId": "a-key"}}},
    ],
)
def test_a_storage_config_holds_what_its_type_says(server, operation, wrong):
    connect = server.connect()
    where = {"InstanceId": new_instance(server).id, "ResourceType": "CALL_RECORDINGS"}
    if operation == "update":
        made = connect.associate_instance_storage_config(StorageConfig=BUCKET, **where)
        where["AssociationId"] = made["AssociationId"]
    with refuses("InvalidParameterException", 400):
        getattr(connect, f"{operation}_instance_storage_config")(StorageConfig=wrong, **where)


def test_a_storage_type_is_one_of_a_list(server, instance):
    with refuses("InvalidRequestException", 400):
        server.connect(validate=False).associate_instance_storage_config(
            InstanceId=instance.id, ResourceType="CALL_RECORDINGS", StorageConfig={**BUCKET, "StorageType": "TAPE"}
        )


def test_a_storage_config_is_found_by_its_id_and_type(server, admin):
    instance = new_instance(server)
    where = {"InstanceId": instance.id, "ResourceType": "CHAT_TRANSCRIPTS"}
    association = admin.associate_instance_storage_config(StorageConfig=BUCKET, **where)["AssociationId"]
    for wrong in (
        {**where, "AssociationId": str(uuid.uuid4())},
        {**where, "AssociationId": "no-such-id"},
        {**where, "AssociationId": association, "ResourceType": "CALL_RECORDINGS"},
    ):
        with refuses("ResourceNotFoundException", 404):
            admin.describe_instance_storage_config(**wrong)
        with refuses("ResourceNotFoundException", 404):
            admin.update_instance_storage_config(StorageConfig=BUCKET, **wrong)
        with refuses("ResourceNotFoundException", 404):
            admin.disassociate_instance_storage_config(**wrong)
    with refuses("InvalidRequestException", 400):
        admin.list_instance_storage_configs(NextToken="made-up", **where)


# -- what an instance lets in -----------------------------------------------------------------------------------


def test_origins_are_approved_and_no_longer(server, admin):
    instance, origin = new_instance(server), "https://shop.example"
    admin.associate_approved_origin(InstanceId=instance.id, Origin=origin)
    with refuses("ResourceConflictException", 409):
        admin.associate_approved_origin(InstanceId=instance.id, Origin=origin)
    assert admin.list_approved_origins(InstanceId=instance.id)["Origins"] == [origin]
    admin.disassociate_approved_origin(InstanceId=instance.id, Origin=origin)
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_approved_origin(InstanceId=instance.id, Origin=origin)
    assert admin.list_approved_origins(InstanceId=instance.id)["Origins"] == []


def test_lambda_functions_are_associated_and_no_longer(server, admin):
    instance = new_instance(server)
    function = {"InstanceId": instance.id, "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:greet"}
    admin.associate_lambda_function(**function)
    with refuses("ResourceConflictException", 409):
        admin.associate_lambda_function(**function)
    listed = admin.list_lambda_functions(InstanceId=instance.id)["LambdaFunctions"]
    assert listed == [function["FunctionArn"]]
    admin.disassociate_lambda_function(**function)
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_lambda_function(**function)


def test_security_keys_come_and_go(server, admin):
    instance = new_instance(server)
    made = admin.associate_security_key(InstanceId=instance.id, Key=PUBLIC_KEY)["AssociationId"]
    [listed] = admin.list_security_keys(InstanceId=instance.id)["SecurityKeys"]
    assert listed["AssociationId"] == made and listed["Key"].strip() == PUBLIC_KEY
    admin.disassociate_security_key(InstanceId=instance.id, AssociationId=made)
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_security_key(InstanceId=instance.id, AssociationId=made)


@pytest.mark.parametrize("operation", ["associate", "disassociate"])
def test_what_is_let_in_has_a_form(admin, instance, operation):
    for origin in ("shop.example", "https://shop.example/path", "ftp://shop.example", "https://", ""):
        with refuses("InvalidParameterException", 400):
            getattr(admin, f"{operation}_approved_origin")(InstanceId=instance.id, Origin=origin)
    for function in ("greet", FUNCTION.replace("function:", "layer:"), f"{FUNCTION}:1:2"):
        with refuses("InvalidParameterException", 400):
            getattr(admin, f"{operation}_lambda_function")(InstanceId=instance.id, FunctionArn=function)


def test_an_origin_is_the_same_whatever_its_case(server, admin):
    instance = new_instance(server)
    admin.associate_approved_origin(InstanceId=instance.id, Origin="https://Shop.example:8443")
    with refuses("ResourceConflictException", 409):
        admin.associate_approved_origin(InstanceId=instance.id, Origin="https://shop.example:8443")
    assert admin.list_approved_origins(InstanceId=instance.id)["Origins"] == ["https://Shop.example:8443"]


@pytest.mark.parametrize(
    ("what", "member", "listed", "thing"),
    [
        ("approved_origin", "Origin", "Origins", lambda number: f"https://shop{number:02}.example"),
        ("lambda_function", "FunctionArn", "LambdaFunctions", lambda number: f"{FUNCTION}-{number:02}"),
    ],
)
def test_each_list_has_pages_and_a_quota(server, admin, what, member, listed, thing):
    instance = new_instance(server)
    for number in range(50):
        getattr(admin, f"associate_{what}")(InstanceId=instance.id, **{member: thing(number)})
    with refuses("ServiceQuotaExceededException", 402):
        getattr(admin, f"associate_{what}")(InstanceId=instance.id, **{member: thing(50)})
    pages = list(admin.get_paginator(f"list_{what}s").paginate(InstanceId=instance.id))
    assert [len(page[listed]) for page in pages] == [25, 25]
    assert [each for page in pages for each in page[listed]] == [thing(number) for number in range(50)]
    with refuses("InvalidRequestException", 400):
        getattr(admin, f"list_{what}s")(InstanceId=instance.id, NextToken="made-up")


def test_an_instance_has_two_security_keys_at_most(server, admin):
    instance = new_instance(server)
    admin.associate_security_key(InstanceId=instance.id, Key=PUBLIC_KEY)
    with refuses("ResourceConflictException", 409):
        admin.associate_security_key(InstanceId=instance.id, Key=PUBLIC_KEY.replace("\n", "\r\n"))
    admin.associate_security_key(InstanceId=instance.id, Key=PUBLIC_KEY.replace("MFww", "MFwx"))
    with refuses("ServiceQuotaExceededException", 402):
        admin.associate_security_key(InstanceId=instance.id, Key=PUBLIC_KEY.replace("MFww", "MFwy"))
    pages = list(admin.get_paginator("list_security_keys").paginate(InstanceId=instance.id))
    assert [len(page["SecurityKeys"]) for page in pages] == [2]
    with refuses("InvalidRequestException", 400):
        admin.list_security_keys(InstanceId=instance.id, NextToken="made-up")
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_security_key(InstanceId=instance.id, AssociationId="no-such-id")


@pytest.mark.parametrize("key", ["a key", PUBLIC_KEY.replace("PUBLIC", "PRIVATE"), PUBLIC_KEY.splitlines()[0]])
def test_a_security_key_is_a_public_key(admin, instance, key):
    with refuses("InvalidParameterException", 400):
        admin.associate_security_key(InstanceId=instance.id, Key=key)


def test_the_client_token_makes_every_change_safe_to_repeat(server, admin):
    instance = new_instance(server)
    storage = {"ResourceType": "CHAT_TRANSCRIPTS", "StorageConfig": BUCKET}
    made = {}
    for operation, members in (
        ("associate_approved_origin", {"Origin": "https://shop.example"}),
        ("disassociate_approved_origin", {"Origin": "https://shop.example"}),
        ("associate_lambda_function", {"FunctionArn": FUNCTION}),
        ("disassociate_lambda_function", {"FunctionArn": FUNCTION}),
        ("associate_security_key", {"Key": PUBLIC_KEY}),
        ("associate_instance_storage_config", storage),
    ):
        call, token = getattr(admin, operation), str(uuid.uuid4())
        first, again = (call(InstanceId=instance.id, ClientToken=token, **members) for _ in range(2))
        assert first.get("AssociationId") == again.get("AssociationId")
        made[operation] = first.get("AssociationId")
    for operation, members in (
        ("disassociate_security_key", {"AssociationId": made["associate_security_key"]}),
        (
            "disassociate_instance_storage_config",
            {"AssociationId": made["associate_instance_storage_config"], "ResourceType": "CHAT_TRANSCRIPTS"},
        ),
    ):
        token = str(uuid.uuid4())
        for _ in range(2):
            getattr(admin, operation)(InstanceId=instance.id, ClientToken=token, **members)


def test_work_inside_an_instance_needs_the_instance(admin):
    nowhere, association = str(uuid.uuid4()), str(uuid.uuid4())
    storage = {"ResourceType": "CHAT_TRANSCRIPTS"}
    for operation, members in (
        ("delete_instance", {}),
        ("describe_instance_attribute", {"AttributeType": "CONTACT_LENS"}),
        ("update_instance_attribute", {"AttributeType": "CONTACT_LENS", "Value": "true"}),
        ("list_instance_attributes", {}),
        ("associate_instance_storage_config", {**storage, "StorageConfig": BUCKET}),
        ("describe_instance_storage_config", {**storage, "AssociationId": association}),
        ("update_instance_storage_config", {**storage, "AssociationId": association, "StorageConfig": BUCKET}),
        ("list_instance_storage_configs", storage),
        ("disassociate_instance_storage_config", {**storage, "AssociationId": association}),
        ("associate_approved_origin", {"Origin": "https://shop.example"}),
        ("disassociate_approved_origin", {"Origin": "https://shop.example"}),
        ("list_approved_origins", {}),
        ("associate_security_key", {"Key": PUBLIC_KEY}),
        ("disassociate_security_key", {"AssociationId": association}),
        ("list_security_keys", {}),
        ("associate_lambda_function", {"FunctionArn": FUNCTION}),
        ("disassociate_lambda_function", {"FunctionArn": FUNCTION}),
        ("list_lambda_functions", {}),
    ):
        with refuses("ResourceNotFoundException", 404):
            getattr(admin, operation)(InstanceId=nowhere, **members)
