"""What only version 2 of `aws` can do, and a share of what both can.

Version 2 is not on PyPI, so it is not run in every test: `record_v2.py` runs it once and keeps what it did.
"""

import dataclasses

from . import cases, cases_configure, cases_things, models
from .case import Case
from .cases import BOTS, STAGE, USERS, answered

# Both formats of version 1 and those of version 2.
FORMATS = ("json", "text", "table", "yaml", "yaml-stream", "off")

# Answers of these are printed in every format.
PRINTED = (
    "describe-user", "get-current-metric-data", "describe-quick-connect", "get-transcript", "get-composition",
    "get-participant", "describe-bot", "recognize-text", "list-stages",
)  # fmt: skip

# These print something in three formats, and here in six.
MULTIPLIED = (cases.queries, cases.paging, cases.odd_answers, cases_things.answers, cases_things.listings)

SHARED = (
    cases.mistakes, cases.values, cases.shorthand, cases.whole_inputs, cases.errors, cases.settings, cases_things.inputs,
    cases_things.answers, cases_things.bodies, cases_things.waiters, cases_things.skeletons,
)  # fmt: skip


def all_cases():
    makers = (skeletons, outputs, multiplied, shared, whole_inputs, error_formats, settings, prompts, blobs, cases_configure.all_cases)
    return [case for make in makers for case in make()]


def shared():
    """What both versions can do, and may do differently."""
    for make in SHARED:
        for case in make():
            # Errors look the same in every format for answers; answers come in more formats below.
            in_a_format = ("/text", "/table", "/json") if make in MULTIPLIED else ("/text", "/table")
            if not case.id.endswith(in_a_format):
                yield case


def skeletons():
    """A few operations' skeletons, as YAML too."""
    for number, (service, name, facts) in enumerate(models.operations()):
        command = models.command(name)
        if number % 40 and command not in ("associate-bot", "create-encoder-configuration", "start-composition"):
            continue
        for kind in ("input", "yaml-input"):
            words = (service, command, "--generate-cli-skeleton", kind)
            yield Case(f"skeleton/{service}/{command}/{kind}", words, endpoint=False)
    words = (*USERS, "--generate-cli-skeleton", "output")
    for output in FORMATS:
        yield Case(f"skeleton/output/{output}", (*words, "--output", output))
        query = "UserSummaryList[].[Id,LastModifiedTime]"
        yield Case(f"skeleton/output-query/{output}", (*words, "--output", output, "--query", query))
        query = "UserSummaryList[0].LastModifiedTime"
        yield Case(f"skeleton/output-time/{output}", (*words, "--output", output, "--query", query))


def outputs():
    for case in cases.outputs():
        _, _, command, what, output = case.id.split("/")
        if command in PRINTED and what == "some" and output == "json":
            yield from in_formats(case, FORMATS)


def multiplied():
    for make in MULTIPLIED:
        for case in make():
            if "--output" in case.argv and case.argv[case.argv.index("--output") + 1] == "json":
                yield from in_formats(case, FORMATS)
    yaml = {
        "long": "word " * 40, "long-quoted": "it's " * 40, "long-escaped": "\u0007 word " * 30, "breaks": "a\n\nb\n c\n",
        "key " * 40: "v", "a\nb": [1, [2, [3]]], "": None, "true": True, "1": 1.5, "tab\t": "tab\t", "é": "\u2028",
        "nested": [[], {}, [[{"a": [{"b": []}]}]], ["x", {"y": "z", "w": ["v"]}]], "dash": "- x", "time": "2024-01-02",
        "null": "null", "tilde": "~", "number": "1e3", "octal": "0o7", "hash": "a #b", "colon": "a: b", "equals": "=",
        "percent": "%", "at": "@", "backtick": "`", "brace": "{x", "comma": "a, b", "quote": "'", "double": '"',
        "backslash": "\\", "emoji": "😀", "no-break": "\u00a0", "next-line": "\u0085", "bom": "\ufeff", "dots": "...",
    }  # fmt: skip
    body = {"attributes": {key: value for key, value in yaml.items() if isinstance(value, str)}}
    participant = ("ivs-realtime", "get-participant", "--cli-input-json",
                   '{"stageArn": "arn:aws:ivs:us-west-2:123456789012:stage/a", "sessionId": "st-abcdefghijklmnop", "participantId": "x"}')  # fmt: skip
    yield from in_formats(Case("yaml/texts/json", (*participant, "--output", "json"), answered({"participant": body})), FORMATS)
    document = {"x": yaml}
    text = __import__("json").dumps(document).replace("`", "\\`").replace("'", "\\u0027")
    yield Case("yaml/literal", (*STAGE, "--query", f"`{text}`", "--output", "yaml"), answered({"stage": {"arn": "a"}}))


def in_formats(case, formats):
    at = case.argv.index("--output") + 1
    for output in formats:
        argv = (*case.argv[:at], output, *case.argv[at + 1 :])
        yield dataclasses.replace(case, id=case.id.replace("/json", f"/{output}"), argv=argv)


