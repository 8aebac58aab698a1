"""restJson1 as bytes: what no SDK would send, and what every SDK reads."""

import re
import uuid

import pytest

from actors import new_instance, start_chat

JSON = {"Content-Type": "application/json"}


def error(reply):
    assert re.fullmatch(r"[0-9a-f-]{36}", reply.headers["x-amzn-requestid"])
    assert reply.headers["content-type"].startswith("application/json")
    assert {"message", "Message"} & reply.json.keys()
    return reply.status, reply.error


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("POST", "/no/such/operation"),
        ("PATCH", "/instance"),
        ("GET", "/participant/nothing"),
        ("GET", "/instance/"),
        ("GET", "//instance"),
    ],
)
def test_an_operation_nobody_knows(server, method, path):
    assert error(server.signed(method, path)) == (404, "UnknownOperationException")


@pytest.mark.parametrize(
    "body", [b"{", b"not json", b"[]", b'"text"', b'{"InstanceAlias": }', b"\xff\xfe", b"{} {}", b"[" * 100_000]
)
def test_a_body_that_is_no_object(server, body):
    assert error(server.signed("PUT", "/instance", body, JSON)) == (400, "SerializationException")


@pytest.mark.parametrize(
    "member",
    [
        {"InstanceAlias": 5},
        {"InboundCallsEnabled": "true"},
        {"Tags": ["a"]},
        {"IdentityManagementType": {"a": 1}},
        {"ClientToken": True},
    ],
)
def test_a_member_of_another_type(server, member):
    request = {"IdentityManagementType": "SAML", "InboundCallsEnabled": True, "OutboundCallsEnabled": True, **member}
    assert error(server.signed("PUT", "/instance", request, JSON)) == (400, "SerializationException")


def test_every_constraint_that_is_broken_is_named(server):
    request = {"InstanceAlias": "a" * 46, "IdentityManagementType": "NO_SUCH_TYPE", "ClientToken": "t" * 501}
    reply = server.signed("PUT", "/instance", request, JSON)
    assert error(reply) == (400, "InvalidRequestException")
    message = next(reply.json[name] for name in ("message", "Message") if name in reply.json)
    lowered = message.lower()
    for member in (
        "instancealias",
        "identitymanagementtype",
        "clienttoken",
        "inboundcallsenabled",
        "outboundcallsenabled",
    ):
        assert member in lowered, message
    assert message.startswith("5 validation errors detected")


def test_members_nobody_knows_are_ignored(server, instance):
    body = {"LexBot": {"Name": "a", "LexRegion": "us-east-1", "Since": 3}, "Whatever": [1, {"x": None}]}
    assert server.signed("PUT", f"/instance/{instance.id}/bot", body, JSON).status == 200
    assert server.signed("GET", "/instance?whatever=1").status == 200


def test_null_is_absent(server, instance):
    body = {"LexBot": {"Name": "null-is-absent", "LexRegion": "us-east-1"}, "LexV2Bot": None, "ClientToken": None}
    assert server.signed("PUT", f"/instance/{instance.id}/bot", body, JSON).status == 200


def test_the_body_of_a_request_needs_no_content_type(server, instance):
    body = {"LexBot": {"Name": "no-type", "LexRegion": "us-east-1"}}
    assert server.signed("PUT", f"/instance/{instance.id}/bot", body).status == 200


def test_absent_members_are_absent(server, instance):
    def no_nulls(value):
        if isinstance(value, dict):
            return all(no_nulls(each) for each in value.values())
        if isinstance(value, list):
            return all(no_nulls(each) for each in value)
        return value is not None

    for path in (f"/instance/{instance.id}", "/instance", f"/contact-flows-summary/{instance.id}"):
        reply = server.signed("GET", path)
        assert reply.status == 200 and no_nulls(reply.json), path


def test_times_of_connect_are_seconds_since_1970(server, instance, customer):
    created = server.signed("GET", f"/instance/{instance.id}").json["Instance"]["CreatedTime"]
    assert isinstance(created, (int, float)) and 1.7e9 < created < 1e10
    contact = server.signed("GET", f"/contacts/{instance.id}/{customer.contact_id}").json["Contact"]
    assert isinstance(contact["InitiationTimestamp"], (int, float))


def test_times_of_the_participant_service_are_text(server, customer):
    headers = {**JSON, "X-Amz-Bearer": customer.connection_token}
    reply = server.request("POST", "/participant/message", {"ContentType": "text/plain", "Content": "x"}, headers)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", reply.json["AbsoluteTime"])


def test_an_arn_is_one_segment_of_a_path(server, instance):
    encoded = instance.arn.replace(":", "%3A").replace("/", "%2F")
    assert server.signed("GET", f"/instance/{encoded}").json["Instance"]["Id"] == instance.id
    assert server.signed("GET", f"/instance/{encoded.lower()}").status == 200
    assert server.signed("GET", f"/instance/{instance.arn}").status == 404


def test_a_path_that_cannot_be_decoded(server):
    reply = server.signed("GET", "/instance/%FF%FE")
    assert reply.status in (400, 404)


def test_every_reply_names_its_request(server):
    ids = {server.signed("GET", "/instance").headers["x-amzn-requestid"] for _ in range(3)}
    assert len(ids) == 3 and all(uuid.UUID(each) for each in ids)


def test_a_body_without_bounds_is_refused(server):
    reply = server.signed("PUT", "/instance", b'{"InstanceAlias":"' + b"a" * (2 * 1024 * 1024) + b'"}', JSON)
    assert error(reply)[0] == 413


def test_an_error_has_the_same_name_in_body_and_header_or_in_the_header_alone(server):
    reply = server.signed("GET", f"/instance/{uuid.uuid4()}")
    assert error(reply) == (404, "ResourceNotFoundException")
    assert reply.json.get("__type", "ResourceNotFoundException").endswith("ResourceNotFoundException")


# -- our own corner ---------------------------------------------------------------------------------------------


def test_health_and_metrics(server, customer):
    customer.say("counted")
    assert server.request("GET", "/_switchboard/health").status == 200
    metrics = server.request("GET", "/_switchboard/metrics")
    assert metrics.status == 200
    text = metrics.body.decode()
    assert "SendMessage" in text and customer.connection_token not in text


def test_nothing_else_is_in_our_corner(server):
    assert server.request("GET", "/_switchboard/nothing").status == 404


def test_logs_hold_no_secrets(own_server):
    customer = start_chat(own_server, new_instance(own_server)).connect()
    customer.say("a private matter")
    customer.disconnect()
    own_server.signed("GET", f"/instance/{uuid.uuid4()}")
    logs = own_server.stderr
    for secret in (customer.token, customer.connection_token, "a private matter", "a-secret-that-only"):
        assert secret not in logs
