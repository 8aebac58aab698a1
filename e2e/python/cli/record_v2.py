"""Records what version 2 of `aws` does with the cases in `cases_v2.py`. Run by whoever changes them:

    git clone --branch v2 https://github.com/aws/aws-cli && python3 -m venv venv && venv/bin/pip install <its dependencies>
    PYTHONPATH=e2e/python python3 -m cli.record_v2 --aws aws-cli --python venv/bin/python

Kept are the command line's answer, exit code, message and requests; of help and of AWS's prose nothing is.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from . import cases_v2, compare
from .case import run_aws
from .server import Recorder


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--aws", required=True, type=Path, help="the folder of its source")
    options.add_argument("--python", required=True, help="a Python that has its dependencies")
    options = options.parse_args()
    path = {"PYTHONPATH": str(options.aws.resolve())}
    version = subprocess.run(
        [options.python, "-c", "import awscli; print(awscli.__version__)"], env=path, capture_output=True, text=True, check=True
    ).stdout.strip()
    assert version.startswith("2."), version
    cases, recorder = cases_v2.all_cases(), Recorder()
    with tempfile.TemporaryDirectory() as folder:
        results = run_aws(cases, recorder, Path(folder), options.python, path)
    recorder.stop()
    lines = [json.dumps({"aws": version})]
    for case in cases:
        line = {"id": case.id, "case": compare.fingerprint(case), **compare.kept(case, results[case.id])}
        lines.append(json.dumps(line, ensure_ascii=False))
    compare.RECORDED.write_text("\n".join(lines) + "\n")
    print(f"{len(cases)} cases of version {version}")


if __name__ == "__main__":
    main()
