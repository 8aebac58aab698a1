"""Amazon Connect instances: how they come to be, the names they go by, their quotas and their end."""

import sqlite3
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

from actors import ENDED, enable_attachments, new_instance, refuses, start_chat, wait_active
from switchboard import ACCOUNT, REGION, Server, poll
from things import BUCKET, FUNCTION, MANAGED, PUBLIC_KEY, fresh_alias


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


def test_a_new_instance_is_in_creation_first(tmp_path):
    with Server(tmp_path, "--movable-clock", "--instance-creation-ms", "90000") as server:
        connect = server.connect()
        made = connect.create_instance(InstanceAlias="slow", **MANAGED)

        def statuses():
            [listed] = connect.list_instances()["InstanceSummaryList"]
            described = connect.describe_instance(InstanceId=made["Id"])["Instance"]
            return {listed["InstanceStatus"], described["InstanceStatus"]}

        assert statuses() == {"CREATION_IN_PROGRESS"}
        for call in (
            lambda: connect.delete_instance(InstanceId=made["Id"]),
            lambda: connect.list_instance_attributes(InstanceId=made["Id"]),
            lambda: connect.list_approved_origins(InstanceId=made["Id"]),
            lambda: connect.associate_security_key(InstanceId=made["Id"], Key=PUBLIC_KEY),
        ):
            with refuses("InvalidRequestException", 400, "CREATION_IN_PROGRESS"):
                call()
        server.advance(seconds=89)
        assert statuses() == {"CREATION_IN_PROGRESS"}
        server.advance(seconds=1)
        assert statuses() == {"ACTIVE"}


def test_a_creation_can_be_made_to_fail(tmp_path):
    with Server(tmp_path, "--movable-clock", "--instance-creation-ms", "90000") as server:
        connect = server.connect()
        made = connect.create_instance(InstanceAlias="doomed", **MANAGED)
        path, why = f"/_switchboard/instances/{made['Id']}/fail", {"reason": "The directory is not there."}
        assert server.request("POST", path, why).status == 403, "only who has a key may do so"
        assert server.signed("POST", path, why).status == 200
        failed = connect.describe_instance(InstanceId=made["Id"])["Instance"]
        assert failed["InstanceStatus"] == "CREATION_FAILED"
        assert failed["StatusReason"] == {"Message": "The directory is not there."}
        [listed] = connect.list_instances()["InstanceSummaryList"]
        assert listed["InstanceStatus"] == "CREATION_FAILED"
        with refuses("InvalidRequestException", 400, "CREATION_FAILED"):
            connect.list_instance_attributes(InstanceId=made["Id"])
        again = server.signed("POST", path, why)
        assert (again.status, again.error) == (400, "InvalidRequestException")

        server.advance(hours=24)
        assert connect.list_instances()["InstanceSummaryList"] == []
        with refuses("ResourceNotFoundException", 404):
            connect.describe_instance(InstanceId=made["Id"])
        connect.create_instance(InstanceAlias="doomed", **MANAGED)
        assert server.signed("POST", path, why).status == 404


def test_an_instance_may_be_there_at_once(tmp_path):
    with Server(tmp_path, "--instance-creation-ms", "0") as server:
        made = server.connect().create_instance(InstanceAlias="quick", **MANAGED)
        status = server.connect().describe_instance(InstanceId=made["Id"])["Instance"]["InstanceStatus"]
        assert status == "ACTIVE"


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


def test_an_alias_is_used_once_whatever_its_case(admin):
    alias = fresh_alias()
    admin.create_instance(InstanceAlias=alias, **MANAGED)
    with refuses("InvalidRequestException", 400, "alias is already used"):
        admin.create_instance(InstanceAlias=alias.upper(), **MANAGED)


def test_of_many_who_want_an_alias_at_once_one_gets_it(server):
    alias = fresh_alias()

    def create(_):
        try:
            server.connect().create_instance(InstanceAlias=alias, **MANAGED)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "made"

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(create, range(6))) == ["InvalidRequestException"] * 5 + ["made"]


def test_a_refused_instance_leaves_its_names_free(admin):
    """The alias is free and the directory is not, so neither may be claimed."""
    directory = {"IdentityManagementType": "EXISTING_DIRECTORY", "DirectoryId": "d-00000000aa"}
    calls = {"InboundCallsEnabled": True, "OutboundCallsEnabled": True}
    admin.create_instance(**directory, **calls)
    alias = fresh_alias()
    with refuses("InvalidRequestException", 400, "directory is already used"):
        admin.create_instance(InstanceAlias=alias, **directory, **calls)
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
        {"IdentityManagementType": "SAML", "InstanceAlias": "a-directory-too-many", "DirectoryId": "d-0123456789"},
        {"IdentityManagementType": "EXISTING_DIRECTORY", "DirectoryId": "d-0123"},
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
    assert "InstanceAlias" not in described
    assert described["InboundCallsEnabled"] is described["OutboundCallsEnabled"] is False


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


