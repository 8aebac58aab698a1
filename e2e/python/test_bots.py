"""Bots of an instance: AssociateBot, DisassociateBot, ListBots, and the older three for Lex V1."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from actors import new_instance, refuses
from switchboard import ACCOUNT, REGION, Server

V1 = {"LexBot": {"Name": "OrderFlowers", "LexRegion": REGION}}


def alias(bot="ABCDE12345", name="TSTALIASID"):
    return {"LexV2Bot": {"AliasArn": f"arn:aws:lex:{REGION}:{ACCOUNT}:bot-alias/{bot}/{name}"}}


@pytest.fixture
def instance(server):
    """An instance without bots: tests here count them."""
    return new_instance(server)


def bots(admin, instance, version):
    pages = admin.get_paginator("list_bots").paginate(InstanceId=instance.id, LexVersion=version)
    return [bot for page in pages for bot in page["LexBots"]]


@pytest.mark.parametrize(("version", "bot"), [("V1", V1), ("V2", alias())])
def test_a_bot_is_associated_listed_and_disassociated(admin, instance, version, bot):
    assert bots(admin, instance, version) == []
    admin.associate_bot(InstanceId=instance.id, **bot)
    assert bots(admin, instance, version) == [bot]
    admin.disassociate_bot(InstanceId=instance.id, **bot)
    assert bots(admin, instance, version) == []


@pytest.mark.parametrize("bot", [V1, alias()])
def test_success_has_an_empty_body(server, instance, bot):
    for method in ("PUT", "POST"):
        reply = server.signed(method, f"/instance/{instance.id}/bot", bot, {"Content-Type": "application/json"})
        assert (reply.status, reply.body) == (200, b""), method


def test_each_version_has_its_own_list(admin, instance):
    admin.associate_bot(InstanceId=instance.id, **V1)
    admin.associate_bot(InstanceId=instance.id, **alias())
    assert bots(admin, instance, "V1") == [V1]
    assert bots(admin, instance, "V2") == [alias()]


def test_an_arn_names_the_instance_too(admin, instance):
    admin.associate_bot(InstanceId=instance.arn, **V1)
    assert admin.list_bots(InstanceId=instance.arn, LexVersion="V1")["LexBots"] == [V1]
    admin.disassociate_bot(InstanceId=instance.arn, **V1)
    assert bots(admin, instance, "V1") == []


@pytest.mark.parametrize("bot", [V1, alias()])
def test_a_second_association_is_a_conflict(admin, instance, bot):
    admin.associate_bot(InstanceId=instance.id, **bot)
    with refuses("ResourceConflictException", 409):
        admin.associate_bot(InstanceId=instance.id, **bot)


@pytest.mark.parametrize("bot", [V1, alias()])
def test_what_is_not_associated_cannot_be_disassociated(admin, instance, bot):
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_bot(InstanceId=instance.id, **bot)


@pytest.mark.parametrize("operation", ["associate_bot", "disassociate_bot"])
@pytest.mark.parametrize("members", [{}, {**V1, **alias()}, {"LexV2Bot": {}}])
def test_exactly_one_bot_is_named(admin, instance, operation, members):
    with refuses("InvalidRequestException", 400):
        getattr(admin, operation)(InstanceId=instance.id, **members)


@pytest.mark.parametrize("operation", ["associate_bot", "disassociate_bot"])
@pytest.mark.parametrize(
    "members",
    [
        {"LexBot": {"Name": "n" * 51, "LexRegion": REGION}},
        {"LexBot": {"Name": "OrderFlowers", "LexRegion": "r" * 61}},
        {"LexBot": {"Name": "OrderFlowers"}},
        {"LexBot": {"LexRegion": REGION}},
        {"LexV2Bot": {"AliasArn": f"arn:aws:lex:{REGION}:{ACCOUNT}:bot-alias/" + "A" * 100}},
        {"LexBot": {"Name": "", "LexRegion": REGION}},
        {"LexBot": {"Name": "  ", "LexRegion": REGION}},
        {"LexBot": {"Name": "OrderFlowers", "LexRegion": ""}},
        {"LexV2Bot": {"AliasArn": ""}},
        {"LexV2Bot": {"AliasArn": "not an arn"}},
        {"LexV2Bot": {"AliasArn": f"arn:aws:lex:{REGION}:{ACCOUNT}:bot/ABCDE12345"}},
        {"LexV2Bot": {"AliasArn": f"arn:aws:lex:{REGION}:{ACCOUNT}:bot-alias/ABCDE12345"}},
        {"LexV2Bot": {"AliasArn": f"arn:aws:lex:{REGION}:{ACCOUNT}:bot-alias/ABCDE12345/TSTALIASID/more"}},
        {"LexV2Bot": {"AliasArn": f"arn:aws:connect:{REGION}:{ACCOUNT}:bot-alias/ABCDE12345/TSTALIASID"}},
        {"LexV2Bot": {"AliasArn": f"arn:aws:lex:{REGION}:12:bot-alias/ABCDE12345/TSTALIASID"}},
        {"ClientToken": "t" * 501, **V1},
    ],
)
def test_members_out_of_bounds_are_refused(server, instance, operation, members):
    with refuses("InvalidRequestException", 400):
        getattr(server.connect(validate=False), operation)(InstanceId=instance.id, **members)


OPERATIONS = {
    "associate_bot": V1,
    "disassociate_bot": alias(),
    "list_bots": {"LexVersion": "V2"},
    "associate_lex_bot": V1,
    "disassociate_lex_bot": {"BotName": "OrderFlowers", "LexRegion": REGION},
    "list_lex_bots": {},
}


@pytest.mark.parametrize(("operation", "members"), OPERATIONS.items(), ids=OPERATIONS)
def test_an_unknown_instance_is_not_found(admin, instance, operation, members):
    for unknown in (
        str(uuid.uuid4()),
        "not-an-id",
        f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{uuid.uuid4()}",
        f"arn:aws:connect:eu-west-2:{ACCOUNT}:instance/{instance.id}",
        f"arn:aws:connect:{REGION}:999999999999:instance/{instance.id}",
        f"arn:aws:lex:{REGION}:{ACCOUNT}:instance/{instance.id}",
        f"{instance.arn}/queue/{uuid.uuid4()}"[:100],
    ):
        with refuses("ResourceNotFoundException", 404):
            getattr(admin, operation)(InstanceId=unknown, **members)


@pytest.mark.parametrize(("operation", "members"), OPERATIONS.items(), ids=OPERATIONS)
def test_a_deleted_instance_is_not_found(server, admin, operation, members):
    doomed = new_instance(server)
    for bot in (V1, alias()):
        admin.associate_bot(InstanceId=doomed.id, **bot)
    admin.delete_instance(InstanceId=doomed.id)
    for name in (doomed.id, doomed.arn):
        with refuses("ResourceNotFoundException", 404):
            getattr(admin, operation)(InstanceId=name, **members)


def test_an_instance_that_is_being_created_has_no_bots_yet(tmp_path):
    with Server(tmp_path, "--movable-clock", "--instance-creation-ms", "60000") as server:
        connect = server.connect()
        made = connect.create_instance(
            IdentityManagementType="CONNECT_MANAGED",
            InstanceAlias="not-yet",
            InboundCallsEnabled=True,
            OutboundCallsEnabled=True,
        )
        for operation, members in OPERATIONS.items():
            with refuses("InvalidRequestException", 400, "CREATION_IN_PROGRESS"):
                getattr(connect, operation)(InstanceId=made["Id"], **members)
        server.advance(minutes=1)
        connect.associate_bot(InstanceId=made["Id"], **V1)


def test_an_instance_id_past_its_length_is_refused(server):
    with refuses("InvalidRequestException", 400):
        server.connect(validate=False).associate_bot(InstanceId="i" * 101, **V1)


def test_names_are_compared_as_they_are_written(admin, instance):
    for name in ("OrderFlowers", "orderflowers"):
        admin.associate_bot(InstanceId=instance.id, LexBot={"Name": name, "LexRegion": REGION})
    admin.associate_bot(InstanceId=instance.id, LexBot={"Name": "OrderFlowers", "LexRegion": "eu-west-2"})
    assert len(bots(admin, instance, "V1")) == 3


def test_instances_do_not_share_bots(server, admin, instance):
    other = new_instance(server)
    admin.associate_bot(InstanceId=instance.id, **V1)
    assert bots(admin, other, "V1") == []
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_bot(InstanceId=other.id, **V1)


def test_the_client_token_makes_both_safe_to_repeat(admin, instance):
    token = str(uuid.uuid4())
    for _ in range(2):
        admin.associate_bot(InstanceId=instance.id, ClientToken=token, **V1)
    assert bots(admin, instance, "V1") == [V1]
    token = str(uuid.uuid4())
    for _ in range(2):
        admin.disassociate_bot(InstanceId=instance.id, ClientToken=token, **V1)
    assert bots(admin, instance, "V1") == []


def test_a_client_token_belongs_to_its_operation(admin, instance):
    token = str(uuid.uuid4())
    admin.associate_bot(InstanceId=instance.id, ClientToken=token, **V1)
    admin.disassociate_bot(InstanceId=instance.id, ClientToken=token, **V1)
    assert bots(admin, instance, "V1") == []


def test_a_call_that_failed_may_be_repeated_under_its_client_token(admin, instance):
    token = str(uuid.uuid4())
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_bot(InstanceId=instance.id, ClientToken=token, **V1)
    admin.associate_bot(InstanceId=instance.id, **V1)
    admin.disassociate_bot(InstanceId=instance.id, ClientToken=token, **V1)
    assert bots(admin, instance, "V1") == []


def test_of_many_who_associate_a_bot_at_once_one_does(server, admin, instance):
    def associate(_):
        try:
            server.connect().associate_bot(InstanceId=instance.id, **alias())
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "done"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(associate, range(8)))
    assert outcomes == ["ResourceConflictException"] * 7 + ["done"]
    assert bots(admin, instance, "V2") == [alias()]


@pytest.mark.parametrize("name", ["Order Flowers", "a/b?c&d=e%20", "Blumen für Zoë", "花", "'; --", "n" * 50])
def test_a_v1_bot_may_have_any_printable_name(admin, instance, name):
    bot = {"LexBot": {"Name": name, "LexRegion": REGION}}
    admin.associate_bot(InstanceId=instance.id, **bot)
    assert bots(admin, instance, "V1") == [bot]
    admin.disassociate_lex_bot(InstanceId=instance.id, BotName=name, LexRegion=REGION)
    assert bots(admin, instance, "V1") == []


def test_an_empty_client_token_is_no_client_token(admin, instance):
    admin.associate_bot(InstanceId=instance.id, ClientToken="", **V1)
    with refuses("ResourceConflictException", 409):
        admin.associate_bot(InstanceId=instance.id, ClientToken="", **V1)


def test_bots_are_listed_page_by_page_while_others_come(admin, instance):
    for number in range(7):
        admin.associate_bot(InstanceId=instance.id, **alias(name=f"ALIAS{number:05}"))
    first = admin.list_bots(InstanceId=instance.id, LexVersion="V2", MaxResults=3)
    admin.disassociate_bot(InstanceId=instance.id, **first["LexBots"][0])
    seen, token = first["LexBots"], first["NextToken"]
    while token:
        page = admin.list_bots(InstanceId=instance.id, LexVersion="V2", MaxResults=3, NextToken=token)
        seen, token = seen + page["LexBots"], page.get("NextToken")
    arns = [bot["LexV2Bot"]["AliasArn"] for bot in seen]
    assert len(arns) == len(set(arns)) == 7


def test_a_page_has_at_most_25(admin, instance):
    for number in range(26):
        admin.associate_bot(InstanceId=instance.id, **alias(name=f"ALIAS{number:05}"))
    page = admin.list_bots(InstanceId=instance.id, LexVersion="V2")
    assert len(page["LexBots"]) == 25 and page["NextToken"]
    assert "NextToken" not in admin.list_bots(InstanceId=instance.id, LexVersion="V2", NextToken=page["NextToken"])


@pytest.mark.parametrize(
    "page", [{"MaxResults": 26}, {"MaxResults": 0}, {"NextToken": "made-up"}, {"LexVersion": "V3"}]
)
def test_a_list_that_cannot_be_is_refused(server, instance, page):
    with refuses("InvalidRequestException", 400):
        server.connect(validate=False).list_bots(**{"InstanceId": instance.id, "LexVersion": "V2", **page})


def test_a_list_says_which_version(server, instance):
    reply = server.signed("GET", f"/instance/{instance.id}/bots")
    assert (reply.status, reply.error) == (400, "InvalidRequestException")
    reply = server.signed("GET", f"/instance/{instance.id}/bots?lexVersion=V1")
    assert (reply.status, reply.json) == (200, {"LexBots": []})


def test_a_page_token_belongs_to_its_list(server, admin, instance):
    other = new_instance(server)
    for number in range(2):
        admin.associate_bot(InstanceId=instance.id, **alias(name=f"ALIAS{number:05}"))
    token = admin.list_bots(InstanceId=instance.id, LexVersion="V2", MaxResults=1)["NextToken"]
    with refuses("InvalidRequestException", 400):
        admin.list_bots(InstanceId=other.id, LexVersion="V2", NextToken=token)
    with refuses("InvalidRequestException", 400):
        admin.list_bots(InstanceId=instance.id, LexVersion="V1", NextToken=token)
    with refuses("InvalidRequestException", 400):
        admin.list_lex_bots(InstanceId=instance.id, NextToken=token)
    with refuses("InvalidRequestException", 400):
        admin.list_bots(InstanceId=instance.id, LexVersion="V2", NextToken=token[:-1])


def test_a_page_token_is_good_again_and_after_a_restart(tmp_path):
    with Server(tmp_path) as server:
        instance, connect = new_instance(server), server.connect()
        for number in range(3):
            connect.associate_bot(InstanceId=instance.id, **alias(name=f"ALIAS{number:05}"))
        token = connect.list_bots(InstanceId=instance.id, LexVersion="V2", MaxResults=1)["NextToken"]
        request = {"InstanceId": instance.id, "LexVersion": "V2", "NextToken": token}
        page = connect.list_bots(**request)["LexBots"]
        assert len(page) == 2 and connect.list_bots(**request)["LexBots"] == page
    with Server(tmp_path) as server:
        assert server.connect().list_bots(**request)["LexBots"] == page


@pytest.mark.parametrize(
    ("most", "bot"),
    [
        (70, lambda number: {"LexBot": {"Name": f"bot{number}", "LexRegion": REGION}}),
        (100, lambda number: alias(name=f"ALIAS{number:05}")),
    ],
    ids=["V1", "V2"],
)
def test_an_instance_has_a_quota_of_each(admin, instance, most, bot):
    for number in range(most):
        admin.associate_bot(InstanceId=instance.id, **bot(number))
    with refuses("ServiceQuotaExceededException", 402):
        admin.associate_bot(InstanceId=instance.id, **bot(most))
    with refuses("ResourceConflictException", 409):
        admin.associate_bot(InstanceId=instance.id, **bot(0))
    admin.disassociate_bot(InstanceId=instance.id, **bot(0))
    admin.associate_bot(InstanceId=instance.id, **bot(most))


# -- the older three --------------------------------------------------------------------------------------------


def lex_bots(admin, instance):
    pages = admin.get_paginator("list_lex_bots").paginate(InstanceId=instance.id)
    return [bot for page in pages for bot in page["LexBots"]]


def test_the_older_three_work_on_the_v1_bots(admin, instance):
    admin.associate_lex_bot(InstanceId=instance.id, **V1)
    assert bots(admin, instance, "V1") == [V1]
    assert lex_bots(admin, instance) == [V1["LexBot"]]
    with refuses("ResourceConflictException", 409):
        admin.associate_bot(InstanceId=instance.id, **V1)
    with refuses("ResourceConflictException", 409):
        admin.associate_lex_bot(InstanceId=instance.id, **V1)

    admin.disassociate_lex_bot(InstanceId=instance.id, BotName="OrderFlowers", LexRegion=REGION)
    assert bots(admin, instance, "V1") == lex_bots(admin, instance) == []
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_lex_bot(InstanceId=instance.id, BotName="OrderFlowers", LexRegion=REGION)


def test_the_older_three_never_show_v2_bots(admin, instance):
    admin.associate_bot(InstanceId=instance.id, **alias())
    assert lex_bots(admin, instance) == []


def test_the_older_list_has_pages_of_ten(admin, instance):
    for number in range(11):
        admin.associate_lex_bot(InstanceId=instance.id, LexBot={"Name": f"bot{number}", "LexRegion": REGION})
    page = admin.list_lex_bots(InstanceId=instance.id)
    assert len(page["LexBots"]) == 10 and page["NextToken"]
    assert len(lex_bots(admin, instance)) == 11


def test_the_older_three_share_the_quota(admin, instance):
    for number in range(70):
        admin.associate_bot(InstanceId=instance.id, LexBot={"Name": f"bot{number}", "LexRegion": REGION})
    with refuses("ServiceQuotaExceededException", 402):
        admin.associate_lex_bot(InstanceId=instance.id, **V1)


def test_the_client_token_makes_the_older_two_safe_to_repeat(admin, instance):
    token = str(uuid.uuid4())
    for _ in range(2):
        admin.associate_lex_bot(InstanceId=instance.id, ClientToken=token, **V1)
    assert lex_bots(admin, instance) == [V1["LexBot"]]
    bot = {"BotName": "OrderFlowers", "LexRegion": REGION}
    for _ in range(2):
        admin.disassociate_lex_bot(InstanceId=instance.id, ClientToken=token, **bot)
    assert lex_bots(admin, instance) == []


def test_the_older_three_want_a_whole_bot(server, instance):
    connect = server.connect(validate=False)
    with refuses("InvalidRequestException", 400):
        connect.associate_lex_bot(InstanceId=instance.id)
    with refuses("InvalidRequestException", 400):
        connect.associate_lex_bot(InstanceId=instance.id, LexBot={"Name": "n" * 51, "LexRegion": REGION})
    reply = server.signed("DELETE", f"/instance/{instance.id}/lex-bot?botName=OrderFlowers")
    assert (reply.status, reply.error) == (400, "InvalidRequestException")


def test_bots_outlive_the_server(tmp_path):
    with Server(tmp_path) as server:
        instance = new_instance(server)
        server.connect().associate_bot(InstanceId=instance.id, **alias())
    with Server(tmp_path) as server:
        assert bots(server.connect(), instance, "V2") == [alias()]
