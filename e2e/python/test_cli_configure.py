"""`switchboard configure`, where other programs go on with what it gives. What it prints is compared with `aws` among the
cases of the differential test."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from fake_aws import FakeAws
from switchboard import binary
from test_cli_credentials import FILES, PROGRAMS, User

MODEL = Path(__file__).with_name("cli") / "data" / "things" / "2020-01-01" / "service-2.json"


@pytest.fixture
def fake():
    with FakeAws() as fake:
        yield fake


@pytest.fixture(params=PROGRAMS)
def user(request, tmp_path, fake):
    return User(request.param, tmp_path, fake)


@pytest.fixture
def person(tmp_path, fake):
    return User("switchboard", tmp_path, fake)


def test_credentials_are_handed_on_as_a_process(user):
    user.credentials(FILES)
    user.config(f"[profile via]\ncredential_process = {binary()} configure export-credentials --profile other\n")
    assert user.signed_by("--profile", "via") == "AKIDother"
    assert user.fake.requests[-1].headers["x-amz-security-token"] == "t"


def test_profiles_that_ask_each_other_are_told(person):
    asks = lambda profile: f"credential_process = {binary()} configure export-credentials --profile {profile}\n"
    person.config(f"[profile a]\n{asks('b')}[profile b]\n{asks('a')}")
    said = person.fails("--profile", "a", status=255)
    assert "profile cycle: b -> a -> b" in said


@pytest.mark.parametrize(("layout", "shell"), [("env", "bash"), ("env", "sh"), ("env", "zsh"), ("fish", "fish")])
def test_a_shell_takes_credentials(person, layout, shell):
    person.credentials(FILES)
    export = f"{binary()} configure export-credentials --profile other --format {layout}"
    script = f"{export} | source; env" if shell == "fish" else f'eval "$({export})"; env'
    done = subprocess.run([shell, "-c", script], capture_output=True, text=True, env=person.environment(), timeout=60)
    assert done.returncode == 0, done.stderr
    assert {"AWS_ACCESS_KEY_ID=AKIDother", "AWS_SECRET_ACCESS_KEY=s", "AWS_SESSION_TOKEN=t"} <= set(done.stdout.split("\n"))


def test_the_credentials_of_a_role_have_an_end(person):
    person.credentials(FILES)
    person.config("[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = default\n")
    done = person.run("configure", "export-credentials", "--profile", "role")
    told = json.loads(done.stdout)
    assert list(told) == ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"], done.stderr
    assert told["AccessKeyId"] == "ASIAr" and told["Expiration"].endswith("+00:00")
    # From now on it is in the cache.
    assert json.loads(person.run("configure", "export-credentials", "--profile", "role").stdout) == told
    assert person.fake.requests == []


def test_imported_keys_sign(person):
    person.credentials(FILES)
    (person.home / "keys.csv").write_text("\ufeffUser name,Access key ID,Secret access key\r\nbob,AKIDbob,s\r\n")
    done = person.run("configure", "import", "--csv", f"file://{person.home}/keys.csv", "--profile-prefix", "my-")
    assert (done.stdout, done.stderr) == ("Successfully imported 1 profile(s)\n", "\nswitchboard: [WARNING]: The file "
        f"'{person.home}/.aws/credentials' is accessible by other users. Consider running 'chmod 600 "
        f"{person.home}/.aws/credentials' to restrict access to only your user.\n")  # fmt: skip
    assert person.signed_by("--profile", "my-bob") == "AKIDbob"
    assert person.signed_by("--profile", "other") == "AKIDother"


def test_a_model_becomes_a_command(person):
    assert person.run("things", "ping").returncode == 252
    assert person.run("configure", "add-model", "--service-model", f"file://{MODEL}").returncode == 0
    done = person.run("things", "make-thing", "--generate-cli-skeleton")
    assert done.returncode == 0 and "part" in json.loads(done.stdout), done.stderr
    done = person.run("configure", "add-model", "--service-model", f"file://{MODEL}", "--service-name", "others")
    assert done.returncode == 0 and person.run("others", "ping", "--generate-cli-skeleton").returncode == 0
    said = person.run("configure", "add-model", "--service-model", '{"metadata": {}}')
    assert said.returncode == 255 and "endpointPrefix" in said.stderr


@pytest.mark.parametrize("words", [("--version",), ("configure", "list-profiles"), ("connect", "help"), ("complete", "bash")])
def test_nobody_reads_what_is_printed(person, words):
    person.credentials(FILES)
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run([binary(), *words], stdout=writes, stderr=subprocess.PIPE, text=True, env=person.environment())
    os.close(writes)
    assert (done.returncode, done.stderr) == (0, "")
