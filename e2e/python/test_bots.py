"""Bots of an instance: AssociateBot, DisassociateBot, ListBots, and the older three for Lex V1."""

import uuid

import pytest

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
        {"LexV2Bot": {"AliasArn": "not an arn"}},
        {"ClientToken": "t" * 501, **V1},
    ],
)
def test_members_out_of_bounds_are_refused(server, instance, operation, members):
    with refuses("InvalidRequestException", 400):
        getattr(server.connect(validate=False), operation)(InstanceId=instance.id, **members)


@pytest.mark.parametrize("operation", ["associate_bot", "disassociate_bot"])
@pytest.mark.parametrize("bot", [V1, alias()])
def test_an_unknown_instance_is_not_found(admin, operation, bot):
    with refuses("ResourceNotFoundException", 404):
        getattr(admin, operation)(InstanceId=str(uuid.uuid4()), **bot)


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


def test_the_older_three_do_not_find_an_unknown_instance(admin):
    nowhere = str(uuid.uuid4())
    with refuses("ResourceNotFoundException", 404):
        admin.associate_lex_bot(InstanceId=nowhere, **V1)
    with refuses("ResourceNotFoundException", 404):
        admin.disassociate_lex_bot(InstanceId=nowhere, BotName="OrderFlowers", LexRegion=REGION)
    with refuses("ResourceNotFoundException", 404):
        admin.list_lex_bots(InstanceId=nowhere)


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
