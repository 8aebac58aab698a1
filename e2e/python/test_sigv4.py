"""Who asks: signatures in the header and in the query, and what is answered when they are not right."""

import datetime
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from actors import refuses
from switchboard import KEY_ID, REGION, SECRET

OURS = Credentials(KEY_ID, SECRET)


def signed(
    server, method="GET", path="/instance", body=b"", headers=None, *, service="connect", region=REGION, as_=OURS
):
    """A request that is signed, and may then be spoilt before it is sent."""
    request = AWSRequest(method, server.url + path, headers=headers or {}, data=body)
    SigV4Auth(as_, service, region).add_auth(request)
    return request


def send(server, request):
    parts = urlsplit(request.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return server.request(request.method, path, request.body or b"", dict(request.headers.items()))


def refusal(reply):
    assert reply.headers["x-amzn-requestid"]
    assert reply.json["message"]
    return reply.status, reply.error


def test_a_wrong_secret(server):
    with refuses("InvalidSignatureException", 403, "does not match the signature you provided"):
        server.connect(secret="not-the-secret").list_instances()


def test_an_unknown_key(server):
    with refuses("UnrecognizedClientException", 403, "security token included in the request is invalid"):
        server.connect(key_id="AKIANOBODYKNOWSTHIS1").list_instances()


def test_no_signature(server):
    assert refusal(server.request("GET", "/instance")) == (403, "MissingAuthenticationTokenException")


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=x",
        "AWS4-HMAC-SHA256 Credential=, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 nonsense, nonsense",
        "Bearer token",
        "Basic dXNlcjpwYXNz",
    ],
)
def test_half_a_signature(server, authorization):
    headers = {"Authorization": authorization, "X-Amz-Date": "20260101T000000Z"}
    status, code = refusal(server.request("GET", "/instance", headers=headers))
    assert status in (400, 403) and code.endswith("Exception")


@pytest.mark.parametrize(("minutes", "accepted"), [(-4, True), (4, True), (-6, False), (6, False)])
def test_a_clock_may_be_five_minutes_off(server, monkeypatch, minutes, accepted):
    moved = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(minutes=minutes)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: moved)
    reply = send(server, signed(server))
    if accepted:
        assert reply.status == 200
    else:
        assert refusal(reply) == (403, "InvalidSignatureException")


@pytest.mark.parametrize("scope", [{"service": "connectparticipant"}, {"service": "s3"}, {"region": "eu-west-2"}])
def test_a_signature_is_for_one_service_and_one_region(server, scope):
    assert refusal(send(server, signed(server, **scope))) == (403, "InvalidSignatureException")


def test_what_was_signed_is_what_is_sent(server):
    def body(request):
        request.data = b'{"InstanceAlias":"changed"}'

    def path(request):
        request.url = request.url.replace("/instance", "/instance/elsewhere")

    def query(request):
        request.url += "?maxResults=1"

    def date(request):
        signed_at = request.headers["X-Amz-Date"]
        request.headers.replace_header("X-Amz-Date", signed_at[:-2] + ("8Z" if signed_at.endswith("7Z") else "7Z"))

    def header(request):
        request.headers.replace_header("X-Amz-Extra", "changed")

    for spoil in (body, path, query, date, header):
        method = "PUT" if spoil == body else "GET"
        request = signed(
            server,
            method,
            body=b'{"InstanceAlias":"signed"}' if spoil == body else b"",
            headers={"X-Amz-Extra": "signed"},
        )
        spoil(request)
        assert refusal(send(server, request)) == (403, "InvalidSignatureException"), spoil.__name__


def test_a_session_token_that_nobody_gave_out(server):
    request = signed(server, as_=Credentials(KEY_ID, SECRET, "a-session-token"))
    assert refusal(send(server, request)) == (403, "UnrecognizedClientException")


def test_a_payload_may_be_left_unsigned(server):
    request = AWSRequest("GET", server.url + "/instance", headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    SigV4Auth(OURS, "connect", REGION).add_auth(request)
    assert send(server, request).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/instance?maxResults=1&nextToken=",
        "/tags/arn%3Aaws%3Aconnect%3Aus-east-1%3A123456789012%3Ainstance%2F00000000-0000-0000-0000-000000000000",
        "/instance/a%20b%2Fc%3D%2B%25/bots?lexVersion=V1",
        "/instance/%E2%9C%93/bots?lexVersion=V1&nextToken=a%2Bb%2Fc%3D%3D",
        "/instance/~a.b_c-d/bots?lexVersion=V1",
    ],
)
def test_hostile_paths_and_queries_are_signed_alike(server, path):
    """Whatever the answer is, it is not about the signature."""
    reply = send(server, signed(server, path=path))
    assert reply.error not in ("InvalidSignatureException", "IncompleteSignatureException"), reply
    assert reply.status in (200, 400, 404)


# -- in the query -----------------------------------------------------------------------------------------------


def presigned(server, path="/instance", expires=60, as_=OURS):
    request = AWSRequest("GET", server.url + path)
    SigV4QueryAuth(as_, "connect", REGION, expires=expires).add_auth(request)
    return request


def test_a_presigned_url(server):
    reply = send(server, presigned(server))
    assert reply.status == 200 and "InstanceSummaryList" in reply.json


def test_a_presigned_url_with_a_wrong_secret(server):
    request = presigned(server, as_=Credentials(KEY_ID, "not-the-secret"))
    assert refusal(send(server, request)) == (403, "InvalidSignatureException")


def test_a_presigned_url_that_was_added_to(server):
    request = presigned(server)
    request.url += "&maxResults=1"
    assert refusal(send(server, request)) == (403, "InvalidSignatureException")


def test_a_presigned_url_that_has_expired(server, monkeypatch):
    past = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.timedelta(minutes=2)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: past)
    assert refusal(send(server, presigned(server, expires=60)))[1].startswith("RequestExpired")
    assert send(server, presigned(server, expires=600)).status == 200


# -- where no signature is asked for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "AWS4-HMAC-SHA256 Credential=/20260101/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=0",
        "complete nonsense",
    ],
)
def test_the_participant_service_looks_at_the_bearer_only(server, customer, authorization):
    headers = {"X-Amz-Bearer": customer.connection_token, "Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    reply = server.request("POST", "/participant/message", {"ContentType": "text/plain", "Content": "x"}, headers)
    assert reply.status == 200
