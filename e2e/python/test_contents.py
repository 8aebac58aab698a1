"""What a new instance comes with: queues, profiles, hours, flows, statuses, prompts, each listed and described."""

import uuid

import pytest

from actors import refuses
from switchboard import ACCOUNT, REGION

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
        assert described["Name"] == entry["Name"]
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


def test_flows_are_listed_by_type(admin, instance):
    flows = listed(admin, instance, "flows", ContactFlowTypes=["CUSTOMER_QUEUE"])
    assert flows and {flow["ContactFlowType"] for flow in flows} == {"CUSTOMER_QUEUE"}


def test_a_flow_holds_its_language(admin, instance):
    flow = admin.describe_contact_flow(InstanceId=instance.id, ContactFlowId=instance.flow_id)["ContactFlow"]
    assert flow["Type"] == "CONTACT_FLOW" and '"Actions"' in flow["Content"]


def test_the_basic_routing_profile_takes_two_chats_from_the_basic_queue(admin, instance):
    [profile] = listed(admin, instance, "routing profiles")
    described = admin.describe_routing_profile(InstanceId=instance.id, RoutingProfileId=profile["Id"])
    concurrency = {each["Channel"]: each["Concurrency"] for each in described["RoutingProfile"]["MediaConcurrencies"]}
    assert concurrency["CHAT"] == 2
    queues = admin.list_routing_profile_queues(InstanceId=instance.id, RoutingProfileId=profile["Id"])
    assert {queue["QueueName"] for queue in queues["RoutingProfileQueueConfigSummaryList"]} == {"BasicQueue"}


def test_the_admin_may_do_something(admin, instance):
    profile = next(each for each in listed(admin, instance, "security profiles") if each["Name"] == "Admin")
    pages = admin.get_paginator("list_security_profile_permissions").paginate(
        InstanceId=instance.id, SecurityProfileId=profile["Id"]
    )
    assert len([permission for page in pages for permission in page["Permissions"]]) > 10


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
