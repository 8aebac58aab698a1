"""Where credentials come from: `aws`, and `switchboard` in its place, with the same files and the same services.

Each test runs for both; what is asked of the services, and whose key the request is signed with, must be the same.
"""

import hashlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from fake_aws import ROLE, FakeAws, expires, keys
from switchboard import binary, clean_environment

AWS = str(Path(sys.executable).with_name("aws"))
PROGRAMS = {"aws": AWS, "switchboard": binary()}


@pytest.fixture
def fake():
    with FakeAws() as fake:
        yield fake


class User:
    """Someone at a terminal with files of their own, who runs one of the two programs."""

    def __init__(self, program, home, fake):
        self.program = program
        self.home = home
        self.fake = fake
        (home / ".aws").mkdir()

    def config(self, text):
        (self.home / ".aws/config").write_text(text)

    def credentials(self, text):
        (self.home / ".aws/credentials").write_text(text)

    def environment(self, **more):
        services = {f"AWS_ENDPOINT_URL_{name}": self.fake.url for name in ("STS", "SSO", "SSO_OIDC", "CONNECT")}
        more = {"AWS_DEFAULT_REGION": "us-west-2", "AWS_REGION": "us-west-2", "AWS_PAGER": "", **services, **more}
        env = {**clean_environment(), "HOME": str(self.home), **more}
        return {name: value for name, value in env.items() if value is not None}

    def run(self, *words, **env):
        self.fake.forget()
        words = words or ("connect", "list-instances")
        program = PROGRAMS[self.program]
        env = self.environment(**env)
        return subprocess.run([program, *words], capture_output=True, text=True, timeout=60, env=env, check=False)

    def signed_by(self, *options, **env):
        """The key that a call is signed with."""
        done = self.run("connect", "list-instances", *options, **env)
        assert done.returncode == 0, (done.stdout, done.stderr)
        return self.fake.requests[-1].key

    def fails(self, *options, status, **env):
        """What is said when a call cannot be signed. Version 1 of `aws` has one code for all of it."""
        done = self.run("connect", "list-instances", *options, **env)
        assert done.returncode == (255 if self.program == "aws" else status), (done.returncode, done.stderr)
        assert not any(request.path == "/instance" for request in self.fake.requests)
        return done.stderr


@pytest.fixture(params=PROGRAMS)
def user(request, tmp_path, fake):
    return User(request.param, tmp_path, fake)


FILES = """[default]
aws_access_key_id = AKIDdefault
aws_secret_access_key = s
[other]
aws_access_key_id = AKIDother
aws_secret_access_key = s
aws_session_token = t
"""
IN_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIDenv", "AWS_SECRET_ACCESS_KEY": "s"}


# -- keys ---------------------------------------------------------------------------------------------------------------


def test_keys_of_the_environment_go_first(user):
    user.credentials(FILES)
    assert user.signed_by(**IN_ENVIRONMENT) == "AKIDenv"
    assert "x-amz-security-token" not in user.fake.requests[-1].headers
    assert user.signed_by(AWS_SESSION_TOKEN="tok", **IN_ENVIRONMENT) == "AKIDenv"
    assert user.fake.requests[-1].headers["x-amz-security-token"] == "tok"


def test_a_profile_that_is_named_puts_the_environment_aside(user):
    user.credentials(FILES)
    assert user.signed_by("--profile", "other", **IN_ENVIRONMENT) == "AKIDother"
    assert user.fake.requests[-1].headers["x-amz-security-token"] == "t"
    assert user.signed_by(AWS_PROFILE="other", **IN_ENVIRONMENT) == "AKIDenv"
    assert user.signed_by(AWS_PROFILE="other") == "AKIDother"
    assert user.signed_by() == "AKIDdefault"


def test_keys_of_the_credentials_file_go_before_those_of_the_config_file(user):
    user.config("[default]\naws_access_key_id = AKIDconfig\naws_secret_access_key = s\n[profile only]\n"
                "aws_access_key_id = AKIDonly\naws_secret_access_key = s\n")
    assert user.signed_by() == "AKIDconfig"
    assert user.signed_by("--profile", "only") == "AKIDonly"
    user.credentials(FILES)
    assert user.signed_by() == "AKIDdefault"