def whole_inputs():
    """`--cli-input-yaml`."""
    bots = ("connect", "list-bots")
    for name, text in {
        "plain": "InstanceId: i\nLexVersion: V1\n",
        "json": '{"InstanceId": "i", "LexVersion": "V1"}',
        "number": "InstanceId: i\nLexVersion: V1\nMaxResults: 0o17\n",
        "octal": "InstanceId: 012\nLexVersion: V1\n",
        "date": "InstanceId: 2024-01-02\nLexVersion: V1\n",
        "time": "InstanceId: 2024-01-02T03:04:05Z\nLexVersion: V1\n",
        "yes": "InstanceId: yes\nLexVersion: V1\n",
        "anchor": "x: &v V1\nInstanceId: i\nLexVersion: *v\n",
        "merge": "<<: {InstanceId: i}\nLexVersion: V1\n",
        "block": "InstanceId: |-\n  i\nLexVersion: >-\n  V1\n",
        "comment": "# all\nInstanceId: i # the instance\nLexVersion: V1\n",
        "binary": "InstanceId: !!binary aGk=\nLexVersion: V1\n",
        "tag": "InstanceId: !mine i\nLexVersion: V1\n",
        "duplicate": "InstanceId: i\nInstanceId: j\nLexVersion: V1\n",
        "bad": "a: b: c",
        "list": "- a\n",
        "empty": "",
        "two": "InstanceId: i\n---\nLexVersion: V1\n",
        "null": "InstanceId: ~\nLexVersion: V1\n",
    }.items():
        yield Case(f"whole-input-yaml/{name}", (*bots, "--cli-input-yaml", text), answered({}))
    both = (*bots, "--cli-input-json", "{}", "--cli-input-yaml", "{}")
    yield Case("whole-input-yaml/both", both, answered({}))
    overridden = (*bots, "--cli-input-yaml", "file://in.yaml", "--lex-version", "V2")
    yield Case("whole-input-yaml/file", overridden, answered({}), files={"in.yaml": "InstanceId: i\nLexVersion: V1\n"})
    schedule = ("connect", "update-contact-schedule", "--cli-input-yaml")
    for name, time in {"time": "2024-01-02T03:04:05Z", "local": "2024-01-02 03:04:05", "date": "2024-01-02"}.items():
        text = f"InstanceId: i\nContactId: c\nScheduledTime: {time}\n"
        yield Case(f"whole-input-yaml/timestamp-{name}", (*schedule, text), answered({}))


def error_formats():
    """Errors laid out as answers are."""
    header = {"x-amzn-errortype": "ValidationException:http://internal/"}
    reply = {"status": 400, "json_body": {"exceptionMessage": "bad", "message": "worse"}, "headers": header}
    for layout in ("legacy", "json", "yaml", "text", "table", "enhanced", "odd"):
        words = (*STAGE, "--cli-error-format", layout)
        yield Case(f"error-format/service/{layout}", words, (reply,))
        yield Case(f"error-format/ours/{layout}", (*BOTS[:4], "--cli-input-json", "{", "--cli-error-format", layout))
        yield Case(f"error-format/variable/{layout}", STAGE, (reply,), {"AWS_CLI_ERROR_FORMAT": layout})
        nothing = {"AWS_DEFAULT_REGION": None}
        yield Case(f"error-format/region/{layout}", words, (), nothing)
    yield Case("error-format/other", (*STAGE, "--profile", "nope", "--cli-error-format", "json"))


def settings():
    """What version 2 added."""
    for name, env in {
        "retry-legacy": {"AWS_RETRY_MODE": "legacy"},
        "retry-adaptive": {"AWS_RETRY_MODE": "adaptive"},
        "retry-odd": {"AWS_RETRY_MODE": "odd"},
        "attempts-zero": {"AWS_MAX_ATTEMPTS": "0"},
        "region-both": {"AWS_REGION": "eu-west-3"},
        "zone": {"TZ": "America/New_York"},
    }.items():
        reply = answered({"composition": {"startTime": 1_700_000_000.5, "endTime": "2023-07-14T22:13:20Z"}})
        arn = "arn:aws:ivs:us-west-2:123456789012:composition/abcdEFGHijkl"
        yield Case(f"setting-v2/{name}", ("ivs-realtime", "get-composition", "--arn", arn), reply, env)
    binary = {".aws/config": "[default]\ncli_binary_format = raw-in-base64-out\noutput = yaml-stream\n"}
    yield Case("setting-v2/config", STAGE, answered({"stage": {"arn": "a"}}), files=binary)


def prompts():
    yield Case("prompt/both", (*STAGE, "--cli-auto-prompt", "--no-cli-auto-prompt"))
    yield Case("prompt/none", (*STAGE, "--no-cli-auto-prompt"), answered({}))


def blobs():
    """A URL is a text like any other."""
    message = ("connectparticipant", "send-message", "--content-type", "t", "--connection-token", "c", "--content")
    yield Case("value-v2/url", (*message, "http://127.0.0.1:9/"), answered({}))
    yield Case("value-v2/pager", (*STAGE, "--no-cli-pager", "--cli-binary-format", "base64"), answered({"stage": {}}))
    yield Case("value-v2/paged-off", (*USERS, "--output", "off"), answered({"UserSummaryList": []}))
