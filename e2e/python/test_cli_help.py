"""What `switchboard` tells about itself: help, manual pages, its version; and `configure` and completion."""

import os
import pty
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from switchboard import KEY_ID, REGION, binary, clean_environment, client_environment

GLOBALS = (
    "--debug",
    "--endpoint-url",
    "--no-verify-ssl",
    "--no-paginate",
    "--output",
    "--query",
    "--profile",
    "--region",
    "--version",
    "--color",
    "--no-sign-request",
    "--ca-bundle",
    "--cli-read-timeout",
    "--cli-connect-timeout",
)


def run(*words, home, stdin="", status=0, **env):
    done = subprocess.run(
        [binary(), *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env={**clean_environment(), "HOME": str(home), **env},
    )
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout if status in (0, 1) else done.stderr


@pytest.fixture
def cli(tmp_path):
    """Runs `switchboard` with a home of its own and no server."""

    def call(*words, **more):
        return run(*words, home=tmp_path, **more)

    return call


# -- help -------------------------------------------------------------------------------------------------------


def sections(page):
    return re.findall(r"^([A-Z][A-Z ]+)$", page, re.MULTILINE)


def test_the_page_of_an_operation(cli):
    page = cli("connectparticipant", "disconnect-participant", "help")
    lines = page.splitlines()
    assert lines[0] == f"{'DISCONNECT-PARTICIPANT()':<54}DISCONNECT-PARTICIPANT()"
    assert lines[-1] == f"{'DISCONNECT-PARTICIPANT()':>78}"
    assert lines[1:4] == ["", "", ""] and lines[-4:-1] == ["", "", ""]
    assert sections(page) == ["NAME", "DESCRIPTION", "SYNOPSIS", "OPTIONS", "GLOBAL OPTIONS", "OUTPUT"]
    synopsis = page.split("\nSYNOPSIS\n")[1].split("\n\n")[0].splitlines()
    assert synopsis[:5] == [
        "            disconnect-participant",
        "          [--client-token <value>]",
        "          --connection-token <value>",
        "          [--cli-input-json | --cli-input-yaml]",
        "          [--generate-cli-skeleton <value>]",
    ]
    assert all(any(line.startswith(f"          [{name}") for line in synopsis) for name in GLOBALS)
    assert all(f"\n       {name} (" in page for name in GLOBALS)
    assert "\nOUTPUT\n       None\n" in page
    assert "ConnectionToken" in page and "Signature" in page


def test_the_parts_of_an_answer_stand_further_in(cli):
    output = cli("ivs-realtime", "get-participant", "help").split("\nOUTPUT\n")[1]
    for line in (
        "       participant -> (structure)",
        "          attributes -> (map)",
        "              key -> (string)",
        "              value -> (string)",
        "          firstJoinTime -> (timestamp)",
        "          published -> (boolean)",
        "          state -> (string)",
        "          userId -> (string)",
    ):
        assert f"\n{line}\n" in f"\n{output}", line


def test_help_is_asked_for_in_several_ways(cli):
    page = cli("connect", "list-bots", "help")
    assert page == cli("connect", "list-bots", "--help")
    assert page == cli("--region", REGION, "connect", "list-bots", "help")
    assert page == cli("help", "connect", "list-bots")
    assert cli("help") == cli("--help")
    assert cli("connect", "help") == cli("connect", "--help")


def test_a_service_lists_its_commands(cli):
    page = cli("connectparticipant", "help")
    commands = re.findall(r"^       o (\S+)$", page.split("AVAILABLE COMMANDS")[1], re.MULTILINE)
    assert commands == sorted(commands) and "help" in commands and len(commands) == 12


def test_what_is_waited_for_has_pages(cli):
    listed = cli("lexv2-models", "wait", "help")
    assert "o bot-available" in listed and "o bot-locale-built" in listed
    page = cli("lexv2-models", "wait", "bot-available", "help")
    assert "describe-bot every 10 seconds" in " ".join(page.split()) and "--bot-id (string) [required]" in page


def test_a_service_that_a_user_added_has_pages(cli, tmp_path):
    """In `~/.aws/models`, as with `aws`; other tests name the folder in the environment."""
    (tmp_path / ".aws").mkdir()
    shutil.copytree(Path(__file__).parent / "cli" / "data", tmp_path / ".aws" / "models")
    assert "o things" in cli("help")
    assert "o make-thing" in cli("things", "help")
    assert "--http-time (timestamp)" in cli("things", "make-thing", "help")


def test_a_word_of_help_may_be_a_value(cli):
    said = cli(
        "connectparticipant",
        "send-message",
        "--content-type",
        "text/plain",
        "--connection-token",
        "t",
        "--content",
        "help",
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--no-sign-request",
        status=255,
        AWS_REGION=REGION,
        AWS_MAX_ATTEMPTS="1",
    )
    assert "Could not connect" in said


def test_unknown_words_are_met_with_the_nearest(cli):
    for words, near in (
        (("conect", "list-bots"), "* connect"),
        (("connect", "list-bot"), "* list-bots"),
        (("connect", "lits-bots", "help"), "* list-bots"),
        (("tails", "x"), "* tail"),
        (("configure", "lists"), "* list"),
        (("connect", "list-instances", "--reg-ion=x"), "* --region"),
    ):
        said = cli(*words, status=252)
        assert "Maybe you meant" in said and near in said, said


def test_on_a_terminal_help_goes_through_a_pager(tmp_path):
    ours, theirs = pty.openpty()
    seen = tmp_path / "seen"
    env = {**clean_environment(), "HOME": str(tmp_path), "PAGER": f"cat > {seen}", "COLUMNS": "60"}
    env.pop("MANPAGER", None)
    try:
        subprocess.run([binary(), "connect", "list-bots", "help"], stdout=theirs, env=env, timeout=60, check=True)
    finally:
        os.close(ours)
        os.close(theirs)
    page = seen.read_text()
    assert "\x1b[1mNAME\x1b[0m" in page
    plain = re.sub("\x1b\\[[01]m", "", page).splitlines()
    assert len(plain[0]) == 58 and plain[0].startswith("LIST-BOTS()")


def test_manual_pages(cli, tmp_path):
    folder = tmp_path / "man"
    cli("man", str(folder))
    pages = {path.name for path in folder.iterdir()}
    assert {"switchboard.1", "switchboard-tail.1", "switchboard-connect.1", "switchboard-connect-associate-bot.1"} <= pages
    assert len(pages) > 500
    groff = shutil.which("groff")
    if groff is None:
        return
    page = folder / "switchboard-ivs-realtime-get-participant.1"
    done = subprocess.run([groff, "-man", "-Tutf8", "-Wbreak", str(page)], capture_output=True, text=True, timeout=60)
    assert done.stderr == "" and "participant -> (structure)" in re.sub("\x1b\\[[0-9]*m", "", done.stdout)


def test_the_version_is_one_that_scripts_can_read(cli):
    version = cli("--version")
    assert re.fullmatch(r"aws-cli/2\.\d+\.\d+ switchboard/\d+\.\d+\.\d+ Linux/\S+ exe/\S+\n", version), version
    assert cli("connect", "--version") == version


# -- configure --------------------------------------------------------------------------------------------------


def test_configure_asks(cli, tmp_path):
    asked = cli("configure", stdin=f"{KEY_ID}\nsecret\n{REGION}\n\n")
    assert asked == (
        "AWS Access Key ID [None]: AWS Secret Access Key [None]: Default region name [None]: "
        "Default output format [None]: "
    )
    credentials, config = tmp_path / ".aws/credentials", tmp_path / ".aws/config"
    assert credentials.read_text() == f"[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = secret\n"
    assert config.read_text() == f"[default]\nregion = {REGION}\n"
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in (credentials, config))
    asked = cli("configure", stdin="\n\n\ntext\n")
    assert f"[{'*' * 16}{KEY_ID[-4:]}]" in asked and f"[{'*' * 16}cret]" in asked and f"[{REGION}]" in asked
    assert config.read_text() == f"[default]\nregion = {REGION}\noutput = text\n"
    cli("configure", "--profile", "dev", stdin="\n\neu-west-1\n\n")
    assert config.read_text().endswith("[profile dev]\nregion = eu-west-1\n")
    assert cli("configure", "list-profiles") == "default\ndev\n"


