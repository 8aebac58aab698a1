"""Command lines: `aws` as it is, and `switchboard` in its place."""

import json
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from actors import start_chat
from switchboard import KEY_ID, REGION, SECRET, binary, client_environment

AWS = [str(Path(sys.executable).with_name("aws"))]
SWITCHBOARD = [binary()]


def without_empty(environment):
    """An environment in which None unsets."""
    return {name: value for name, value in environment.items() if value is not None}


@pytest.fixture(params=[AWS, SWITCHBOARD], ids=["aws", "switchboard"])
def cli(request, server, tmp_path):
    """Runs a command and returns what it says."""

    def run(*words, status=0, env=None, **more):
        done = subprocess.run(
            [*request.param, *words],
            capture_output=True,
            text=True,
            timeout=60,
            env=without_empty({**client_environment(server, tmp_path), **(env or {})}),
            **more,
        )
        assert (done.returncode == 0) == (status == 0), (done.returncode, done.stdout, done.stderr)
        if status:
            assert done.returncode == status or request.param == AWS, (done.returncode, done.stderr)
            return done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_bots(cli, instance):
    name = f"bot-{uuid.uuid4().hex[:8]}"
    bot = ["--instance-id", instance.id, "--lex-bot", f"Name={name},LexRegion={REGION}"]
    assert cli("connect", "associate-bot", *bot) is None
    bots = cli("connect", "list-bots", "--instance-id", instance.id, "--lex-version", "V1")["LexBots"]
    assert {"LexBot": {"Name": name, "LexRegion": REGION}} in bots
    assert cli("connect", "disassociate-bot", *bot) is None
    assert "ResourceNotFoundException" in cli("connect", "disassociate-bot", *bot, status=254)


def test_disconnect_participant(cli, server, instance):
    customer = start_chat(server, instance).connect()
    said = cli(
        "connectparticipant",
        "send-message",
        "--content-type",
        "text/plain",
        "--content",
        "from the command line",
        "--connection-token",
        customer.connection_token,
    )
    assert customer.socket.wait_message("from the command line")["Id"] == said["Id"]
    words = ("connectparticipant", "disconnect-participant", "--connection-token", customer.connection_token)
    assert cli(*words) in (None, {})
    assert "AccessDeniedException" in cli(*words, status=254)


def test_a_chat_is_started_with_json(cli, instance, tmp_path):
    request = {
        "InstanceId": instance.id,
        "ContactFlowId": instance.flow_id,
        "ParticipantDetails": {"DisplayName": "Jane"},
        "Attributes": {"order": "42"},
    }
    for how in (json.dumps(request), "file://request.json"):
        (tmp_path / "request.json").write_text(json.dumps(request))
        made = cli("connect", "start-chat-contact", "--cli-input-json", how, cwd=tmp_path)
        assert made.keys() >= {"ContactId", "ParticipantId", "ParticipantToken"}


def test_a_skeleton_asks_nobody(cli):
    skeleton = cli(
        "connect", "associate-bot", "--generate-cli-skeleton", "input", env={"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    )
    assert skeleton.keys() == {"InstanceId", "LexBot", "LexV2Bot", "ClientToken"}


def test_pages_are_put_together(cli, instance):
    flows = cli("connect", "list-contact-flows", "--instance-id", instance.id)["ContactFlowSummaryList"]
    assert any(flow["Id"] == instance.flow_id for flow in flows)


def test_options_win_over_the_environment(cli, server):
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-2"}
    words = ("connect", "list-instances", "--endpoint-url", server.url, "--region", REGION)
    assert "InstanceSummaryList" in cli(*words, env=nowhere)


def test_a_profile(cli, server, tmp_path):
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "credentials").write_text(f"[mine]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n")
    (folder / "config").write_text(f"[profile mine]\nregion = {REGION}\n")
    nobody = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"))
    assert "InstanceSummaryList" in cli("connect", "list-instances", "--profile", "mine", env=nobody)


def test_a_wrong_secret_is_told(cli):
    stderr = cli("connect", "list-instances", status=254, env={"AWS_SECRET_ACCESS_KEY": "not-the-secret"})
    assert "InvalidSignatureException" in stderr and "ListInstances" in stderr


def test_a_command_nobody_knows(cli):
    assert "usage:" in cli("connect", "do-the-dishes", status=252)


# -- switchboard's own verbs ------------------------------------------------------------------------------------


def switchboard(*words, **env):
    return subprocess.run([*SWITCHBOARD, *words], capture_output=True, text=True, timeout=60, env=env or None)


def test_help_names_the_verbs():
    done = switchboard("--help")
    assert done.returncode == 0
    for word in ("serve", "demo", "env", "connectparticipant"):
        assert word in done.stdout


def test_serve_explains_every_setting():
    done = switchboard("serve", "--help")
    assert done.returncode == 0
    for flag in ("--listen", "--data", "--region", "--account", "--access-key", "--public-url", "--limits"):
        assert flag in done.stdout


@pytest.mark.parametrize("command", ["serve", "demo", "env"])
def test_a_command_of_the_server_has_a_page_too(command):
    done, page = switchboard(command, "help"), switchboard("help", command)
    assert (done.returncode, done.stdout) == (0, page.stdout)
    assert f"switchboard {command}" in page.stdout


@pytest.mark.parametrize("flags", [("--listen", "nowhere"), ("--no-such-flag",), ("--account", "12")])
def test_serve_refuses_what_it_does_not_understand(flags):
    done = switchboard("serve", *flags)
    assert done.returncode == 2 and flags[0] in done.stderr and "panicked" not in done.stderr


def test_anybody_is_accepted_on_loopback_only():
    done = switchboard("serve", "--listen", "0.0.0.0:0", "--insecure-any-credentials")
    assert done.returncode != 0 and "0.0.0.0" in done.stderr


def test_env_prints_what_a_client_needs(tmp_path):
    """Without --access-key a key is made at the first start and kept, readable by its owner alone."""

    process = subprocess.Popen(
        [binary(), "serve", "--listen", "127.0.0.1:0", "--media", "127.0.0.1:0", "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        url = process.stdout.readline().removeprefix("switchboard ready ").strip()
        done = switchboard("env", "--data", str(tmp_path), "--public-url", url)
        assert done.returncode == 0, done.stderr
        names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION")
        assert all(f"export {name}=" in done.stdout for name in names)
        script = f'eval "$({binary()} env --data {tmp_path} --public-url {url})"; {binary()} connect list-instances'
        listed = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=60)
        assert json.loads(listed.stdout) == {"InstanceSummaryList": []}, listed.stderr
        secrets = [path for path in tmp_path.rglob("*") if path.is_file() and "key" in path.name]
        assert secrets and all(path.stat().st_mode & 0o077 == 0 for path in secrets)
    finally:
        process.terminate()
        assert process.wait(20) == 0
        process.stdout.close()
