"""What a new instance comes with: queues, profiles, hours, flows, statuses, prompts, each listed and described."""

import hashlib
import json
import uuid

import pytest

from actors import refuses
from switchboard import ACCOUNT, REGION, Server

# The listing, where its entries are, the description, the id's member in a request, where the description is, and
# the word that the resource's ARN has.
KINDS = {
    "queues": ("list_queues", "QueueSummaryList", "describe_queue", "QueueId", "Queue", "queue"),
    "routing profiles": (
        "list_routing_profiles",
        "RoutingProfileSummaryList",
        "describe_routing_profile",
        "RoutingProfileId",
        "RoutingProfile",
        "routing-profile",
    ),
    "hours": (
        "list_hours_of_operations",
        "HoursOfOperationSummaryList",
        "describe_hours_of_operation",
        "HoursOfOperationId",
        "HoursOfOperation",
        "operating-hours",
    ),
    "flows": (
        "list_contact_flows",
        "ContactFlowSummaryList",
        "describe_contact_flow",
        "ContactFlowId",
        "ContactFlow",
        "contact-flow",
    ),
    "agent statuses": (
        "list_agent_statuses",
        "AgentStatusSummaryList",
        "describe_agent_status",
        "AgentStatusId",
        "AgentStatus",
        "agent-state",
    ),
    "security profiles": (
        "list_security_profiles",
        "SecurityProfileSummaryList",
        "describe_security_profile",
        "SecurityProfileId",
        "SecurityProfile",
        "security-profile",
    ),
    "prompts": ("list_prompts", "PromptSummaryList", "describe_prompt", "PromptId", "Prompt", "prompt"),
}

EXPECTED = {
    "queues": {"BasicQueue"},
    "routing profiles": {"Basic Routing Profile"},
    "hours": {"Basic Hours"},
    "flows": {"Default customer queue", "Default agent hold", "Sample inbound flow (first contact experience)"},
    "agent statuses": {"Available", "Offline"},
    "security profiles": {"Admin", "Agent", "CallCenterManager", "QualityAnalyst"},
    "prompts": set(),
}

# What makes a list another than the unfiltered one of flows, whose pages are used to try the others.
FILTERS = {"flows": {"ContactFlowTypes": ["CONTACT_FLOW"]}}


