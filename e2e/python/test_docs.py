"""What the documents show works as they show it."""

import re
import subprocess
import sys
from pathlib import Path

from switchboard import Server, client_environment

DOCS = Path(__file__).resolve().parents[2] / "docs"


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


def test_the_python_of_the_chat_page_runs(tmp_path):
    program = "\n".join(blocks("chat.md", "python"))
    assert "start_chat_contact" in program
    with Server(tmp_path / "data", "--movable-clock", command="demo") as demo:
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            timeout=60,
            env=client_environment(demo, tmp_path),
        )
    assert (done.returncode, done.stdout) == (0, "The chat is over.\n"), done.stderr


def test_the_python_of_the_stages_page_runs(tmp_path):
    program = "\n".join(blocks("stages.md", "python"))
    with Server(tmp_path / "data", command="demo") as demo:
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            timeout=60,
            env=client_environment(demo, tmp_path),
        )
    assert (done.returncode, done.stdout) == (0, "STAGE_STATE [False]\nTrue\n"), done.stderr


def test_the_settings_file_of_the_configuration_page_is_one(tmp_path):
    [file] = blocks("configuration.md", "toml")
    path = tmp_path / "switchboard.toml"
    path.write_text(file.replace("/var/lib/switchboard", str(tmp_path / "data")))
    # The flags of the test go before the file: it listens where it can.
    with Server(None, "--config", str(path)) as server:
        assert server.url == "https://chat.example.com"
