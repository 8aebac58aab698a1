"""The two pages of AWS's manual for the command line that this project began with, sentence by sentence.

`connectparticipant disconnect-participant` as version 2 tells of it, and `ivs-realtime get-participant` with the options
of every command as version 1 does.
"""

import contextlib
import datetime
import http.server
import json
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from actors import start_chat
from cli.server import Recorder
from switchboard import PATIENCE_S, binary, clean_environment, client_environment

AWS = str(Path(sys.executable).with_name("aws"))

STAGE, SESSION, PARTICIPANT = "arn:aws:ivs:us-west-2:123456789012:stage/abcdEFGHijkl", "st-abcdefghijklm", "xFpAMHvPZ1yz"
GET = ("ivs-realtime", "get-participant", "--stage-arn", STAGE, "--session-id", SESSION, "--participant-id", PARTICIPANT)
LEAVE = ("connectparticipant", "disconnect-participant")


@pytest.fixture
def cli(tmp_path):
    """Runs `switchboard` in a folder of its own with keys and a region; checks its exit code."""

    def run(*words, status=0, env=None, program=None):
        keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-west-2"}
        env = {**clean_environment(), "HOME": str(tmp_path), "AWS_MAX_ATTEMPTS": "1", **keys, **(env or {})}
        env = {name: value for name, value in env.items() if value is not None}
        done = subprocess.run(
            [program or binary(), *words], capture_output=True, text=True, cwd=tmp_path, env=env, timeout=PATIENCE_S
        )
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return done.stderr if status else done.stdout

    return run


@pytest.fixture
def service():
    """A service that answers with one participant and remembers what it was asked."""
    recorder = Recorder()
    participant = {"participantId": PARTICIPANT, "attributes": {"role": "host"}, "published": True, "state": "CONNECTED",
                   "userId": "u", "firstJoinTime": "2024-05-06T07:08:09Z"}  # fmt: skip
    recorder.expect("one", [{"json_body": {"participant": participant}}])
    recorder.participant, recorder.endpoint = participant, recorder.url("one")
    recorder.asked = lambda: recorder.requests("one")
    yield recorder
    recorder.stop()


# -- disconnect-participant -------------------------------------------------------------------------------------


@pytest.fixture
def customer(server, instance):
    return start_chat(server, instance).connect()


