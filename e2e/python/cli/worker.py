"""Runs command lines through `aws` inside one Python process, which is what makes hundreds of them affordable.

Reads cases from stdin, one JSON object a line, and writes what came of each to stdout likewise. Starting `aws` costs a
second, most of it reading models; here they are read once. Which version of `aws` it is, the import path says.
"""

import contextlib
import functools
import gc
import io
import json
import os
import sys
import time

import awscli.clidriver
import botocore.hooks
import botocore.loaders
import botocore.session
import botocore.utils

IS_VERSION_1 = awscli.__version__.startswith("1.")


# Where `aws` keeps the data of its own; it says so in the environment when it is loaded.
DATA_PATH = os.environ.get("AWS_DATA_PATH", "")


def share_models():
    """One loader for all sessions: it keeps what it has read."""
    botocore.session.create_loader = functools.cache(botocore.loaders.create_loader)
    # What follows from names alone needs no working out anew for each command.
    botocore.hooks.accepts_kwargs = lambda handler: True
    if IS_VERSION_1:
        botocore.hooks.EventAliaser._alias_event_name = remembering(botocore.hooks.EventAliaser._alias_event_name)


def remembering(alias):
    known = {}

    def remembered(self, name):
        if name not in known:
            known[name] = alias(self, name)
        return known[name]

    return remembered


def take_away_chance():
    """Skeletons take the first value of an enumeration, as version 2 does; nobody waits between attempts."""
    botocore.utils.random.choice = lambda values: values[0]
    time.sleep = lambda seconds: None


class Output:
    """What a program prints, in place of a file that has no terminal behind it."""

    def __init__(self):
        self._bytes = io.BytesIO()
        self.stream = io.TextIOWrapper(self._bytes, encoding="utf-8", write_through=True, newline="")

    def text(self):
        return self._bytes.getvalue().decode("utf-8", "replace")


def run(case):
    os.environ.clear()
    os.environ.update(case["env"])
    os.environ["AWS_DATA_PATH"] = os.pathsep.join(filter(None, [DATA_PATH, case["env"].get("AWS_DATA_PATH")]))
    time.tzset()
    os.chdir(case["cwd"])
    stdout, stderr = Output(), Output()
    with contextlib.redirect_stdout(stdout.stream), contextlib.redirect_stderr(stderr.stream):
        try:
            status = entry(case["argv"])
        except SystemExit as end:
            status = end.code or 0
        except Exception as error:  # What Python would print, and end with 1.
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            status = 1
    return {"status": status, "stdout": stdout.text(), "stderr": stderr.text()}


def entry(argv):
    sys.argv = ["aws", *argv]
    if IS_VERSION_1:
        return awscli.clidriver.main()
    return awscli.clidriver.AWSCLIEntryPoint().main(argv)


def main():
    # Its own streams, before they are put aside for the program's.
    cases, results = sys.stdin, sys.stdout
    share_models()
    take_away_chance()
    for line in cases:
        case = json.loads(line)
        result = run(case)
        print(json.dumps({"id": case["id"], **result}), file=results, flush=True)
        # A session is a knot of references; untied now and then, the process stays small.
        if gc.get_count()[2] > 20:
            gc.collect()


if __name__ == "__main__":
    main()