def test_the_files_may_be_elsewhere(user, tmp_path):
    (tmp_path / "c").write_text("[profile x]\nregion = eu-west-3\n")
    (tmp_path / "k").write_text("[x]\naws_access_key_id = AKIDk\naws_secret_access_key = s\n")
    places = {"AWS_CONFIG_FILE": str(tmp_path / "c"), "AWS_SHARED_CREDENTIALS_FILE": "~/k"}
    assert user.signed_by("--profile", "x", AWS_REGION=None, AWS_DEFAULT_REGION=None, **places) == "AKIDk"
    assert user.fake.requests[-1].region == "eu-west-3"


def test_nothing_at_all(user):
    assert "Unable to locate credentials" in user.fails(status=253)
    assert user.run("connect", "list-instances", "--no-sign-request").returncode == 0
    assert "authorization" not in user.fake.requests[-1].headers


def test_half_a_pair(user):
    said = user.fails(status=255, AWS_ACCESS_KEY_ID="AKID")
    assert "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY" in said
    user.credentials("[default]\naws_access_key_id = AKID\n")
    said = user.fails(status=255)
    assert "Partial credentials found in shared-credentials-file, missing: aws_secret_access_key" in said


def test_a_profile_that_is_not_there(user):
    assert "The config profile (nope) could not be found" in user.fails("--profile", "nope", status=255)


# -- roles --------------------------------------------------------------------------------------------------------------


def test_a_role_is_assumed_with_another_profile(user):
    user.credentials(FILES)
    user.config(f"[profile role]\nrole_arn = {ROLE}/first\nsource_profile = other\nexternal_id = x1\n"
                "role_session_name = me\nduration_seconds = 900\n")
    assert user.signed_by("--profile", "role") == "ASIAfirst"
    assert user.fake.requests[-1].headers["x-amz-security-token"] == "token-ASIAfirst"
    sts = user.fake.requests[0]
    assert sts.key == "AKIDother" and sts.region == "us-west-2"
    wanted = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": f"{ROLE}/first", "RoleSessionName": "me",
              "ExternalId": "x1", "DurationSeconds": "900"}
    assert sts.form == wanted


def test_a_role_of_a_role(user):
    user.credentials(FILES)
    user.config(f"[profile one]\nrole_arn = {ROLE}/one\nsource_profile = default\n"
                f"[profile two]\nrole_arn = {ROLE}/two\nsource_profile = one\n")
    assert user.signed_by("--profile", "two") == "ASIAtwo"
    steps = [(request.form["RoleArn"], request.key) for request in user.fake.requests[:-1]]
    assert steps == [(f"{ROLE}/one", "AKIDdefault"), (f"{ROLE}/two", "ASIAone")]


def test_a_role_with_keys_of_its_own_profile(user):
    user.config(f"[profile self]\nrole_arn = {ROLE}/self\nsource_profile = self\n"
                "aws_access_key_id = AKIDself\naws_secret_access_key = s\n")
    assert user.signed_by("--profile", "self") == "ASIAself"
    assert user.fake.requests[0].key == "AKIDself"


def test_a_circle_of_roles(user):
    user.config(f"[profile a]\nrole_arn = {ROLE}/a\nsource_profile = b\n[profile b]\nrole_arn = {ROLE}/b\n"
                "source_profile = a\n")
    assert "nfinite loop" in user.fails("--profile", "a", status=255)


def test_a_role_without_a_source(user):
    user.config(f"[profile a]\nrole_arn = {ROLE}/a\nsource_profile = nope\n[profile b]\nrole_arn = {ROLE}/b\n")
    said = user.fails("--profile", "a", status=255)
    assert 'The source profile "nope" must have credentials.' in said or "nope" in said
    assert "Partial credentials" in user.fails("--profile", "b", status=255)