@pytest.mark.parametrize("signing", [(), ("--no-sign-request",)], ids=["signed", "unsigned"])
def test_a_participant_leaves_by_the_connection_token_alone(cli, server, customer, tmp_path, signing):
    """No Signature Version 4 is needed, none is in the way, and there is no output."""
    env = client_environment(server, tmp_path)
    if signing:
        env |= {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    words = (*LEAVE, "--connection-token", customer.connection_token, "--client-token", "again", *signing)
    assert cli(*words, env=env) == ""
    gone = cli(*LEAVE, "--connection-token", customer.connection_token, *signing, env=env, status=254)
    assert "AccessDeniedException" in gone


def test_the_participant_token_is_the_wrong_one(cli, server, instance, tmp_path):
    chat = start_chat(server, instance)
    words = (*LEAVE, "--connection-token", chat.token)
    assert "AccessDeniedException" in cli(*words, env=client_environment(server, tmp_path), status=254)


@pytest.mark.parametrize("notation", ["json", "yaml"])
def test_options_beside_a_whole_input_win(cli, service, notation):
    given = {
        "json": '{"ConnectionToken": "from the text", "ClientToken": "t"}',
        "yaml": "ConnectionToken: from the text\nClientToken: t\n",
    }
    option = f"--cli-input-{notation}"
    at = ("--endpoint-url", service.endpoint)
    cli(*LEAVE, option, given[notation], *at)
    cli(*LEAVE, option, given[notation], "--connection-token", "from the option", *at)
    assert [request["headers"]["x-amz-bearer"] for request in service.asked()] == ["from the text", "from the option"]
    assert all(json.loads(request["body"]) == {"ClientToken": "t"} for request in service.asked())


def test_one_whole_input_at_a_time(cli):
    stderr = cli(*LEAVE, "--cli-input-json", "{}", "--cli-input-yaml", "{}", status=252)
    assert "Only one --cli-input- parameter may be specified." in stderr


def test_a_skeleton_can_be_given_back(cli, service, tmp_path):
    """Filled in, what is printed for an input is an input; printing it sends nothing."""
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": None, "AWS_DEFAULT_REGION": None}
    plain = cli(*LEAVE, "--generate-cli-skeleton", env=nowhere)
    assert plain == '{\n    "ClientToken": "",\n    "ConnectionToken": ""\n}\n'
    assert cli(*LEAVE, "--generate-cli-skeleton", "input", env=nowhere) == plain
    yaml = cli(*LEAVE, "--generate-cli-skeleton", "yaml-input", env=nowhere)
    for option, text in (("--cli-input-json", plain.replace('""', '"x"')), ("--cli-input-yaml", yaml.replace("''", "x"))):
        (tmp_path / "filled").write_text(text)
        cli(*LEAVE, option, "file://filled", "--endpoint-url", service.endpoint)
    assert [json.loads(request["body"]) for request in service.asked()] == [{"ClientToken": "x"}] * 2


def test_a_skeleton_of_the_output_checks_the_input(cli):
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    output = ("--generate-cli-skeleton", "output")
    assert "--connection-token" in cli(*LEAVE, *output, env=nowhere, status=252)
    assert "Invalid length" in cli(*LEAVE, "--connection-token", "", *output, env=nowhere, status=252)
    assert cli(*LEAVE, "--connection-token", "t", *output, env=nowhere) == ""
    bots = ("connect", "list-bots", "--instance-id", "i", "--lex-version", "V1")
    assert json.loads(cli(*bots, *output, env=nowhere)).keys() == {"LexBots", "NextToken"}


def test_a_string_in_json_is_taken_literally(cli, service, tmp_path):
    """`file://` and the like mean something on the command line, and nothing inside a whole input."""
    given = {"ConnectionToken": "file://token", "ClientToken": "fileb://token"}
    cli(*LEAVE, "--cli-input-json", json.dumps(given), "--endpoint-url", service.endpoint)
    (request,) = service.asked()
    assert request["headers"]["x-amz-bearer"] == "file://token"
    assert json.loads(request["body"]) == {"ClientToken": "fileb://token"}


# -- get-participant, and the options of every command ----------------------------------------------------------


def test_the_answer_is_the_participant(cli, service):
    given = cli(*GET, "--endpoint-url", service.endpoint)
    assert json.loads(given) == {"participant": {**service.participant, "firstJoinTime": "2024-05-06T07:08:09+00:00"}}
    (request,) = service.asked()
    assert json.loads(request["body"]) == {"stageArn": STAGE, "sessionId": SESSION, "participantId": PARTICIPANT}


def test_debug_tells_of_the_request_and_keeps_secrets(cli, service, tmp_path):
    done = subprocess.run(
        [binary(), *GET, "--endpoint-url", service.endpoint, "--debug"],
        capture_output=True,
        text=True,
        env={**clean_environment(), "HOME": str(tmp_path), "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
             "AWS_SECRET_ACCESS_KEY": "a-secret-nobody-sees", "AWS_DEFAULT_REGION": "us-west-2"},
        timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0 and json.loads(done.stdout)
    assert "/GetParticipant" in done.stderr and "us-west-2" in done.stderr and "AKIDEXAMPLE" in done.stderr
    assert "a-secret-nobody-sees" not in done.stderr


def test_the_formats(cli, service):
    query = ("--query", "participant.[userId,state]", "--endpoint-url", service.endpoint)
    one = lambda *words: cli(*GET, *query, *words)  # noqa: E731
    assert json.loads(one("--output", "json")) == ["u", "CONNECTED"]
    assert one("--output", "text") == "u\tCONNECTED\n"
    assert "|  u           |" in one("--output", "table")
    assert one("--output", "yaml") == "- u\n- CONNECTED\n"
    assert one("--output", "off") == ""
    assert "Found invalid choice 'xml'" in cli(*GET, "--output", "xml", status=252)


def test_colours_are_turned_on_and_off(cli, service):
    table = ("--output", "table", "--endpoint-url", service.endpoint)
    assert "\x1b[" in cli(*GET, *table, "--color", "on")
    assert "\x1b[" not in cli(*GET, *table, "--color", "off")
    # Nobody looks at a pipe.
    assert "\x1b[" not in cli(*GET, *table, "--color", "auto") + cli(*GET, *table)


def test_the_region_overrides_environment_and_file(cli, service, tmp_path):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text("[default]\nregion = eu-west-1\n[profile mine]\nregion = eu-west-2\n")
    (tmp_path / ".aws" / "credentials").write_text("[mine]\naws_access_key_id = MINE\naws_secret_access_key = s\n")
    at = ("--endpoint-url", service.endpoint)
    scope = lambda: service.asked()[-1]["headers"]["authorization"].split("Credential=")[1].split("/")  # noqa: E731
    cli(*GET, *at, env={"AWS_DEFAULT_REGION": None})
    assert scope()[2] == "eu-west-1"
    cli(*GET, *at)
    assert scope()[2] == "us-west-2"
    cli(*GET, *at, "--region", "ap-south-1")
    assert scope()[2] == "ap-south-1"
    cli(*GET, *at, "--profile", "mine", env={"AWS_DEFAULT_REGION": None})
    assert scope()[0] == "MINE" and scope()[2] == "eu-west-2"


def test_a_request_that_is_not_signed_needs_no_credentials(cli, service):
    none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_EC2_METADATA_DISABLED": "true"}
    at = ("--endpoint-url", service.endpoint)
    assert "Unable to locate credentials" in cli(*GET, *at, env=none, status=253)
    # Credentials are not even looked for: half a pair is no error then.
    cli(*GET, *at, "--no-sign-request", env={"AWS_SECRET_ACCESS_KEY": None})
    (request,) = service.asked()
    assert "authorization" not in request["headers"]


def test_one_page_where_pages_are_not_wanted(cli, service):
    service.expect("pages", [{"json_body": {"publicKeys": [{"arn": arn}], "nextToken": "t"}} for arn in "ab"])
    words = ("ivs-realtime", "list-public-keys", "--no-paginate", "--endpoint-url", service.url("pages"))
    assert json.loads(cli(*words)) == {"publicKeys": [{"arn": "a"}], "nextToken": "t"}
    assert len(service.requests("pages")) == 1
    # What has no pages does not mind.
    cli(*GET, "--no-paginate", "--endpoint-url", service.endpoint)


def test_the_version_is_told(cli):
    told = cli("--version")
    assert told.startswith("switchboard") or told.startswith("aws-cli"), told
    assert cli(*GET, "--version") == told


# -- TLS --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    """A service over TLS, whose certificate nobody but the file `ca` vouches for."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca").write_bytes(certificate)
    (folder / "pair").write_bytes(certificate + private)
    recorder = Recorder()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "pair")
    recorder.socket = context.wrap_socket(recorder.socket, server_side=True)
    recorder.expect("one", [{"json_body": {}}])
    yield f"https://localhost:{recorder.server_port}/one", str(folder / "ca")
    recorder.stop()


def test_certificates_are_checked(cli, secure):
    url, ca = secure
    at = ("--endpoint-url", url)
    assert "SSL validation failed" in cli(*GET, *at, status=255)
    assert cli(*GET, *at, "--no-verify-ssl") == ""
    assert cli(*GET, *at, "--ca-bundle", ca) == ""


def test_the_bundle_overrides_environment_and_file(cli, secure, tmp_path):
    url, ca = secure
    at = ("--endpoint-url", url)
    assert cli(*GET, *at, env={"AWS_CA_BUNDLE": ca}) == ""
    assert cli(*GET, *at, "--ca-bundle", ca, env={"AWS_CA_BUNDLE": "/nowhere"}) == ""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(f"[default]\nca_bundle = {ca}\n")
    assert cli(*GET, *at) == ""
    (tmp_path / ".aws" / "config").write_text("[default]\nca_bundle = /nowhere\n")
    assert cli(*GET, *at, "--ca-bundle", ca) == ""


# -- timeouts ---------------------------------------------------------------------------------------------------


@pytest.fixture
def silent():
    """A service that takes a request and answers when it is told to."""
    asked, may_answer = threading.Event(), threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            asked.set()
            may_answer.wait(PATIENCE_S)
            with contextlib.suppress(ConnectionError):
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

        def log_message(self, *_):
            """Says nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked, may_answer
    may_answer.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("program", [None, AWS], ids=["switchboard", "aws"])
def test_an_answer_is_not_waited_for_longer_than_that(cli, silent, program):
    url, *_ = silent
    stderr = cli(*GET, "--endpoint-url", url, "--cli-read-timeout", "1", status=255, program=program)
    assert f'Read timeout on endpoint URL: "{url}/GetParticipant"' in stderr


@pytest.mark.parametrize("seconds", [("0",), ()], ids=["without-end", "default"])
def test_an_answer_may_take_its_time(silent, tmp_path, seconds):
    """With 0 the wait has no end; an answer that comes late is an answer."""
    url, asked, may_answer = silent
    words = [binary(), *GET, "--endpoint-url", url, "--no-sign-request", "--region", "r"]
    words += [word for second in seconds for word in ("--cli-read-timeout", second, "--cli-connect-timeout", second)]
    process = subprocess.Popen(words, env={**clean_environment(), "HOME": str(tmp_path)})
    assert asked.wait(PATIENCE_S) and process.poll() is None
    may_answer.set()
    assert process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("program", [None, AWS], ids=["switchboard", "aws"])
def test_a_connection_is_not_waited_for_longer_than_that(cli, program):
    """Whoever listens and accepts nobody has a queue, and it is full."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(2):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        stderr = cli(*GET, "--endpoint-url", url, "--cli-connect-timeout", "1", status=255, program=program)
    assert f'Connect timeout on endpoint URL: "{url}/GetParticipant"' in stderr
