"""Signs requests with botocore and records them, for the test beside this file.

    pip install botocore==1.43.11
    python sigv4_vectors.py

writes sigv4_vectors.json: what each request looks like on the wire. Dates, ids and keys are fixed, so the same
botocore writes the same bytes.
"""

import datetime
import json
import pathlib
import urllib.parse
import uuid
from unittest import mock

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session

BOTOCORE = "1.43.11"
NOW = datetime.datetime(2015, 8, 30, 12, 36, 0, tzinfo=datetime.timezone.utc)
REGION = "us-east-1"
ENDPOINT = "http://127.0.0.1:4747"
PLAIN = botocore.credentials.Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = botocore.credentials.Credentials("ASIAEXAMPLE", "s3cr3t/+=key", "token/with+odd==characters&%20")
ARN = "arn:aws:connect:us-east-1:123456789012:instance/0f3c3d1e-1b7a-4e52-9f6b-8d8f0c2b1a11"
UUID = uuid.UUID("11111111-2222-4333-8444-555555555555")


def wire(name, prepared, service, signed_headers=()):
    """A prepared request as the server sees it. Preparing keeps one of several headers of a name; all were signed."""
    url = urllib.parse.urlsplit(prepared.url)
    signed_names = {key.lower() for key, _ in signed_headers}
    added = [(key, value) for key, value in prepared.headers.items() if key.lower() not in signed_names]
    headers = [
        [key, value.decode() if isinstance(value, bytes) else value]
        for key, value in [*signed_headers, *added]
        # They name the machine, and no signature covers them.
        if key.lower() not in ("user-agent", "x-amzn-trace-id")
    ]
    if not any(key.lower() == "host" for key, _ in headers):
        headers.append(["Host", botocore.auth._host_from_url(prepared.url)])
    body = prepared.body or b""
    return {
        "name": name,
        "service": service,
        "method": prepared.method,
        "path": url.path or "/",
        "query": url.query,
        "headers": headers,
        "body": body.decode() if isinstance(body, bytes) else body,
    }


def sign(name, path="/", *, method="GET", params=None, headers=(), body=b"", credentials=PLAIN, service="connect",
         presigned_s=None, unsigned_payload=False, endpoint=ENDPOINT):
    """Signs one request by hand: in the header, or in the query when it is to live `presigned_s` seconds."""
    request = botocore.awsrequest.AWSRequest(method=method, url=endpoint + path, params=params or {}, data=body)
    for key, value in headers:
        request.headers.add_header(key, value)
    if unsigned_payload:
        request.context["payload_signing_enabled"] = False
    if presigned_s is None:
        botocore.auth.SigV4Auth(credentials, service, REGION).add_auth(request)
    else:
        botocore.auth.SigV4QueryAuth(credentials, service, REGION, expires=presigned_s).add_auth(request)
    return wire(name, request.prepare(), service, request.headers.items())


def call(name, service, operation, signing_name, /, **arguments):
    """Lets a whole botocore client build and sign one request, and keeps it from being sent."""
    session = botocore.session.Session()
    session.set_credentials(PLAIN.access_key, PLAIN.secret_key)
    client = session.create_client(service, region_name=REGION, endpoint_url=ENDPOINT)
    caught = []

    def catch(request, **_):
        caught.append(request)
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, mock.Mock(stream=lambda: iter([b"{}"])))

    client.meta.events.register("before-send", catch)
    getattr(client, operation)(**arguments)
    return wire(name, caught[0], signing_name)


def quoted(text):
    return urllib.parse.quote(text, safe="-._~")