def test_the_client_token_makes_deleting_safe_to_repeat(server, admin):
    doomed, token = new_instance(server), str(uuid.uuid4())
    for _ in range(2):
        admin.delete_instance(InstanceId=doomed.id, ClientToken=token)


def test_nothing_is_left_of_a_deleted_instance(tmp_path):
    with Server(tmp_path) as server:
        connect = server.connect()
        kept, doomed = new_instance(server), new_instance(server)
        for instance in (kept, doomed):
            furnish(connect, instance)
        connect.delete_instance(InstanceId=doomed.arn)
        assert rows_about(tmp_path, doomed.id) == []
        assert len(rows_about(tmp_path, kept.id)) > 40


def test_the_chats_of_a_deleted_instance_are_forgotten(tmp_path):
    with Server(tmp_path, "--movable-clock") as server:
        kept, doomed = new_instance(server), new_instance(server)
        for instance in (kept, doomed):
            enable_attachments(server, instance)
        chats = {instance.id: [chat_with_a_file(server, instance) for _ in range(20)] for instance in (kept, doomed)}
        assert len(list((tmp_path / "blobs").iterdir())) == 40
        server.connect().delete_instance(InstanceId=doomed.id)
        server.advance(hours=3)
        poll(lambda: len(list((tmp_path / "blobs").iterdir())) == 20, "the end of the files")
        assert rows_about(tmp_path, doomed.id) == []
        for chat in chats[doomed.id]:
            assert rows_about(tmp_path, chat) == []
        for chat in chats[kept.id]:
            assert len(rows_about(tmp_path, chat)) >= 5


def chat_with_a_file(server, instance):
    customer = start_chat(server, instance).connect()
    customer.attach("notes.txt", "text/plain", b"notes")
    customer.socket.close()
    return customer.contact_id


def furnish(connect, instance):
    """Something of every kind."""
    connect.associate_instance_storage_config(
        InstanceId=instance.id, ResourceType="CHAT_TRANSCRIPTS", StorageConfig=BUCKET
    )
    connect.associate_bot(InstanceId=instance.id, LexBot={"Name": "OrderFlowers", "LexRegion": REGION})
    alias = f"arn:aws:lex:{REGION}:{ACCOUNT}:bot-alias/ABCDE12345/TSTALIASID"
    connect.associate_bot(InstanceId=instance.id, LexV2Bot={"AliasArn": alias})
    connect.associate_approved_origin(InstanceId=instance.id, Origin="https://shop.example")
    connect.associate_lambda_function(InstanceId=instance.id, FunctionArn=FUNCTION)
    connect.associate_security_key(InstanceId=instance.id, Key=PUBLIC_KEY)
    connect.tag_resource(resourceArn=instance.arn, tags={"team": "support"})
    [queue] = connect.list_queues(InstanceId=instance.id, QueueTypes=["STANDARD"])["QueueSummaryList"]
    connect.tag_resource(resourceArn=queue["Arn"], tags={"team": "support"})


def rows_about(data, name):
    """What the database holds of an instance or a chat."""
    with closing(sqlite3.connect(data / "switchboard.db")) as database:
        return [
            row
            for look in (
                "SELECT kind, scope, id FROM record WHERE instr(scope || ' ' || id || ' ' || doc, ?)",
                "SELECT 'item', seq FROM chat_item WHERE chat_id = ?",
                "SELECT 'tag', arn, key FROM tag WHERE instr(arn, ?)",
            )
            for row in database.execute(look, [name])
        ]


def test_whoever_is_in_a_chat_of_a_deleted_instance_is_told(server, admin):
    doomed = new_instance(server)
    customers = [start_chat(server, doomed).connect() for _ in range(3)]
    admin.delete_instance(InstanceId=doomed.id)
    for customer in customers:
        customer.socket.wait_event(ENDED)
        with refuses("AccessDeniedException", 403):
            customer.say("anybody there?")
        with refuses("ResourceNotFoundException", 404):
            admin.describe_contact(InstanceId=doomed.id, ContactId=customer.contact_id)
        customer.socket.close()


def test_published_quotas_hold_when_asked_for(tmp_path):
    with Server(tmp_path, "--limits", "aws") as server:
        connect = server.connect()
        for _ in range(2):
            connect.create_instance(InstanceAlias=fresh_alias(), **MANAGED)
        with refuses("ServiceQuotaExceededException", 402):
            connect.create_instance(InstanceAlias=fresh_alias(), **MANAGED)


def test_creations_and_deletions_of_a_month_are_counted(tmp_path):
    flags = ("--limits", "aws", "--instance-creation-ms", "0", "--movable-clock")
    with Server(tmp_path, *flags) as server:
        server.calls_per_second = 2
        connect = server.connect()
        for _ in range(50):
            made = connect.create_instance(InstanceAlias=fresh_alias(), **MANAGED)
            connect.delete_instance(InstanceId=made["Id"])
        with refuses("ServiceQuotaExceededException", 402, "30 days"):
            connect.create_instance(InstanceAlias=fresh_alias(), **MANAGED)
        server.advance(days=30)
        connect.create_instance(InstanceAlias=fresh_alias(), **MANAGED)
