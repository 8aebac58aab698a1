"""Where settings come from: `aws`, and `switchboard` in its place, with the same files and variables.

The services they call are one small server, which notes what came and over which port.
"""

import datetime
import ipaddress
import json
import os
import pty
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fake_aws import ROLE, FakeAws
from switchboard import PATIENCE_S
from test_cli_credentials import PROGRAMS, User

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDkeys", "AWS_SECRET_ACCESS_KEY": "s"}
NO_ENDPOINT = {"AWS_ENDPOINT_URL_CONNECT": None}
LIST = ("connect", "list-instances")
REPLY = json.dumps({"InstanceSummaryList": [{"Id": "i-1", "CreatedTime": 1700000000}]})


@pytest.fixture
def fake():
    with FakeAws() as fake:
        yield fake


@pytest.fixture
def other():
    with FakeAws() as other:
        yield other


@pytest.fixture(params=PROGRAMS)
def user(request, tmp_path, fake):
    return User(request.param, tmp_path, fake)


def call(user, *options, status=0, **env):
    """One call; what is printed."""
    done = user.run(*LIST, *options, **{**KEYS, **env})
    wanted = 255 if status and user.program == "aws" else status
    assert done.returncode == wanted, (done.returncode, done.stdout, done.stderr)
    return done.stderr if status else done.stdout


# -- the region ---------------------------------------------------------------------------------------------------------


def test_the_region(user):
    user.config("[default]\nregion = eu-west-1\n[profile p]\nregion = eu-west-2\n")
    nowhere = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}

    def region(*options, **env):
        call(user, *options, **{**nowhere, **env})
        return user.fake.requests[-1].region

    assert region() == "eu-west-1"
    assert region(AWS_PROFILE="p") == "eu-west-2"
    assert region(AWS_DEFAULT_REGION="eu-west-3", AWS_REGION="eu-west-3") == "eu-west-3"
    assert region("--region", "eu-north-1", AWS_DEFAULT_REGION="eu-west-3") == "eu-north-1"
    (user.home / ".aws/config").unlink()
    assert "You must specify a region" in call(user, status=253, **nowhere)


def test_the_region_of_an_instance(fake, tmp_path):
    """Version 1 of `aws` does not ask for it."""
    user = User("switchboard", tmp_path, fake)
    call(user, AWS_REGION=None, AWS_DEFAULT_REGION=None, AWS_EC2_METADATA_DISABLED=None,
         AWS_EC2_METADATA_SERVICE_ENDPOINT=fake.url)
    assert user.fake.requests[-1].region == "eu-central-1"


# -- endpoints ----------------------------------------------------------------------------------------------------------