@pytest.mark.parametrize(
    ("source", "env", "key"),
    [
        ("Environment", IN_ENVIRONMENT, "AKIDenv"),
        ("EcsContainer", {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{url}/container"}, "ASIAcontainer"),
        (
            "Ec2InstanceMetadata",
            {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{url}"},
            "ASIAinstance",
        ),
    ],
)
def test_a_role_is_assumed_with_another_source(user, source, env, key):
    user.config(f"[profile role]\nrole_arn = {ROLE}/r\ncredential_source = {source}\n")
    env = {name: value and value.format(url=user.fake.url) for name, value in env.items()}
    assert user.signed_by("--profile", "role", **env) == "ASIAr"
    sts = next(request for request in user.fake.requests if request.form.get("Action"))
    assert sts.key == key


def test_a_role_that_is_denied(user):
    user.credentials(FILES)
    user.config(f"[profile role]\nrole_arn = {ROLE}/forbidden\nsource_profile = default\n")
    said = user.fails("--profile", "role", status=254)
    assert "An error occurred (AccessDenied) when calling the AssumeRole operation: not you" in said


def test_credentials_of_a_role_are_kept(user):
    user.credentials(FILES)
    user.config(f"[profile role]\nrole_arn = {ROLE}/r\nsource_profile = default\n")
    assert user.signed_by("--profile", "role") == "ASIAr"
    assert len(user.fake.requests) == 2
    # The next command asks nobody, and neither does the other program.
    for program in PROGRAMS:
        user.program = program
        assert user.signed_by("--profile", "role") == "ASIAr"
        assert len(user.fake.requests) == 1, program
    kept = list((user.home / ".aws/cli/cache").iterdir())
    assert len(kept) == 1 and kept[0].stat().st_mode & 0o077 == 0


def test_credentials_that_end_soon_are_not_used_again(user):
    user.credentials(FILES)
    user.config(f"[profile role]\nrole_arn = {ROLE}/r\nsource_profile = default\n")
    assert user.signed_by("--profile", "role") == "ASIAr"
    (kept,) = (user.home / ".aws/cli/cache").iterdir()
    document = json.loads(kept.read_text())
    document["Credentials"]["Expiration"] = expires(60)
    kept.write_text(json.dumps(document))
    assert user.signed_by("--profile", "role") == "ASIAr"
    assert len(user.fake.requests) == 2


def test_a_second_factor_is_asked_for(user):
    """On a terminal, where it is typed unseen."""
    user.credentials(FILES)
    user.config(f"[profile role]\nrole_arn = {ROLE}/r\nsource_profile = default\nmfa_serial = arn:aws:iam::1:mfa/me\n")
    child, terminal = pty.fork()
    if child == 0:
        os.execve(PROGRAMS[user.program], ["x", "connect", "list-instances", "--profile", "role"], user.environment())
    said = b""
    while b"MFA code for arn:aws:iam::1:mfa/me: " not in said:
        said += os.read(terminal, 1024)
    os.write(terminal, b"123456\n")
    try:
        while part := os.read(terminal, 1024):
            said += part
    except OSError:
        pass  # The other side of the terminal is closed.
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said
    assert b"123456" not in said
    sts = user.fake.requests[0].form
    assert (sts["SerialNumber"], sts["TokenCode"]) == ("arn:aws:iam::1:mfa/me", "123456")
    assert user.fake.requests[-1].key == "ASIAr"


# -- web identities -----------------------------------------------------------------------------------------------------


def test_a_web_identity(user, tmp_path):
    (tmp_path / "token").write_text("a.jwt")
    env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"), "AWS_ROLE_ARN": f"{ROLE}/web",
           "AWS_ROLE_SESSION_NAME": "me"}
    assert user.signed_by(**env) == "ASIAweb"
    sts = user.fake.requests[0]
    assert "authorization" not in sts.headers
    assert sts.form == {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": f"{ROLE}/web",
                        "RoleSessionName": "me", "WebIdentityToken": "a.jwt"}
    user.config(f"[profile web]\nrole_arn = {ROLE}/profile\nweb_identity_token_file = {tmp_path}/token\n")
    assert user.signed_by("--profile", "web") == "ASIAprofile"


# -- single sign-on -----------------------------------------------------------------------------------------------------

SSO = "sso_account_id = 111122223333\nsso_role_name = viewer\n"
SESSION = f"[profile sso]\nsso_session = mine\n{SSO}[sso-session mine]\nsso_region = us-east-1\nsso_start_url = https://x/start\n"
LEGACY = f"[profile sso]\nsso_start_url = https://x/start\nsso_region = us-east-1\n{SSO}"


def keep_token(user, name, seconds):
    folder = user.home / ".aws/sso/cache"
    folder.mkdir(parents=True)
    token = {"startUrl": "https://x/start", "region": "us-east-1", "accessToken": "bearer", "expiresAt": expires(seconds)}
    (folder / (hashlib.sha1(name.encode()).hexdigest() + ".json")).write_text(json.dumps(token))


@pytest.mark.parametrize(("config", "name"), [(SESSION, "mine"), (LEGACY, "https://x/start")], ids=["session", "url"])
def test_single_sign_on(user, config, name):
    user.config(config)
    keep_token(user, name, 3600)
    assert user.signed_by("--profile", "sso") == "ASIAviewer"
    asked = user.fake.requests[0]
    assert asked.query == {"role_name": "viewer", "account_id": "111122223333"}
    assert asked.headers["x-amz-sso_bearer_token"] == "bearer" and asked.key is None


@pytest.mark.parametrize(("config", "name"), [(SESSION, "mine"), (LEGACY, "https://x/start")], ids=["session", "url"])
def test_a_sign_on_that_is_over(user, config, name):
    user.config(config)
    keep_token(user, name, -60)
    said = user.fails("--profile", "sso", status=255)
    assert "expired" in said


# -- processes ----------------------------------------------------------------------------------------------------------


def test_a_process(user, tmp_path):
    script = tmp_path / "my keys"
    script.write_text(f"#!/bin/sh\necho \"$#:$1\" >&2\necho '{json.dumps(keys('process', Version=1, SessionToken='t'))}'\n")
    script.chmod(0o755)
    user.config(f"[profile p]\ncredential_process = \"{script}\" 'a b'\n")
    assert user.signed_by("--profile", "p") == "ASIAprocess"
    assert user.fake.requests[-1].headers["x-amz-security-token"] == "t"


@pytest.mark.parametrize("output", ["not json", '{"Version": 2}', "exit 3"])
def test_a_process_that_fails(user, tmp_path, output):
    script = tmp_path / "p"
    script.write_text(f"#!/bin/sh\n{output if output.startswith('exit') else f'echo {output!r}'}\n")
    script.chmod(0o755)
    user.config(f"[profile p]\ncredential_process = {script}\n")
    user.fails("--profile", "p", status=255)


# -- containers and instances -------------------------------------------------------------------------------------------


def test_a_container(user, tmp_path):
    (tmp_path / "token").write_text("from a file")
    env = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{user.fake.url}/container"}
    assert user.signed_by(**env) == "ASIAcontainer"
    assert "authorization" not in user.fake.requests[0].headers
    assert user.signed_by(AWS_CONTAINER_AUTHORIZATION_TOKEN="from the environment", **env) == "ASIAcontainer"
    assert user.fake.requests[0].headers["authorization"] == "from the environment"
    assert user.signed_by(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "token"), **env) == "ASIAcontainer"
    assert user.fake.requests[0].headers["authorization"] == "from a file"
    # A profile without keys stands in nobody's way.
    user.config("[profile empty]\nregion = us-west-2\n")
    assert user.signed_by("--profile", "empty", **env) == "ASIAcontainer"


def test_an_instance(user):
    env = {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": user.fake.url}
    assert user.signed_by(**env) == "ASIAinstance"
    asked = [request for request in user.fake.requests if "security-credentials" in request.path]
    assert all(request.headers["x-aws-ec2-metadata-token"] == "imds-token" for request in asked)
    user.config("[profile empty]\noutput = json\n")
    assert user.signed_by("--profile", "empty", **env) == "ASIAinstance"
