"""What counts as a difference between two results, and which differences are known.

The known ones are the rows of the tables in `docs/cli-differences.md`: a pattern of case ids, what differs (`request`,
`stdout`, `exit`, `message`), and why. One rule: a difference without a row fails the test, and so does a row without
a difference.
"""

import fnmatch
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "cli-differences.md"

# What version 2 did, one case a line.
RECORDED = Path(__file__).with_name("recorded-v2.jsonl")

ASPECTS = ("request", "stdout", "exit", "message")

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

WARNING = "warning: Non-positive values for --max-items may result in undefined behavior."

# What the transport of each side says of itself.
NOT_COMPARED = {"host", "user-agent", "accept", "accept-encoding", "connection", "expect", "amz-sdk-invocation-id"}


@dataclass(frozen=True)
class Known:
    """A row: which cases differ in what, under which heading."""

    version: str
    pattern: str
    aspect: str
    line: int

    def covers(self, case_id, aspect):
        return self.aspect == aspect and fnmatch.fnmatchcase(case_id, self.pattern)


def known_differences(version, text=None):
    """The rows below the heading of that version of `aws`."""
    rows, heading = [], ""
    for number, line in enumerate((text or DOCUMENT.read_text()).splitlines(), 1):
        if line.startswith("## "):
            heading = line
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("| `") else []
        if not cells or f"version {version}" not in heading:
            continue
        assert len(cells) == 3 and cells[2], f"{DOCUMENT.name}:{number}: a pattern, what differs, and why"
        for aspect in re.split(r", ", cells[1]):
            assert aspect in ASPECTS, f"{DOCUMENT.name}:{number}: {aspect!r} is none of {ASPECTS}"
            rows += [Known(version, pattern, aspect, number) for pattern in re.findall(r"`([^`]+)`", cells[0])]
    return rows


def seen(case, result, version):
    """What is compared, by aspect, of a program whose exit codes are those of that version."""
    return {
        "request": [wire(request) for request in result.requests],
        "stdout": [printed(case, result.stdout), result.written],
        "exit": exit_code(result, version),
        "message": message(result.stderr),
    }


def differences(theirs, ours):
    """By aspect, what `aws` did and what `switchboard` did, where it is not the same."""
    return {aspect: (theirs[aspect], ours[aspect]) for aspect in ASPECTS if theirs[aspect] != ours[aspect]}


def judge(cases, theirs, ours, known):
    """Fails on a difference that is not known, and on a known one that is none."""
    met, unlisted = set(), []
    for case in cases:
        found = differences(theirs[case.id], ours[case.id])
        rows = {aspect: [row for row in known if row.covers(case.id, aspect)] for aspect in found}
        met.update(row for covering in rows.values() for row in covering)
        new = {aspect: pair for aspect, pair in found.items() if not rows[aspect]}
        if new:
            unlisted.append(explain(case, new))
    assert not unlisted, f"{len(unlisted)} of {len(cases)} cases differ:\n" + "\n".join(unlisted[:40])
    stale = [f"{row.line}: {row.pattern} ({row.aspect})" for row in known if row not in met]
    assert not stale, f"{DOCUMENT.name} lists what does not differ: {stale}"


def explain(case, found):
    """A case and its differences, for people."""
    lines = [f"{case.id}: {' '.join(case.argv)}"]
    for aspect, (aws, switchboard) in found.items():
        lines.append(f"  {aspect}")
        lines += [f"    aws:         {json.dumps(aws)[:600]}", f"    switchboard: {json.dumps(switchboard)[:600]}"]
    return "\n".join(lines)


def fingerprint(case):
    """Changes with the case, so that a record of an older one is noticed."""
    words = json.dumps([case.argv, case.replies, case.env, {k: repr(v) for k, v in case.files.items()}])
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def kept(case, result):
    """What a record holds: the same, with requests in short."""
    aspects = seen(case, result, "2")
    return {**aspects, "request": [short(request) for request in aspects["request"]]}


def short(request):
    return [request["method"], request["path"], request["query"], request["body"]]


def recorded():
    """The records, by case id."""
    # Not every line break of Unicode ends a line here.
    lines = [json.loads(line) for line in RECORDED.read_text().strip().split("\n")]
    return {line["id"]: line for line in lines[1:]}


def printed(case, text):
    """Stdout without chance; of the comments in a skeleton only those that state facts, since words differ."""
    if case.id.endswith("/yaml-input"):
        text = "".join(facts(line) + "\n" for line in text.strip().split("\n"))
    return plain(text)


def facts(line):
    value, _, comment = line.partition(" # ")
    stated = re.search(r"(\[REQUIRED\])?.*?(Valid values are: .*)?$", comment)
    return " # ".join(filter(None, [value.rstrip(), *stated.groups()]))


def plain(text):
    """Ids that are drawn are all the same."""
    return UUID.sub("{uuid}", text)


def wire(request):
    """What a service sees of a request, without chance and without time."""
    url = urlsplit(request["path"])
    headers = {name: header(name, value) for name, value in request["headers"].items() if name not in NOT_COMPARED}
    body = plain(request["body"])
    try:
        # In order, as it was sent.
        body = json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        pass
    query = [[name, plain(value)] for name, value in parse_qsl(url.query, keep_blank_values=True)]
    return {"method": request["method"], "path": plain(url.path), "query": query, "headers": headers, "body": body}


def header(name, value):
    if name == "authorization":
        return re.sub(r"Signature=[0-9a-f]{64}", "Signature=…", re.sub(r"/20\d{6}/", "/{date}/", value))
    if name in ("x-amz-date", "amz-sdk-request"):
        return re.sub(r"20\d{6}T\d{6}Z", "{time}", value)
    return plain(value)


def exit_code(result, version):
    """The code of version 2, which tells more kinds of failure apart."""
    if version == "2":
        return result.status
    said = message(result.stderr)
    if result.status in (0, 130):
        return result.status
    if result.status == 2:
        return 252
    if re.match(r"An error occurred \(\S+\) when calling", said):
        return 254
    if said.startswith(("You must specify a region", "Unable to locate credentials")):
        return 253
    parameters = ("Error parsing parameter", "Parameter validation failed", "Bad value for --", "Unknown options")
    paging = "Error during pagination: Cannot specify --no-paginate"
    return 252 if said.startswith((*parameters, paging)) or "too few arguments" in said else 255


def message(stderr):
    """The message alone: without usage, without the names of programs, without classes."""
    text = re.sub(r"\n\nusage: .*", "", stderr, flags=re.DOTALL) if "[ERROR]" in stderr else stderr
    found = re.search(r"(?:aws|switchboard): (?:error|\[ERROR\]): (.*)", text, flags=re.DOTALL)
    # A warning before an error is not compared: version 2 has it outside of the frame, and version 1 has no frame.
    text = found.group(1) if found else text.strip().removeprefix(WARNING) or text
    text = re.sub(r"^usage: .*\n\n?  aws <command> <subcommand> help\n", "", text.strip(), flags=re.DOTALL)
    text = re.sub(r"^An error occurred \((ParamValidation|NoRegion|NoCredentials|Configuration|Pager)\): ", "", text)
    return plain(text.strip()).replace("switchboard", "aws")
