"""What a case is, and how it is run on either side."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

REGION = "us-west-2"

# The same for both, so that what is left is the program itself.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "2",
    "AWS_PAGER": "",
    "PATH": os.environ["PATH"],
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}

# Models that users may have added.
DATA = Path(__file__).with_name("data")

# Version 1 prints times as they come unless it is told to do as version 2 does.
CONFIG = "[default]\ncli_timestamp_format = iso8601\n"

# More of them at once than this machine has processors would only wait for each other.
WORKERS = max(2, min(4, os.cpu_count() or 2))


@dataclass(frozen=True)
class Case:
    """A command line, with what surrounds it."""

    id: str
    argv: tuple
    replies: tuple = ()
    env: dict = field(default_factory=dict)
    # The files of its folder, by name.
    files: dict = field(default_factory=dict)
    # Whether it is told where the server is.
    endpoint: bool = True
    # A file that the command writes, to be compared as well.
    writes: str = ""


@dataclass(frozen=True)
class Result:
    """What came of a command."""

    status: int
    stdout: str
    stderr: str
    requests: list
    written: str


def prepared(case, folder, url):
    """The folder made and filled, and everything that a program is started with."""
    folder.mkdir(parents=True)
    (folder / ".aws").mkdir()
    for name, text in {".aws/config": CONFIG, **case.files}.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.replace("{url}", url).encode())
    env = {**ENVIRONMENT, "HOME": str(folder)}
    if case.endpoint:
        env["AWS_ENDPOINT_URL"] = url
    env.update({name: value and value.replace("{data}", str(DATA)) for name, value in case.env.items()})
    argv = [word.replace("{url}", url) for word in case.argv]
    return {"id": case.id, "argv": argv, "cwd": str(folder), "env": {k: v for k, v in env.items() if v is not None}}


def run_aws(cases, recorder, folder, python=sys.executable, env=None):
    """Runs the cases through `aws`, shared among a few processes; what came of each, by id."""

    def share(number):
        mine = cases[number::WORKERS]
        lines = [json.dumps(_start(case, recorder, folder, "aws")) for case in mine]
        worker = [python, str(Path(__file__).with_name("worker.py"))]
        done = subprocess.run(
            worker,
            input="\n".join(lines),
            capture_output=True,
            text=True,
            env={"PATH": ENVIRONMENT["PATH"], **(env or {})},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        results = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(results) == len(mine), done.stderr
        return {case.id: _result(case, recorder, folder, "aws", result) for case, result in zip(mine, results)}

    with ThreadPoolExecutor(WORKERS) as pool:
        return {id: result for results in pool.map(share, range(WORKERS)) for id, result in results.items()}


def run_switchboard(cases, recorder, folder, binary):
    """Runs the cases through the program under test."""

    def one(case):
        start = _start(case, recorder, folder, "switchboard")
        done = subprocess.run(
            [binary, *start["argv"]], capture_output=True, cwd=start["cwd"], env=start["env"], stdin=subprocess.DEVNULL
        )
        text = {"stdout": done.stdout.decode("utf-8", "replace"), "stderr": done.stderr.decode("utf-8", "replace")}
        return case.id, _result(case, recorder, folder, "switchboard", {"status": done.returncode, **text})

    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(pool.map(one, cases))


def _label(case, side):
    """The segment of the path by which the server knows the case."""
    return re.sub(r"[^a-z0-9-]", "-", f"{case.id}--{side}".lower())


def _folder(case, folder, side):
    return folder / side / re.sub(r"[^A-Za-z0-9-]", "_", case.id)


def _start(case, recorder, folder, side):
    label = _label(case, side)
    recorder.expect(label, case.replies)
    return prepared(case, _folder(case, folder, side), recorder.url(label))


def _result(case, recorder, folder, side, result):
    label, home = _label(case, side), str(_folder(case, folder, side))
    written = Path(home) / case.writes
    # Where it ran, and on which port the server was, is chance.
    plain = lambda text: text.replace(home, "{home}").replace(recorder.url(label), "{url}")
    return Result(
        status=result["status"],
        stdout=plain(result["stdout"]),
        stderr=plain(result["stderr"]),
        requests=recorder.requests(label),
        written=written.read_text() if case.writes and written.exists() else "",
    )
