"""Tags of instances and of what is in them."""

import uuid

import pytest

from actors import new_instance, refuses, wait_active
from switchboard import ACCOUNT, REGION
from things import MANAGED, fresh_alias


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


def test_what_is_in_an_instance_is_tagged(server, admin):
    instance = new_instance(server)
    [queue] = admin.list_queues(InstanceId=instance.id, QueueTypes=["STANDARD"])["QueueSummaryList"]
    admin.tag_resource(resourceArn=queue["Arn"], tags={"floor": "2"})
    assert admin.describe_queue(InstanceId=instance.id, QueueId=queue["Id"])["Queue"]["Tags"] == {"floor": "2"}
    assert admin.list_tags_for_resource(resourceArn=instance.arn)["tags"] == {}
    for nowhere in (
        f"{instance.arn}/queue/{uuid.uuid4()}",
        f"{instance.arn}/prompt/{queue['Id']}",
        f"{instance.arn}/quick-thing/{queue['Id']}",
        queue["Arn"].replace(instance.id, str(uuid.uuid4())),
        queue["Arn"].replace(ACCOUNT, "999999999999"),
    ):
        with refuses("ResourceNotFoundException", 404):
            admin.list_tags_for_resource(resourceArn=nowhere)


def test_only_what_has_an_arn_and_may_be_tagged_is(admin, instance):
    for wrong in (f"{instance.arn}/contact/{uuid.uuid4()}", f"{instance.arn}/queue/agent/{uuid.uuid4()}"):
        with refuses("InvalidParameterException", 400):
            admin.tag_resource(resourceArn=wrong, tags={"a": "b"})


@pytest.mark.parametrize("tags", [{}, {"aws:mine": "x"}, {"": "x"}, {"k" * 129: "x"}, {"k": "v" * 257}, {"<": "x"}])
def test_a_tag_has_a_form(server, instance, tags):
    connect = server.connect(validate=False)
    with refuses("InvalidRequestException", 400):
        connect.tag_resource(resourceArn=instance.arn, tags=tags)
    with refuses("InvalidRequestException", 400):
        connect.create_instance(InstanceAlias=fresh_alias(), Tags=tags, **MANAGED)


def test_a_resource_has_fifty_tags_at_most(server, admin):
    arn = new_instance(server).arn
    admin.tag_resource(resourceArn=arn, tags={f"tag{number}": "" for number in range(50)})
    admin.tag_resource(resourceArn=arn, tags={"tag0": "changed"})
    with refuses("InvalidParameterException", 400):
        admin.tag_resource(resourceArn=arn, tags={"one more": ""})
    admin.untag_resource(resourceArn=arn, tagKeys=["tag1"])
    admin.tag_resource(resourceArn=arn, tags={"one more": ""})
    assert len(admin.list_tags_for_resource(resourceArn=arn)["tags"]) == 50
