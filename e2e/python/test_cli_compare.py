"""What the differential test counts as a difference, shown on results that are made up."""

import re

import pytest

from cli import cases, cases_v2, compare
from cli.case import Case, Result

CASE = Case("mistake/one", ("connect", "list-bots"))

TABLE = """
## From version 1
| cases | what differs | why |
|---|---|---|
| `mistake/*` `error/gone` | message, exit | Because. |
## From version 2
| `mistake/one` | stdout | Otherwise. |
"""


def result(status=0, stdout="", stderr="", requests=()):
    return Result(status, stdout, stderr, list(requests), "")


def request(**headers):
    return {"method": "POST", "path": "/stage?a=1", "headers": headers, "body": '{"a":1}'}


def judge(theirs, ours, table=""):
    seen = [{CASE.id: compare.seen(CASE, of, version)} for of, version in ((theirs, "1"), (ours, "2"))]
    compare.judge([CASE], *seen, compare.known_differences("1", table or "-"))


def test_what_is_the_same_passes():
    judge(result(stdout="x"), result(stdout="x"))


@pytest.mark.parametrize(
    ("theirs", "ours", "aspect"),
    [
        (result(stdout="x"), result(stdout="y"), "stdout"),
        (result(), result(status=255), "exit"),
        (result(status=2, stderr="aws: error: a"), result(status=252, stderr="switchboard: [ERROR]: b"), "message"),
        (result(requests=[request(x="1")]), result(requests=[request(x="2")]), "request"),
        (result(requests=[request()]), result(), "request"),
    ],
)
def test_a_difference_that_is_not_listed_fails(theirs, ours, aspect):
    with pytest.raises(AssertionError, match=rf"1 of 1 cases differ:\nmistake/one: connect list-bots\n  {aspect}\n"):
        judge(theirs, ours)


def test_a_listed_difference_passes_and_a_stale_row_fails():
    gone = TABLE.replace(" `error/gone`", "")
    differ = result(status=255, stderr="\na"), result(status=254, stderr="\nswitchboard: [ERROR]: b")
    judge(*differ, gone)
    with pytest.raises(AssertionError, match="lists what does not differ: .'5: error/gone"):
        judge(*differ, TABLE)
    with pytest.raises(AssertionError, match="mistake/. .message.*mistake/. .exit"):
        judge(result(), result(), gone)


def test_rows_belong_to_a_version_and_have_a_reason():
    rows = compare.known_differences("2", TABLE)
    assert [(row.pattern, row.aspect) for row in rows] == [("mistake/one", "stdout")]
    with pytest.raises(AssertionError, match="and why"):
        compare.known_differences("2", TABLE.replace("Otherwise.", ""))
    with pytest.raises(AssertionError, match="'colour' is none of"):
        compare.known_differences("2", TABLE.replace("stdout", "colour"))


def test_chance_and_names_are_no_difference():
    one, two = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "12")
    judge(result(stdout=one), result(stdout=two))
    judge(result(status=2, stderr="aws: error: a"), result(status=252, stderr="\nswitchboard: [ERROR]: a\n\nusage: b"))
    times = ({"x-amz-date": f"2026010{day}T000000Z", "user-agent": str(day)} for day in (1, 2))
    judge(*(result(requests=[request(**headers)]) for headers in times))


def test_the_record_is_of_behaviour_alone():
    """No help and no prose: what stands in comments of YAML skeletons is facts."""
    recorded = compare.recorded()
    assert len(recorded) == len(cases_v2.all_cases()) >= 400
    assert len(cases.all_cases()) >= 400
    fact = re.compile(r"(.*?)( # \[REQUIRED\])?( # Valid values are: [A-Z_a-z0-9, -]+\.)?")
    for name, kept in recorded.items():
        assert set(kept) == {"id", "case", *compare.ASPECTS}, name
        assert "To see help" not in str(kept) and "help" not in name
        if name.endswith("/yaml-input"):
            for line in kept["stdout"][0].splitlines():
                assert "#" not in fact.fullmatch(line).group(1), line
