"""One small HTTP server that plays every service a command line asks for credentials, and the service called with them.

The one rule: whoever gave the credentials can be read from the key with which the last request is signed.
"""

import json
import re
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

ROLE = "arn:aws:iam::123456789012:role"

ASSUMED = """<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
<AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>secret-{key}</SecretAccessKey>
<SessionToken>token-{key}</SessionToken><Expiration>{expires}</Expiration></Credentials>
</{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"""

DENIED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code><Message>not you</Message></Error><RequestId>1</RequestId></ErrorResponse>"""


def expires(seconds=3600):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def keys(name, **more):
    """Credentials as containers, instances and processes give them."""
    given = {"AccessKeyId": f"ASIA{name}", "SecretAccessKey": f"secret-{name}", "Expiration": expires()}
    return {**given, **more}


class Request:
    """A request that came."""

    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.path = urlsplit(target).path
        self.query = dict(parse_qsl(urlsplit(target).query))
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body
        self.form = dict(parse_qsl(body.decode(errors="replace")))

    @property
    def key(self):
        """The access key that it is signed with."""
        found = re.search(r"Credential=([^/]+)/", self.headers.get("authorization", ""))
        return found and found.group(1)

    @property
    def region(self):
        return self.headers["authorization"].split("Credential=")[1].split("/")[2]

    def __repr__(self):
        return f"{self.method} {self.target} {self.form}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        request = Request(self.command, self.path, self.headers, body)
        with self.server.lock:
            self.server.requests.append(request)
        status, reply = self.server.fake.reply(request)
        reply = reply if isinstance(reply, bytes) else reply.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(reply)))
        if ttl := self.headers.get("x-aws-ec2-metadata-token-ttl-seconds"):
            self.send_header("x-aws-ec2-metadata-token-ttl-seconds", ttl)
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class FakeAws:
    """A server of its own port, with what was asked of it."""

    def __init__(self, certificate=None):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.lock = threading.Lock()
        self.server.requests = []
        self.server.fake = self
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
            self.scheme = "https"
        # What is answered instead, by path, so often as there are answers.
        self.instead = {}

    @property
    def port(self):
        return self.server.server_address[1]

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def requests(self):
        with self.server.lock:
            return list(self.server.requests)

    def forget(self):
        with self.server.lock:
            self.server.requests.clear()

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def reply(self, request):
        waiting = self.instead.get(request.path)
        if waiting:
            return waiting.pop(0)
        action = request.form.get("Action")
        if action in ("AssumeRole", "AssumeRoleWithWebIdentity"):
            role = request.form["RoleArn"].rsplit("/", 1)[1]
            if role == "forbidden":
                return 403, DENIED
            return 200, ASSUMED.format(action=action, key=f"ASIA{role}", expires=expires())
        match request.method, request.path:
            case "GET", "/federation/credentials":
                role = request.query["role_name"]
                until = int((datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1000)
                given = {"accessKeyId": f"ASIA{role}", "secretAccessKey": "s", "sessionToken": "t", "expiration": until}
                return 200, json.dumps({"roleCredentials": given})
            case "PUT", "/latest/api/token":
                return 200, "imds-token"
            case "GET", "/latest/meta-data/iam/security-credentials/":
                return 200, "box"
            case "GET", "/latest/meta-data/iam/security-credentials/box":
                return 200, json.dumps(keys("instance", Token="t", Code="Success", Type="AWS-HMAC"))
            case "GET", "/latest/meta-data/placement/region":
                return 200, "eu-central-1"
            case "GET", "/latest/meta-data/placement/availability-zone/":
                return 200, "eu-central-1b"
            case "GET", "/container":
                return 200, json.dumps(keys("container", Token="t"))
            case "GET", "/instance":
                return 200, json.dumps({"InstanceSummaryList": []})
        return 404, ""