def test_the_endpoint_goes_from_the_special_to_the_general(user, other):
    def came_to(*options, **env):
        other.forget()
        call(user, *options, **{**NO_ENDPOINT, **env})
        return "other" if other.requests else "fake"

    here, there = user.fake.url, other.url
    assert came_to("--endpoint-url", here, AWS_ENDPOINT_URL_CONNECT=there) == "fake"
    assert came_to(AWS_ENDPOINT_URL_CONNECT=here, AWS_ENDPOINT_URL=there) == "fake"
    assert came_to(AWS_ENDPOINT_URL=there) == "other"
    user.config(f"[default]\nservices = mine\nendpoint_url = {there}\n[services mine]\nconnect =\n  endpoint_url = {here}\n"
                f"[profile plain]\nendpoint_url = {there}\n")
    assert came_to() == "fake"
    assert came_to(AWS_ENDPOINT_URL=there) == "other"
    assert came_to(AWS_PROFILE="plain") == "other"
    assert came_to("--endpoint-url", there, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true") == "other"


def test_services_that_are_named_and_not_there(user):
    """Nobody who meant a server of their own is to end at AWS instead."""
    user.config(f"[default]\nservices = mine\nendpoint_url = {user.fake.url}\n")
    said = call(user, status=255, **NO_ENDPOINT)
    assert 'the "mine" services configuration does not exist' in said and not user.fake.requests


def test_configured_endpoints_may_be_ignored(user):
    """A proxy that refuses shows where the request was to go."""
    env = {**NO_ENDPOINT, "AWS_ENDPOINT_URL": user.fake.url, "HTTPS_PROXY": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    said = call(user, status=255, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true", **env)
    assert "127.0.0.1:9" in said and not user.fake.requests
    user.config(f"[default]\nendpoint_url = {user.fake.url}\nignore_configured_endpoint_urls = true\n")
    env["AWS_ENDPOINT_URL"] = None
    assert "127.0.0.1:9" in call(user, status=255, **env)


def test_a_path_of_an_endpoint_is_kept(user):
    user.fake.instead["/some/where/instance"] = [(200, REPLY)]
    call(user, "--endpoint-url", f"{user.fake.url}/some/where/")
    assert user.fake.requests[-1].path == "/some/where/instance"


def test_a_bad_endpoint(user):
    said = call(user, "--endpoint-url", "notaurl", status=252)
    assert 'Bad value for --endpoint-url "notaurl": scheme is missing.' in said


def test_the_endpoint_of_a_helper_is_its_own(user, other):
    """--endpoint-url is for the service that is called, and not for STS."""
    user.credentials("[default]\naws_access_key_id = AKIDdefault\naws_secret_access_key = s\n")
    user.config(f"[profile role]\nrole_arn = {ROLE}/r\nsource_profile = default\n")
    done = user.run(*LIST, "--profile", "role", "--endpoint-url", other.url)
    assert done.returncode == 0, done.stderr
    assert [request.form.get("Action") for request in user.fake.requests] == ["AssumeRole"]
    assert other.requests[-1].key == "ASIAr"


# -- TLS ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for this machine that nobody else trusts, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=9))
    builder = builder.add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
    )
    made = builder.sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(certificate):
    with FakeAws(certificate) as secure:
        yield secure


def test_roots_come_from_option_variable_and_file(user, secure, certificate):
    env = {"AWS_ENDPOINT_URL_CONNECT": secure.url, "AWS_MAX_ATTEMPTS": "1", "REQUESTS_CA_BUNDLE": None,
           "AWS_CA_BUNDLE": None}
    assert "SSL validation failed" in call(user, status=255, **env)
    call(user, "--ca-bundle", str(certificate), **env)
    call(user, "--no-verify-ssl", **env)
    call(user, **{**env, "AWS_CA_BUNDLE": str(certificate)})
    call(user, **{**env, "REQUESTS_CA_BUNDLE": str(certificate)})
    user.config(f"[default]\nca_bundle = {certificate}\n")
    call(user, **env)
    assert len(secure.requests) == 5
    said = call(user, "--ca-bundle", "/no/such/file", status=255, **env)
    assert "No such file" in said


def test_roots_are_for_those_who_give_credentials_too(user, secure, certificate):
    user.credentials("[default]\naws_access_key_id = AKIDdefault\naws_secret_access_key = s\n")
    user.config(f"[profile role]\nrole_arn = {ROLE}/r\nsource_profile = default\n")
    env = {"AWS_ENDPOINT_URL_STS": secure.url, "AWS_CA_BUNDLE": str(certificate), "REQUESTS_CA_BUNDLE": None}
    assert user.signed_by("--profile", "role", **env) == "ASIAr"
    assert secure.requests[0].form["Action"] == "AssumeRole"


# -- proxies ------------------------------------------------------------------------------------------------------------


def test_a_proxy_that_is_not_there(user):
    env = {"AWS_ENDPOINT_URL_CONNECT": "https://connect.example", "HTTPS_PROXY": "http://127.0.0.1:9",
           "AWS_MAX_ATTEMPTS": "1"}
    assert 'Failed to connect to proxy URL: "http://127.0.0.1:9' in call(user, status=255, **env)


def test_some_hosts_need_no_proxy(user):
    refuses = "http://127.0.0.1:9"
    for name in ("127.0.0.1", f"example.com, 127.0.0.1:{user.fake.port}", "*"):
        call(user, HTTP_PROXY=refuses, HTTPS_PROXY=refuses, NO_PROXY=name)
        assert user.fake.requests
    call(user, HTTPS_PROXY=refuses)


# -- patience and retries -----------------------------------------------------------------------------------------------


def answers(user, *statuses):
    user.fake.instead["/instance"] = [(status, "{}") for status in statuses]


@pytest.mark.parametrize("mode", ["standard", "adaptive"])
def test_retries(user, mode):
    answers(user, 503, 500)
    call(user, AWS_RETRY_MODE=mode, AWS_MAX_ATTEMPTS="3")
    assert len(user.fake.requests) == 3
    answers(user, 500, 500)
    user.config(f"[default]\nretry_mode = {mode}\nmax_attempts = 2\n")
    said = call(user, status=254)
    assert "(reached max retries: 1)" in said and len(user.fake.requests) == 2
    answers(user, 400)
    call(user, status=254)
    assert len(user.fake.requests) == 1


def test_bad_retries(user):
    assert "mode" in call(user, status=255, AWS_RETRY_MODE="often")
    call(user, status=255, AWS_MAX_ATTEMPTS="0")


def test_an_answer_that_does_not_come(user):
    arrived, given_up = [], threading.Event()

    def wait(request):
        arrived.append(request)
        given_up.wait(PATIENCE_S)
        return 200, "{}"

    user.fake.reply = wait
    said = call(user, "--cli-read-timeout", "1", status=255, AWS_MAX_ATTEMPTS="1")
    assert "Read timeout on endpoint URL" in said
    given_up.set()
    # Nought is for ever, and not at once.
    call(user, "--cli-read-timeout", "0", "--cli-connect-timeout", "0", AWS_MAX_ATTEMPTS="1")
    assert len(arrived) == 2


# -- cli_* --------------------------------------------------------------------------------------------------------------


def test_how_times_are_printed(user):
    def printed(**env):
        user.fake.instead["/instance"] = [(200, REPLY)]
        return call(user, "--query", "InstanceSummaryList[0].CreatedTime", **env).strip()

    user.config("[default]\ncli_timestamp_format = iso8601\n")
    assert printed() == '"2023-11-14T22:13:20+00:00"'
    user.config("[default]\ncli_timestamp_format = wire\n")
    assert printed() in ("1700000000", "1700000000.0")
    user.config("[default]\ncli_timestamp_format = never\n")
    call(user, status=253)


def test_the_output_format(user):
    def printed(*options, **env):
        user.fake.instead["/instance"] = [(200, REPLY)]
        return call(user, "--query", "InstanceSummaryList[].Id", *options, **env)

    user.config("[default]\noutput = text\n")
    assert printed() == "i-1\n"
    assert json.loads(printed(AWS_DEFAULT_OUTPUT="json")) == ["i-1"]
    assert printed("--output", "text", AWS_DEFAULT_OUTPUT="json") == "i-1\n"
    assert "Unknown output type: xml" in call(user, status=255, AWS_DEFAULT_OUTPUT="xml")


@pytest.mark.parametrize(("setting", "env", "paged"), [
    ("cli_pager = CAT", {"AWS_PAGER": None}, True),
    ("cli_pager =", {"AWS_PAGER": None, "PAGER": "CAT"}, False),
    ("", {"AWS_PAGER": "CAT"}, True),
    ("cli_pager = CAT", {"AWS_PAGER": ""}, False),
    ("", {"AWS_PAGER": None, "PAGER": "CAT"}, True),
])
def test_the_pager(fake, tmp_path, setting, env, paged):
    """Only version 2 of `aws` has one, and only on a terminal."""
    user = User("switchboard", tmp_path, fake)
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho paged\ncat\n")
    pager.chmod(0o755)
    named = lambda text: text and text.replace("CAT", str(pager))
    user.config(f"[default]\n{named(setting)}\n")
    fake.instead["/instance"] = [(200, REPLY)]
    environment = user.environment(**KEYS, **{name: named(value) for name, value in env.items()})
    child, terminal = pty.fork()
    if child == 0:
        os.execve(PROGRAMS["switchboard"], ["switchboard", *LIST], environment)
    said = b""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:
        pass  # The other side of the terminal is closed.
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert said.startswith(b"paged") == paged and b"i-1" in said


def test_errors_as_json(fake, tmp_path):
    """Only version 2 of `aws` can."""
    user = User("switchboard", tmp_path, fake)
    user.config("[default]\ncli_error_format = json\n")
    fake.instead["/instance"] = [(400, '{"message":"bad","__type":"InvalidRequestException"}')]
    told = json.loads(call(user, status=254))
    assert (told["Message"], told["Code"]) == ("bad", "InvalidRequestException")
    fake.instead["/instance"] = [(400, '{"message":"bad","__type":"InvalidRequestException"}')]
    assert "An error occurred (InvalidRequestException)" in call(user, status=254, AWS_CLI_ERROR_FORMAT="legacy")


def test_a_file_that_is_none(user):
    user.config("nonsense\n")
    done = user.run(*LIST, **KEYS)
    assert done.returncode == (1 if user.program == "aws" else 255)
    assert "Unable to parse config file" in done.stderr
