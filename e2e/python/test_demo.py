"""`switchboard demo`: its tour works when it is pasted, with `switchboard` and with `aws`, and is made once."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from switchboard import Server, clean_environment, poll

# The tour ends with it.
LAST = "describe-contact"


@pytest.fixture
def demo(tmp_path):
    with Server(tmp_path / "data", command="demo") as server:
        yield server


def tour(server):
    """What follows the ready line, once all of it is there."""
    return poll(lambda: LAST in server.stdout and server.stdout.split("\n", 1)[1], "the tour")


def paste(text, tmp_path):
    """Runs the lines as a shell does, and wants each to succeed. What they print, as JSON values."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        capture_output=True,
        text=True,
        timeout=100,
        env={**clean_environment(), "HOME": str(tmp_path), "AWS_PAGER": ""},
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    decoder, values, rest = json.JSONDecoder(), [], done.stdout.strip()
    while rest:
        value, end = decoder.raw_decode(rest)
        values.append(value)
        rest = rest[end:].lstrip()
    return values


def variables(text):
    return dict(re.findall(r"^([A-Z]+)=(\S+)$", text, re.MULTILINE))


@pytest.mark.parametrize("program", ["switchboard", "aws"])
def test_the_tour_works_when_pasted(demo, tmp_path, program):
    aws = Path(sys.executable).with_name("aws")
    text = tour(demo)
    lines = text if program == "switchboard" else re.sub(r"^switchboard ", f"{aws} ", text, flags=re.MULTILINE)
    instances, bots, queues, _, _, transcript, connection, chat, contact = [
        value for value in paste(lines, tmp_path) if value
    ]
    assert [each["InstanceAlias"] for each in instances["InstanceSummaryList"]] == ["demo"]
    assert len(bots["LexBots"]) == 1 and queues["QueueSummaryList"][0]["Name"] == "BasicQueue"
    said = [item["DisplayName"] for item in transcript["Transcript"] if item["Type"] == "MESSAGE"]
    assert said == ["Jane", "Ann", "Jane", "Ann"]
    assert connection["Websocket"]["Url"].startswith("ws://127.0.0.1:")
    assert chat["ParticipantToken"]
    assert contact["Contact"]["DisconnectReason"] == "CUSTOMER_DISCONNECT"


def test_no_shell_trips_over_the_prose(demo):
    # zsh takes a pasted comment for a command: it says so, and goes on unless a quote is left open.
    prose = [line for line in tour(demo).splitlines() if line.startswith("#")]
    assert len(prose) > 4
    assert not [line for line in prose if re.search(r"""['"`()\[\]{}*?!<>|&$\\]""", line)]


def test_a_second_start_goes_on_with_the_first(tmp_path):
    seen = []
    for _ in range(2):
        with Server(tmp_path, command="demo") as demo:
            known = variables(tour(demo))
            listed = demo.connect().list_instances()["InstanceSummaryList"]
            token = known.pop("CUSTOMER"), known.pop("AGENT")
            items = demo.participant().get_transcript(ConnectionToken=token[0], MaxResults=100)["Transcript"]
            seen.append((known, [each["Id"] for each in listed], items))
    assert seen[0] == seen[1]


def test_a_chat_that_is_over_is_followed_by_another(tmp_path):
    with Server(tmp_path, command="demo") as demo:
        first = variables(tour(demo))
        demo.participant().disconnect_participant(ConnectionToken=first["CUSTOMER"])
    with Server(tmp_path, command="demo") as demo:
        second = variables(tour(demo))
        assert second["INSTANCE"] == first["INSTANCE"] and second["CONTACT"] != first["CONTACT"]
        assert demo.participant().get_transcript(ConnectionToken=second["CUSTOMER"])["Transcript"]