def test_configure_sets_and_gets(cli, tmp_path):
    config = tmp_path / "mine"
    config.write_text("# keep me\n[default]\nregion = a\n; and me\n\n[profile dev]\nregion = b\n")
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "keys")}
    cli("configure", "set", "region", "c", **files)
    cli("configure", "set", "region", "d", "--profile", "dev", **files)
    cli("configure", "set", "profile.dev.s3.addressing_style", "path", **files)
    cli("configure", "set", "endpoint_url", "http://x", "--services", "local", **files)
    cli("configure", "set", "aws_access_key_id", "AKID", "--profile", "dev", **files)
    assert config.read_text() == (
        "# keep me\n[default]\nregion = c\n; and me\n\n[profile dev]\nregion = d\ns3 =\n    addressing_style = path\n"
        "[services local]\nendpoint_url = http://x\n"
    )
    assert (tmp_path / "keys").read_text() == "[dev]\naws_access_key_id = AKID\n"
    assert cli("configure", "get", "region", **files) == "c\n"
    assert cli("configure", "get", "dev.region", **files) == "d\n"
    assert cli("configure", "get", "region", AWS_PROFILE="dev", **files) == "d\n"
    assert cli("configure", "get", "profile.dev.s3.addressing_style", **files) == "path\n"
    assert cli("configure", "get", "aws_access_key_id", "--profile", "dev", **files) == "AKID\n"
    assert cli("configure", "get", "nothing", status=1, **files) == ""
    assert "could not be found" in cli("configure", "get", "region", "--profile", "nope", status=255, **files)