def cases():
    json_type = [("Content-Type", "application/json")]

    # Paths.
    yield sign("root")
    yield sign("no path", "")
    yield sign("plain segments", "/instance/0f3c3d1e/bots")
    yield sign("trailing slash", "/instance/")
    yield sign("encoded ARN in a segment", "/tags/" + quoted(ARN))
    yield sign("ARN as it is", "/tags/" + ARN)
    yield sign("lower-case escapes", "/tags/arn%3aaws%3aconnect")
    yield sign("escaped slash", "/a%2Fb/c")
    yield sign("escape of an escape", "/a%253Ab")
    yield sign("percent sign that escapes nothing", "/a%zz%")
    yield sign("double slashes", "//a///b//")
    yield sign("only slashes", "///")
    yield sign("dot segments", "/./a/./b/.")
    yield sign("parent segments", "/a/b/../../c/../d")
    yield sign("parents above the root", "/../../a")
    yield sign("parent at the end", "/a/b/..")
    yield sign("parent and slash at the end", "/a/b/../")
    yield sign("escaped dots", "/a/%2e%2e/b/%2E")
    yield sign("three dots", "/a/.../b")
    yield sign("unreserved characters", "/AZaz09-._~")
    yield sign("sub-delimiters", "/!$&'()*+,;=:@")
    yield sign("space in a path", "/a%20b")
    yield sign("plus in a path", "/a+b")
    yield sign("escaped UTF-8", "/" + quoted("é/日本/🙂"))
    yield sign("raw UTF-8", "/é日本🙂")

    # Queries.
    yield sign("parameters in order", params={"b": "2", "a": "1", "C": "3"})
    yield sign("parameter with an empty value", params={"nextToken": "", "maxResults": "10"})
    yield sign("parameter without an equals sign", "/?flag&a=1")
    yield sign("repeated parameter", params=[("tagKeys", "b"), ("tagKeys", "a"), ("tagKeys", "ab")])
    yield sign("name that is a prefix of another", "/?a-b=1&a=2&a.b=3")
    yield sign("space and plus", params={"q": "a b+c"})
    yield sign("tilde and star", params={"q": "~*'()!"})
    yield sign("equals sign and ampersand in a value", params={"q": "a=b&c"})
    yield sign("token with slash, plus and equals sign", params={"nextToken": "a/b+c=="})
    yield sign("percent sign in a value", params={"q": "100%", "r": "%41"})
    yield sign("UTF-8 in names and values", params={"é": "日本🙂", "z": "ß"})
    yield sign("control characters in a value", params={"q": "a\r\n\tb\0"})
    yield sign("encoded query in the URL", "/?b=%2F&a=%3A&a=%20")
    yield sign("path and query", "/tags/" + quoted(ARN), params=[("tagKeys", "a b"), ("tagKeys", "c/d")])

    # Headers.
    yield sign("header with spaces", headers=[("X-Amz-Meta", "  a   b \t c  ")])
    yield sign("quoted header", headers=[("My-Header", '"a   b"')])
    yield sign("repeated header", headers=[("My-Header", "b"), ("My-Header", "a"), ("My-Header", " c  d ")])
    yield sign("empty header", headers=[("My-Header", "")])
    yield sign("mixed case", headers=[("X-AMZ-Zebra", "Z"), ("aBc", "D"), ("Abd", "e")])
    yield sign("Date instead of X-Amz-Date", headers=[("Date", "to be replaced")])
    yield sign("headers that are never signed", headers=[("User-Agent", "x"), ("Expect", "100-continue"), ("TE", "y")])
    yield sign("host of another name", endpoint="http://Connect.US-East-1.example.com:80")
    yield sign("IPv6 host", endpoint="http://[::1]:4747")

    # Bodies.
    yield sign("body", "/chat", method="PUT", headers=json_type, body='{"a":"é"}'.encode())
    yield sign("large body", "/chat", method="POST", headers=json_type, body=b"x" * 5_000)
    yield sign("declared body hash", "/chat", method="POST", body=b"abc", headers=[
        ("X-Amz-Content-SHA256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")])
    yield sign("unsigned payload", "/chat", method="POST", body=b"abc", unsigned_payload=True,
               endpoint="https://example.com")

    # Tokens and services.
    yield sign("session token", credentials=TEMPORARY)
    yield sign("session token and body", "/chat", method="PUT", headers=json_type, body=b"{}", credentials=TEMPORARY)
    yield sign("another service", "/CreateStage", method="POST", body=b"{}", service="ivs")

    # Presigned.
    yield sign("presigned", "/instance", presigned_s=3600)
    yield sign("presigned for a week", "/instance", presigned_s=604_800)
    yield sign("presigned with parameters", "/search?z=1&a=b%20c&empty=", presigned_s=60)
    yield sign("presigned with a token", "/instance", presigned_s=60, credentials=TEMPORARY)
    yield sign("presigned with a header", "/instance", presigned_s=60, headers=[("X-Amz-Meta", " a  b ")])
    yield sign("presigned ARN", "/tags/" + quoted(ARN), presigned_s=60)
    yield sign("presigned unsigned payload", "/instance", method="POST", presigned_s=60, headers=[
        ("X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD")])

    # Whole clients.
    yield call("client: ListTagsForResource", "connect", "list_tags_for_resource", "connect", resourceArn=ARN)
    yield call("client: UntagResource", "connect", "untag_resource", "connect", resourceArn=ARN,
               tagKeys=["a b", "c/d", "é+~"])
    yield call("client: ListBots", "connect", "list_bots", "connect", InstanceId="0f3c3d1e-1b7a-4e52-9f6b-8d8f0c2b1a11",
               LexVersion="V2", NextToken="a/b+c==")
    yield call("client: StartChatContact", "connect", "start_chat_contact", "connect", InstanceId="i-1",
               ContactFlowId="f-1", ParticipantDetails={"DisplayName": "Zoë 🙂"})
    yield call("client: CreateStage", "ivs-realtime", "create_stage", "ivs", name="stage")
    yield call("client: RecognizeText", "lexv2-runtime", "recognize_text", "lex", botId="ABCDEFGHIJ",
               botAliasId="TSTALIASID", localeId="en_US", sessionId="a:b", text="hello")


def main():
    if botocore.__version__ != BOTOCORE:
        raise SystemExit(f"these vectors are made by botocore {BOTOCORE}, not {botocore.__version__}")
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: NOW), mock.patch("uuid.uuid4", lambda: UUID):
        recorded = {
            "botocore": BOTOCORE,
            "now": int(NOW.timestamp()),
            "region": REGION,
            "credentials": [
                {"id": keys.access_key, "secret": keys.secret_key, "token": keys.token} for keys in (PLAIN, TEMPORARY)
            ],
            "cases": list(cases()),
        }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(recorded, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    main()
