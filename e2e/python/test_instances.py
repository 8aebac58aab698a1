"""Amazon Connect instances: their life, their names, their attributes and where they store things."""

import uuid
from datetime import datetime, timedelta, timezone

import pytest

from actors import new_instance, refuses, wait_active
from switchboard import ACCOUNT, REGION, Server, poll

MANAGED = {"IdentityManagementType": "CONNECT_MANAGED", "InboundCallsEnabled": True, "OutboundCallsEnabled": False}


def fresh_alias():
    return f"alias-{uuid.uuid4().hex[:12]}"


def test_a_new_instance_becomes_active(server, admin):
    alias = fresh_alias()
    made = admin.create_instance(InstanceAlias=alias, **MANAGED)
    assert made["Arn"] == f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{made['Id']}"
    wait_active(server, made["Id"])

    instance = admin.describe_instance(InstanceId=made["Id"])["Instance"]
    created = instance.pop("CreatedTime")
    assert abs(datetime.now(timezone.utc) - created) < timedelta(minutes=1)
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect_"
    assert instance.pop("ServiceRole").startswith(role)
    instance.pop("InstanceAccessUrl")
    assert instance == {
        "Id": made["Id"],
        "Arn": made["Arn"],
        "IdentityManagementType": "CONNECT_MANAGED",
        "InstanceAlias": alias,
        "InstanceStatus": "ACTIVE",
        "InboundCallsEnabled": True,
        "OutboundCallsEnabled": False,
        **({"Tags": {}} if "Tags" in instance else {}),
    }


def test_an_instance_answers_to_its_arn(admin, instance):
    assert admin.describe_instance(InstanceId=instance.arn)["Instance"]["Id"] == instance.id


@pytest.mark.parametrize(
    "unknown",
    [
        str(uuid.uuid4()),
        "not-an-id",
        f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{uuid.uuid4()}",
    ],
)
def test_an_unknown_instance_is_not_found(admin, unknown):
    with refuses("ResourceNotFoundException", 404):
        admin.describe_instance(InstanceId=unknown)


@pytest.mark.parametrize("other", [f"arn:aws:connect:eu-west-2:{ACCOUNT}", f"arn:aws:connect:{REGION}:999999999999"])
def test_an_instance_of_another_region_or_account_is_not_found(admin, instance, other):
    with refuses("ResourceNotFoundException", 404):
        admin.describe_instance(InstanceId=f"{other}:instance/{instance.id}")


def test_the_client_token_makes_creating_safe_to_repeat(admin):
    request = {"InstanceAlias": fresh_alias(), "ClientToken": str(uuid.uuid4()), **MANAGED}
    assert admin.create_instance(**request)["Id"] == admin.create_instance(**request)["Id"]


def test_an_alias_is_used_once(admin):
    alias = fresh_alias()
    admin.create_instance(InstanceAlias=alias, **MANAGED)
    with refuses("InvalidRequestException", 400, "alias is already used"):
        admin.create_instance(InstanceAlias=alias, **MANAGED)


@pytest.mark.parametrize("alias", ["d-looks-like-a-directory", "under_score", "-leading", "a" * 46, "", "white space"])
def test_an_alias_has_a_form(server, alias):
    with refuses("InvalidRequestException", 400):
        server.connect(validate=False).create_instance(InstanceAlias=alias, **MANAGED)


@pytest.mark.parametrize(
    "request_",
    [
        {"IdentityManagementType": "CONNECT_MANAGED"},
        {"IdentityManagementType": "SAML"},
        {"IdentityManagementType": "EXISTING_DIRECTORY"},
        {"IdentityManagementType": "EXISTING_DIRECTORY", "InstanceAlias": "no-directory"},
        {"IdentityManagementType": "NO_SUCH_TYPE", "InstanceAlias": "no-type"},
    ],
)
def test_each_way_to_sign_in_wants_its_name(server, request_):
    with refuses("InvalidRequestException", 400):
        server.connect(validate=False).create_instance(InboundCallsEnabled=True, OutboundCallsEnabled=True, **request_)


def test_a_directory_may_name_an_instance(server, admin):
    made = admin.create_instance(
        IdentityManagementType="EXISTING_DIRECTORY",
        DirectoryId="d-0123456789",
        InboundCallsEnabled=False,
        OutboundCallsEnabled=False,
    )
    wait_active(server, made["Id"])
    described = admin.describe_instance(InstanceId=made["Id"])["Instance"]
    assert described["IdentityManagementType"] == "EXISTING_DIRECTORY"


def test_instances_are_listed_page_by_page(own_server):
    connect = own_server.connect()
    made = {connect.create_instance(InstanceAlias=fresh_alias(), **MANAGED)["Id"] for _ in range(12)}
    first = connect.list_instances()
    assert len(first["InstanceSummaryList"]) == 10
    assert first["NextToken"]

    pages = list(connect.get_paginator("list_instances").paginate(PaginationConfig={"PageSize": 5}))
    assert [len(page["InstanceSummaryList"]) for page in pages] == [5, 5, 2]
    assert "NextToken" not in pages[-1]
    summaries = [summary for page in pages for summary in page["InstanceSummaryList"]]
    assert len(summaries) == len(made) and {summary["Id"] for summary in summaries} == made
    assert all(summary["InstanceAlias"].startswith("alias-") for summary in summaries)


