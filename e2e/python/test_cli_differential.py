"""The same command lines through `aws` and through `switchboard`: what goes over the wire, stdout, exit code, message.

Whatever differs stands in `docs/cli-differences.md` with its reason; what stands there and does not differ must go.
"""

import pytest

from cli import cases, cases_v2, compare
from cli.case import run_aws, run_switchboard
from cli.server import Recorder
from switchboard import binary


@pytest.fixture(scope="module")
def recorder():
    recorder = Recorder()
    yield recorder
    recorder.stop()


@pytest.mark.timeout(900)
def test_version_1(recorder, tmp_path):
    """Side by side: version 1 is a package like any other."""
    all_cases = cases.all_cases()
    assert len(all_cases) >= 400
    theirs = run_aws(all_cases, recorder, tmp_path)
    ours = run_switchboard(all_cases, recorder, tmp_path, binary())

    def seen(results, version):
        return {case.id: compare.seen(case, results[case.id], version) for case in all_cases}

    compare.judge(all_cases, seen(theirs, "1"), seen(ours, "2"), compare.known_differences("1"))


@pytest.mark.timeout(300)
def test_version_2(recorder, tmp_path):
    """Against the record of what version 2 did: it is built from source by whoever changes this."""
    all_cases = cases_v2.all_cases()
    theirs = compare.recorded()
    stale = [case.id for case in all_cases if theirs.get(case.id, {}).get("case") != compare.fingerprint(case)]
    assert not stale and len(theirs) == len(all_cases), f"record anew (cli/record_v2.py): {stale}"
    ours = run_switchboard(all_cases, recorder, tmp_path, binary())
    kept = {case.id: compare.kept(case, ours[case.id]) for case in all_cases}
    compare.judge(all_cases, theirs, kept, compare.known_differences("2"))