def test_configure_lists_what_is_in_use(cli, tmp_path):
    nothing = cli("configure", "list")
    assert nothing.splitlines()[0] == "NAME       : VALUE                    : TYPE             : LOCATION"
    assert nothing.splitlines()[1] == "profile    : <not set>                : None             : None"
    cli("configure", stdin=f"{KEY_ID}\nsecret\n{REGION}\n\n")
    listed = cli("configure", "list")
    assert f"access_key : {'*' * 16}{KEY_ID[-4:]}     : shared-credentials-file : \n" in listed
    assert f"region     : {REGION}                : config-file      : ~/.aws/config\n" in listed
    listed = cli("configure", "list", AWS_REGION="eu-west-1", AWS_ACCESS_KEY_ID="AKID", AWS_SECRET_ACCESS_KEY="abcdef")
    assert f"secret_key : {'*' * 16}cdef     : env              : \n" in listed
    assert "region     : eu-west-1                : env              : ['AWS_REGION', 'AWS_DEFAULT_REGION']\n" in listed


# -- completion -------------------------------------------------------------------------------------------------


def test_the_scripts(cli):
    for shell in ("bash", "zsh", "fish"):
        assert "switchboard" in cli("complete", shell)
    assert "bash" in cli("complete", "csh", status=252)


def test_completion_knows_the_model(cli):
    assert cli("complete", "--line", "switchboard connect disassociate-b") == "disassociate-bot\n"
    assert cli("complete", "--words", "connect", "list-bots", "--lex-version", "").split() == ["V1", "V2"]
    assert cli("complete", COMP_LINE="switchboard connectp ignored", COMP_POINT="20") == "connectparticipant\n"
    assert "--listen" in cli("complete", "--line", "switchboard serve --l")


def test_completion_asks_the_server(server, instance, tmp_path):
    env = client_environment(server, tmp_path)
    env.pop("HOME")

    def complete(line):
        return run("complete", "--line", line, home=tmp_path, **env).split()

    assert instance.id in complete("switchboard connect describe-instance --instance-id ")
    listing = f"switchboard connect start-chat-contact --instance-id {instance.id} --contact-flow-id "
    assert instance.flow_id in complete(listing)
    assert complete("switchboard connect start-chat-contact --contact-flow-id ") == []


def test_completion_does_not_wait_for_a_server_that_is_not_there(cli):
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "a"}
    line = "switchboard connect describe-instance --instance-id "
    assert cli("complete", "--line", line, AWS_SECRET_ACCESS_KEY="b", **nowhere) == ""


def test_bash_completes(server, instance, tmp_path):
    """bash itself: words with colons are parted by it and put together again by the script."""
    script = """
        source <(switchboard complete bash)
        complete_line() {
            COMP_LINE=$1 COMP_POINT=${#1}
            _switchboard switchboard "$2" ""
            printf '%s\\n' "${COMPREPLY[@]}"
        }
        complete_line "switchboard connect disassociate-b" disassociate-b
        complete_line "switchboard connect list-bots --lex-version=V" V
        complete_line "switchboard connect tag-resource --resource-arn arn:aws:conn" conn
    """
    path = tmp_path / "bin"
    path.mkdir()
    (path / "switchboard").symlink_to(binary())
    env = client_environment(server, tmp_path)
    env["PATH"] = f"{path}:{env['PATH']}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, env=env)
    assert done.stderr == ""
    arn_behind = instance.arn.removeprefix("arn:aws:")
    assert done.stdout.split() == ["disassociate-bot", "V1", "V2", arn_behind]