@pytest.mark.parametrize("page", [{"MaxResults": 11}, {"MaxResults": 0}, {"NextToken": "made-up"}])
def test_a_page_that_cannot_be_is_refused(server, page):
    with refuses("InvalidRequestException", 400):
        server.connect(validate=False).list_instances(**page)


def test_a_deleted_instance_is_not_found_and_its_alias_is_free(server, admin):
    alias = fresh_alias()
    doomed = new_instance(server, alias)
    admin.delete_instance(InstanceId=doomed.id)

    def is_gone():
        try:
            admin.describe_instance(InstanceId=doomed.id)
        except admin.exceptions.ResourceNotFoundException:
            return True
        return False

    poll(is_gone, "deletion")
    with refuses("ResourceNotFoundException", 404):
        admin.delete_instance(InstanceId=doomed.id)
    assert new_instance(server, alias).id != doomed.id


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
    with pytest.raises(connect.exceptions.ClientError) as info:
        connect.update_instance_attribute(InstanceId=instance.id, AttributeType="CONTACT_LENS", Value="perhaps")
    assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


# -- storage ----------------------------------------------------------------------------------------------------

BUCKET = {"StorageType": "S3", "S3Config": {"BucketName": "kept", "BucketPrefix": "chats"}}


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


def test_a_storage_config_holds_what_its_type_says(server, instance):
    connect = server.connect(validate=False)
    for wrong in (
        {"StorageType": "S3"},
        {"StorageType": "KINESIS_STREAM", "S3Config": BUCKET["S3Config"]},
        {"StorageType": "NO_SUCH_TYPE", "S3Config": BUCKET["S3Config"]},
    ):
        with pytest.raises(connect.exceptions.ClientError) as info:
            connect.associate_instance_storage_config(
                InstanceId=instance.id, ResourceType="CALL_RECORDINGS", StorageConfig=wrong
            )
        assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400, wrong


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


PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf
9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==
-----END PUBLIC KEY-----"""


def test_security_keys_come_and_go(server, admin):
    instance = new_instance(server)
    made = admin.associate_security_key(InstanceId=instance.id, Key=PUBLIC_KEY)["AssociationId"]
    [listed] = admin.list_security_keys(InstanceId=instance.id)["SecurityKeys"]
    assert listed["AssociationId"] == made and listed["Key"].strip() == PUBLIC_KEY
    admin.disassociate_security_key(InstanceId=instance.id, AssociationId=made)
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_security_key(InstanceId=instance.id, AssociationId=made)


# -- tags -------------------------------------------------------------------------------------------------------


def test_an_instance_is_tagged(server, admin):
    instance = new_instance(server)
    admin.tag_resource(resourceArn=instance.arn, tags={"team": "support", "tier": "gold"})
    admin.tag_resource(resourceArn=instance.arn, tags={"tier": "silver"})
    assert admin.list_tags_for_resource(resourceArn=instance.arn)["tags"] == {"team": "support", "tier": "silver"}
    admin.untag_resource(resourceArn=instance.arn, tagKeys=["team", "never-there"])
    assert admin.list_tags_for_resource(resourceArn=instance.arn)["tags"] == {"tier": "silver"}


def test_tags_given_at_creation_are_there(server, admin):
    made = admin.create_instance(InstanceAlias=fresh_alias(), Tags={"made": "here"}, **MANAGED)
    wait_active(server, made["Id"])
    assert admin.list_tags_for_resource(resourceArn=made["Arn"])["tags"] == {"made": "here"}


def test_what_is_not_there_has_no_tags(admin):
    nowhere = f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{uuid.uuid4()}"
    with refuses("ResourceNotFoundException", 404):
        admin.tag_resource(resourceArn=nowhere, tags={"a": "b"})
    with refuses("ResourceNotFoundException", 404):
        admin.list_tags_for_resource(resourceArn=nowhere)
    with refuses("ResourceNotFoundException", 404):
        admin.untag_resource(resourceArn=nowhere, tagKeys=["a"])


def test_a_tag_key_may_not_begin_with_aws(server, instance):
    with pytest.raises(server.connect().exceptions.ClientError) as info:
        server.connect(validate=False).tag_resource(resourceArn=instance.arn, tags={"aws:mine": "x"})
    assert info.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_published_quotas_hold_when_asked_for(tmp_path):
    with Server(tmp_path, "--limits", "aws") as server:
        connect = server.connect()
        for _ in range(2):
            connect.create_instance(InstanceAlias=fresh_alias(), **MANAGED)
        with refuses("ServiceQuotaExceededException", 402):
            connect.create_instance(InstanceAlias=fresh_alias(), **MANAGED)