def listed(admin, instance, kind, **more):
    operation, entries, *_ = KINDS[kind]
    pages = admin.get_paginator(operation).paginate(InstanceId=instance.id, **more)
    return [entry for page in pages for entry in page[entries]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_instance_comes_with(admin, instance, kind):
    entries = listed(admin, instance, kind)
    assert entries and EXPECTED[kind] <= {entry["Name"] for entry in entries}
    assert len({entry["Id"] for entry in entries}) == len(entries)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_listed_is_described(admin, instance, kind):
    _, _, describe, id_member, member, word = KINDS[kind]
    for entry in listed(admin, instance, kind):
        described = getattr(admin, describe)(**{"InstanceId": instance.id, id_member: entry["Id"]})[member]
        assert entry["Name"] in (described.get("Name"), described.get("SecurityProfileName"))
        arn = next(value for name, value in described.items() if name in (f"{member}Arn", f"{member}ARN", "Arn"))
        assert arn == entry["Arn"] == f"{instance.arn}/{word}/{entry['Id']}"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_is_not_found(admin, instance, kind):
    operation, _, describe, id_member, _, _ = KINDS[kind]
    with refuses("ResourceNotFoundException", 404):
        getattr(admin, describe)(**{"InstanceId": instance.id, id_member: str(uuid.uuid4())})
    with refuses("ResourceNotFoundException", 404):
        getattr(admin, operation)(InstanceId=str(uuid.uuid4()))


@pytest.mark.parametrize("kind", KINDS)
def test_pages_make_up_the_whole(admin, instance, kind):
    one_by_one = listed(admin, instance, kind, PaginationConfig={"PageSize": 1})
    assert one_by_one == listed(admin, instance, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_an_instance_and_what_is_in_it_go_by_their_arns(admin, instance, kind):
    operation, entries, describe, id_member, member, _ = KINDS[kind]
    by_arn = getattr(admin, operation)(InstanceId=instance.arn)[entries]
    assert by_arn == listed(admin, instance, kind)
    [by_id, by_arn] = [
        getattr(admin, describe)(**{"InstanceId": where, id_member: by_arn[0][name]})[member]
        for where, name in [(instance.id, "Id"), (instance.arn, "Arn")]
    ]
    assert by_id == by_arn
    assert by_id["LastModifiedRegion"] == REGION and by_id["LastModifiedTime"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_arn_of_another_kind_or_place_names_nothing(admin, instance, kind):
    _, _, describe, id_member, _, word = KINDS[kind]
    entry = listed(admin, instance, kind)[0]
    others = [
        entry["Arn"].replace(f"/{word}/", "/quick-connect/"),
        entry["Arn"].replace(instance.id, str(uuid.uuid4())),
        entry["Arn"].replace(REGION, "eu-west-2"),
        "nothing",
    ]
    for other in others:
        with refuses("ResourceNotFoundException", 404, says="not found"):
            getattr(admin, describe)(**{"InstanceId": instance.id, id_member: other})


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_leads_on_in_its_own_list_only(admin, instance, kind):
    operation = getattr(admin, KINDS[kind][0])
    with refuses("InvalidRequestException", 400, says="NextToken"):
        operation(InstanceId=instance.id, NextToken="nonsense")
    token = admin.list_contact_flows(InstanceId=instance.id, MaxResults=1)["NextToken"]
    with refuses("InvalidRequestException", 400, says="NextToken"):
        operation(InstanceId=instance.id, NextToken=token, **FILTERS.get(kind, {}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_neither_empty_nor_endless(server, instance, kind):
    operation = getattr(server.connect(validate=False), KINDS[kind][0])
    for size in (0, 1001):
        with refuses("InvalidRequestException", 400, says="axResults"):
            operation(InstanceId=instance.id, MaxResults=size)


def test_an_instance_that_is_not_ready_has_nothing_to_show():
    with Server(None, "--instance-creation-ms", "600000") as server:
        connect = server.connect()
        made = connect.create_instance(
            IdentityManagementType="CONNECT_MANAGED",
            InstanceAlias="not-ready",
            InboundCallsEnabled=False,
            OutboundCallsEnabled=False,
        )
        for operation, _, describe, id_member, *_ in KINDS.values():
            with refuses("InvalidRequestException", 400):
                getattr(connect, operation)(InstanceId=made["Id"])
            with refuses("InvalidRequestException", 400):
                getattr(connect, describe)(**{"InstanceId": made["Id"], id_member: str(uuid.uuid4())})


def test_flows_are_listed_by_type(admin, instance):
    flows = listed(admin, instance, "flows", ContactFlowTypes=["CUSTOMER_QUEUE"])
    assert flows and {flow["ContactFlowType"] for flow in flows} == {"CUSTOMER_QUEUE"}
    both = listed(admin, instance, "flows", ContactFlowTypes=["CUSTOMER_QUEUE", "AGENT_HOLD"])
    assert {flow["ContactFlowType"] for flow in both} == {"CUSTOMER_QUEUE", "AGENT_HOLD"}
    assert listed(admin, instance, "flows", ContactFlowTypes=["CAMPAIGN"]) == []


def test_pages_of_a_filtered_list_are_full(admin, instance):
    pages = admin.get_paginator("list_contact_flows").paginate(
        InstanceId=instance.id, ContactFlowTypes=["CONTACT_FLOW"], PaginationConfig={"PageSize": 2}
    )
    sizes = [len(page["ContactFlowSummaryList"]) for page in pages]
    assert sum(sizes) == len(listed(admin, instance, "flows", ContactFlowTypes=["CONTACT_FLOW"]))
    assert set(sizes[:-1]) == {2} and sizes[-1] in (1, 2)


def test_queues_and_statuses_are_listed_by_type(admin, instance):
    assert len(listed(admin, instance, "queues", QueueTypes=["STANDARD"])) == 1
    assert listed(admin, instance, "queues", QueueTypes=["AGENT"]) == []
    [offline] = listed(admin, instance, "agent statuses", AgentStatusTypes=["OFFLINE"])
    assert (offline["Name"], offline["Type"]) == ("Offline", "OFFLINE")


def test_an_unknown_type_is_refused(server, instance):
    connect = server.connect(validate=False)
    with refuses("InvalidRequestException", 400, says="ueueTypes"):
        connect.list_queues(InstanceId=instance.id, QueueTypes=["PRIVATE"])


def test_a_flow_holds_its_language_and_its_checksum(admin, instance):
    flow = admin.describe_contact_flow(InstanceId=instance.id, ContactFlowId=instance.flow_id)["ContactFlow"]
    assert (flow["Type"], flow["State"], flow["Status"]) == ("CONTACT_FLOW", "ACTIVE", "PUBLISHED")
    assert {"StartAction", "Actions"} <= json.loads(flow["Content"]).keys()
    assert flow["FlowContentSha256"] == hashlib.sha256(flow["Content"].encode()).hexdigest()


def test_a_flow_without_a_draft_shows_what_is_published(admin, instance):
    arn = f"{instance.arn}/contact-flow/{instance.flow_id}"
    published = admin.describe_contact_flow(InstanceId=instance.id, ContactFlowId=arn)["ContactFlow"]
    for draft in (f"{arn}:$SAVED", f"{instance.flow_id}:$SAVED"):
        assert admin.describe_contact_flow(InstanceId=instance.id, ContactFlowId=draft)["ContactFlow"] == published


def test_a_routing_profile_of_no_name_has_no_queues(admin, instance):
    with refuses("ResourceNotFoundException", 404):
        admin.list_routing_profile_queues(InstanceId=instance.id, RoutingProfileId=str(uuid.uuid4()))
    with refuses("ResourceNotFoundException", 404):
        admin.list_security_profile_permissions(InstanceId=instance.id, SecurityProfileId=str(uuid.uuid4()))


def test_the_basic_hours_are_all_hours(admin, instance):
    [hours] = listed(admin, instance, "hours")
    described = admin.describe_hours_of_operation(InstanceId=instance.id, HoursOfOperationId=hours["Id"])
    config = described["HoursOfOperation"]["Config"]
    midnight = {"Hours": 0, "Minutes": 0}
    assert len({each["Day"] for each in config}) == 7
    assert all(each["StartTime"] == each["EndTime"] == midnight for each in config)


def test_the_basic_routing_profile_takes_two_chats_from_the_basic_queue(admin, instance):
    [profile] = listed(admin, instance, "routing profiles")
    described = admin.describe_routing_profile(InstanceId=instance.id, RoutingProfileId=profile["Id"])
    concurrency = {each["Channel"]: each["Concurrency"] for each in described["RoutingProfile"]["MediaConcurrencies"]}
    assert concurrency["CHAT"] == 2
    pages = admin.get_paginator("list_routing_profile_queues").paginate(
        InstanceId=instance.id, RoutingProfileId=profile["Id"], PaginationConfig={"PageSize": 1}
    )
    queues = [queue for page in pages for queue in page["RoutingProfileQueueConfigSummaryList"]]
    assert {queue["QueueName"] for queue in queues} == {"BasicQueue"}
    assert sorted(queue["Channel"] for queue in queues) == ["CHAT", "TASK", "VOICE"]
    assert {queue["QueueArn"] for queue in queues} == {listed(admin, instance, "queues")[0]["Arn"]}


def test_the_admin_may_do_something(admin, instance):
    profile = next(each for each in listed(admin, instance, "security profiles") if each["Name"] == "Admin")
    pages = admin.get_paginator("list_security_profile_permissions").paginate(
        InstanceId=instance.id, SecurityProfileId=profile["Id"], PaginationConfig={"PageSize": 7}
    )
    permissions = [permission for page in pages for permission in page["Permissions"]]
    assert len(permissions) > 100 and len(set(permissions)) == len(permissions)


@pytest.mark.parametrize("kind", ["queues", "routing profiles", "hours", "flows", "agent statuses", "prompts"])
def test_what_an_instance_comes_with_is_tagged(admin, instance, kind):
    arn = listed(admin, instance, kind)[0]["Arn"]
    admin.tag_resource(resourceArn=arn, tags={"kind": kind})
    assert admin.list_tags_for_resource(resourceArn=arn)["tags"] == {"kind": kind}


def test_tags_of_another_account_are_not_found(admin, instance):
    arn = listed(admin, instance, "queues")[0]["Arn"].replace(ACCOUNT, "999999999999")
    with refuses("ResourceNotFoundException", 404):
        admin.list_tags_for_resource(resourceArn=arn)
    assert arn.startswith(f"arn:aws:connect:{REGION}:")
