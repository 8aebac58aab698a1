"""The command lines that both programs are given. The id of a case says what it is about."""

import json

from . import cases_things, models
from .case import Case

BOTS = ("connect", "list-bots", "--instance-id", "i", "--lex-version", "V1")
STAGE = ("ivs-realtime", "get-stage", "--arn", "arn:aws:ivs:us-west-2:123456789012:stage/abcdEFGHijkl")
USERS = ("connect", "list-users", "--instance-id", "i")
KEYS = ("ivs-realtime", "list-public-keys")


def answered(*bodies):
    return tuple({"json_body": body} for body in bodies)


def all_cases():
    """Those that both versions of `aws` can do."""
    makers = (
        skeletons, requests, outputs, queries, paging, mistakes, values, shorthand, whole_inputs, errors, settings, odd_answers,
        cases_things.all_cases,
    )  # fmt: skip
    cases = [case for make in makers for case in make()]
    ids = [case.id for case in cases]
    assert len(ids) == len(set(ids)), sorted(id for id in ids if ids.count(id) > 1)
    return cases


def skeletons():
    """Every operation's skeletons."""
    for service, name, facts in models.operations():
        command = models.command(name)
        if models.writes_file(service, facts):
            continue
        yield Case(f"skeleton-input/{service}/{command}", (service, command, "--generate-cli-skeleton"), endpoint=False)
        given = json.dumps(models.least_input(service, facts))
        words = (service, command, "--cli-input-json", given, *required_words(service, facts))
        yield Case(f"skeleton-output/{service}/{command}", (*words, "--generate-cli-skeleton", "output"))


def required_words(service, facts):
    """The required members as options, which `output` asks for even beside a whole input."""
    return ()


def requests():
    """What goes over the wire for the least and for a rich input of many operations."""
    for number, (service, name, facts) in enumerate(models.operations()):
        command = models.command(name)
        files = models.takes_file(service, facts) or models.writes_file(service, facts)
        if files or (number % 4 and service in ("connect", "lexv2-models")):
            continue
        given = json.dumps(models.least_input(service, facts))
        yield Case(f"request/{service}/{command}", (service, command, "--cli-input-json", given))


def outputs():
    """Every format over nested answers."""
    chosen = {
        "connect": ("describe-user", "describe-contact", "get-current-metric-data", "list-queues", "search-contacts",
                    "describe-quick-connect", "list-instance-storage-configs", "describe-routing-profile"),
        "connectparticipant": ("get-transcript", "create-participant-connection", "send-message"),
        "ivs-realtime": ("list-stages", "get-composition", "get-participant", "get-encoder-configuration",
                         "list-participants", "get-storage-configuration"),
        "lexv2-models": ("describe-bot", "describe-bot-locale", "list-intents", "describe-intent", "describe-slot"),
        "lexv2-runtime": ("recognize-text", "get-session"),
        "lex-runtime": ("post-text",),
    }
    for number, (service, name, facts) in enumerate(models.operations()):
        command = models.command(name)
        if command not in chosen[service]:
            continue
        given = json.dumps(models.least_input(service, facts))
        for drop, what in ((3, "some"), (0, "all")):
            body = models.Answers(service, number).answer(facts, drop)
            # A listing is asked for once.
            words = (service, command, "--cli-input-json", given, "--no-paginate")
            for output in ("json", "text", "table"):
                case = Case(f"output/{service}/{command}/{what}/{output}", (*words, "--output", output), answered(body))
                yield case


def queries():
    """Queries on each format."""
    stages = {
        "stages": [
            {"arn": "a", "name": "one", "tags": {"k1": "v1", "k2": "v2"}, "activeSessionId": "st-1"},
            {"arn": "b", "name": "zwei é", "tags": {}},
            {"arn": "c"},
        ]
    }
    texts = (
        "stages", "stages[0]", "stages[].name", "stages[*].[arn,name]", "stages[].{z:name,a:arn}", "stages[0].arn",
        "length(stages)", "stages[?name=='one']", "stages[?name!='one'].arn | [0]", "stages[].tags", "stages[].tags.k1",
        "nope", "stages[9]", "stages[].nope", "`[]`", "`{}`", "''", "`0`", "`false`", "`null`", "`1.5`", "[`1`, 'a', `null`]",
        "sort_by(stages, &arn)[].arn", "reverse(stages[].arn)", "join(', ', stages[].arn)", "stages[].arn | join('-', @)",
        "max_by(stages, &arn)", "keys(stages[0])", "values(stages[0])", "merge(stages[0], `{\"x\": 1}`)", "stages[::2].arn",
        "stages[].[arn, tags]", "not_null(nope, 'x')", "type(stages)", "to_string(stages[0].tags)", "to_number('12.50')",
        "[stages[0].arn, [stages[1].arn]]", "stages[*].[name,tags]", "avg(`[1, 2]`)", "abs(stages)", "nope()", "stages[",
        "stages[].{a:arn", "stages.#", "'x", "stages[0].*", "*", "@", "stages[?contains(name, 'o')]", "stages[] | [?tags]",
        "\"stages\"[0].\"arn\"", "stages[-1].arn", "stages[0:2].{n: name}", "ceil(`1.2`)", "starts_with(stages[0].arn, 'a')",
        "map(&length(arn), stages)", "stages[?arn > 'a'].arn", "stages[0].name == 'one'", "!stages", "stages && 'yes'",
        "length(`5`)", "sort(stages)", "stages[].tags | [0] | keys(@)", "{n: length(stages), first: stages[0].arn}",
    )  # fmt: skip
    for number, text in enumerate(texts):
        for output in ("json", "text", "table"):
            words = ("ivs-realtime", "list-stages", "--query", text, "--output", output)
            yield Case(f"query/{output}/{number:02} {text}", words, answered(stages))


def paging():
    """Listings in pages."""
    pages = answered(
        {"UserSummaryList": [{"Id": "a"}, {"Id": "b"}], "NextToken": "A"},
        {"UserSummaryList": [{"Id": "c"}, {"Id": "d"}], "NextToken": "B"},
        {"UserSummaryList": [{"Id": "e"}]},
    )
    whole = "eyJOZXh0VG9rZW4iOiAiQSJ9"
    within = "eyJOZXh0VG9rZW4iOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ=="
    options = {
        "all": (),
        "one": ("--no-paginate",),
        "max-0": ("--max-items", "0"),
        "max-negative": ("--max-items", "-1"),
        "max-1": ("--max-items", "1"),
        "max-2": ("--max-items", "2"),
        "max-3": ("--max-items", "3"),
        "max-4": ("--max-items", "4"),
        "max-5": ("--max-items", "5"),
        "max-9": ("--max-items", "9"),
        "size": ("--page-size", "2"),
        "size-and-max": ("--page-size", "2", "--max-items", "3"),
        "size-0": ("--page-size", "0"),
        "from-page": ("--starting-token", whole),
        "from-within": ("--starting-token", within),
        "from-within-max": ("--starting-token", within, "--max-items", "1"),
        "from-raw": ("--starting-token", "A"),
        "from-old": ("--starting-token", "A___1"),
        "from-old-none": ("--starting-token", "None___1"),
        "from-odd": ("--starting-token", "a___b___c"),
        "by-hand": ("--next-token", "x"),
        "by-hand-size": ("--max-results", "2"),
        "by-hand-and-max": ("--max-results", "2", "--max-items", "1"),
        "one-and-max": ("--no-paginate", "--max-items", "1"),
        "one-and-all": ("--no-paginate", "--max-items", "1", "--page-size", "1", "--starting-token", "x"),
        "one-and-zero": ("--no-paginate", "--max-items", "0"),
        "whole-input-size": ("--cli-input-json", '{"InstanceId": "i", "MaxResults": 2}'),
        "whole-input-and-max": ("--cli-input-json", '{"InstanceId": "i"}', "--max-items", "3"),
        "query": ("--query", "UserSummaryList[].Id"),
        "query-token": ("--query", "NextToken", "--max-items", "1"),
        "bad-max": ("--max-items", "x"),
        "bad-size": ("--page-size", "1.5"),
    }
    for name, more in options.items():
        for output in ("json", "text", "table"):
            yield Case(f"paging/{name}/{output}", (*USERS, *more, "--output", output), pages)
    queues = answered(
        {"Queues": [{"QueueId": "q1"}], "NextToken": "A", "ApproximateTotalCount": 2}, {"Queues": [{"QueueId": "q2"}]}
    )
    search = ("connect", "search-queues", "--instance-id", "i")
    for output in ("json", "text", "table"):
        for name, replies in {"counted": queues, "uncounted": answered({"Queues": []}), "nothing": answered({})}.items():
            yield Case(f"paging/search/{name}/{output}", (*search, "--output", output), replies)
        twice = answered({"UserSummaryList": [{"Id": "a"}], "NextToken": "A"})
        yield Case(f"paging/goes-round/{output}", (*USERS, "--output", output), twice)
        cut = (*pages[:1], {"status": 400, "json_body": {"message": "no"}, "headers": {"x-amzn-errortype": "Odd"}})
        yield Case(f"paging/fails-midway/{output}", (*USERS, "--output", output), cut)
        empty = answered({"UserSummaryList": [], "NextToken": "A"}, {"UserSummaryList": None, "NextToken": ""})
        yield Case(f"paging/empty/{output}", (*USERS, "--output", output), empty)


def mistakes():
    """Words that are no command."""
    lines = {
        "no-words": (),
        "no-operation": ("connect",),
        "unknown-operation": ("connect", "lits-bots"),
        "unknown-operation-far": ("connect", "zzzz"),
        "unknown-option": (*BOTS, "--nope", "1"),
        "unknown-option-and-words": (*BOTS, "x", "--nope", "a", "b"),
        "extra-word": (*BOTS, "x"),
        "missing-required": ("connect", "list-bots"),
        "missing-one": ("connect", "list-bots", "--instance-id", "i"),
        "missing-value": ("connect", "list-bots", "--lex-version", "V1", "--instance-id"),
        "option-as-value": ("connect", "list-bots", "--lex-version", "V1", "--instance-id", "-x"),
        "ambiguous": ("connectparticipant", "get-transcript", "--con", "x"),
        "bad-output": (*BOTS, "--output", "xml"),
        "bad-color": (*BOTS, "--color", "red"),
        "bad-timeout": (*BOTS, "--cli-read-timeout", "x"),
        "bad-connect-timeout": (*BOTS, "--cli-connect-timeout", "1.5"),
        "negative-timeout": (*BOTS, "--cli-read-timeout=-1"),
        "negative-connect-timeout": (*BOTS, "--cli-connect-timeout=-2"),
        "odd-timeout": (*BOTS, "--cli-read-timeout", "it's"),
        "bad-endpoint": (*BOTS, "--endpoint-url", "notaurl"),
        "odd-endpoint": (*BOTS, "--endpoint-url", "localhost:1"),
        "bad-skeleton": ("connect", "list-bots", "--generate-cli-skeleton", "nope"),
        "switch-with-value": ("ivs-realtime", "create-ingest-configuration", "--ingest-protocol", "R", "--insecure-ingest=true"),
        "event-stream": ("lexv2-runtime", "start-conversation"),
        "no-outfile": ("lexv2-runtime", "put-session", "--bot-id", "B" * 10, "--bot-alias-id", "x", "--locale-id", "l"),
        "wait-for-nothing": ("connect", "wait"),
        "wait-unknown": ("lexv2-models", "wait", "bot-availabl"),
        "wait-without": ("lexv2-models", "wait"),
        "wait-missing": ("lexv2-models", "wait", "bot-available"),
        "no-skeleton-of-a-file": ("lexv2-runtime", "put-session", "--generate-cli-skeleton"),
        "output-skeleton-incomplete": ("connect", "list-bots", "--generate-cli-skeleton", "output"),
    }
    for name, words in lines.items():
        yield Case(f"mistake/{name}", words, answered({}))


def values():
    """Single values."""
    message = ("connectparticipant", "send-message", "--content-type", "text/plain", "--connection-token", "c", "--content")
    ingest = ("ivs-realtime", "create-ingest-configuration", "--ingest-protocol", "RTMPS")
    schedule = ("connect", "update-contact-schedule", "--instance-id", "i", "--contact-id", "c", "--scheduled-time")
    tags = ("connect", "tag-resource", "--resource-arn", "arn:x", "--tags")
    keys = ("connect", "untag-resource", "--resource-arn", "arn:x", "--tag-keys")
    lines = {
        "equals": (*message[:-1], "--content=-x"),
        "abbreviated": ("connectparticipant", "send-message", "--content-t", "t", "--connection-tok", "c", "--content", "x"),
        "twice": (*message, "a", "--content", "b"),
        "unicode": (*message, "naïve ☃ 日本 😀"),
        "empty": (*message, ""),
        "global-first": ("--region", "eu-west-1", *message, "x"),
        "global-between": (message[0], "--region=eu-west-1", *message[1:], "x"),
        "global-twice": (*message, "x", "--region", "a", "--region", "eu-west-1"),
        "file": (*message, "file://text.txt"),
        "file-home": (*message, "file://~/text.txt"),
        "file-variable": (*message, "file://$HOME/text.txt"),
        "file-missing": (*message, "file://nope.txt"),
        "file-folder": (*message, "file://.aws"),
        "file-binary": (*message, "file://binary"),
        "fileb-on-text": (*message, "fileb://text.txt"),
        "file-within": (*message, "see file://text.txt"),
        "switch-on": (*ingest, "--insecure-ingest"),
        "switch-off": (*ingest, "--no-insecure-ingest"),
        "switch-both": (*ingest, "--insecure-ingest", "--no-insecure-ingest"),
        "integer": (*BOTS, "--max-results", "+5"),
        "integer-underscore": (*BOTS, "--max-results", "1_0"),
        "integer-huge": (*BOTS, "--max-results", "99999999999999999999999"),
        "integer-negative": (*BOTS, "--max-results", "-5"),
        "integer-zero": (*BOTS, "--max-results", "0"),
        "integer-float": (*BOTS, "--max-results", "1.5"),
        "integer-exponent": (*BOTS, "--max-results", "1e3"),
        "integer-text": (*BOTS, "--max-results", "abc"),
        "integer-quotes": (*BOTS, "--max-results", "it's"),
        "label-empty": ("connect", "list-users", "--instance-id", ""),
        "label-odd": ("connect", "describe-instance", "--instance-id", "a b/c+d~e%f?g#h&i=j:k@l!é"),
        "list-words": (*keys, "x", "y z", "é&="),
        "list-none": keys,
        "list-json": (*keys, '["x", "y"]'),
        "list-json-words": (*keys, '["x"]', "y"),
        "list-json-bad": (*keys, '["x"'),
        "list-json-types": (*keys, '["x", 1]'),
        "list-file": (*keys, "file://list.json"),
        "map-shorthand": (*tags, "a=b,c=d"),
        "map-json": (*tags, '{"a": "b", "é": "😀"}'),
        "map-json-type": (*tags, '{"a": 1}'),
        "map-json-null": (*tags, '{"a": null}'),
        "map-json-float": (*tags, '{"a": 1.0}'),
        "map-two-words": (*tags, "a=b", "c=d"),
        "map-file": (*tags, "file://map.json"),
        "map-file-shorthand": (*tags, "file://map.txt"),
        "time-epoch": (*schedule, "1700003600"),
        "time-fraction": (*schedule, "1700003600.9"),
        "time-iso": (*schedule, "2024-05-06T07:08:09Z"),
        "time-offset": (*schedule, "2024-05-06T07:08:09+02:00"),
        "time-date": (*schedule, "2024-05-06"),
        "time-local": (*schedule, "2024-05-06T07:08:09"),
        "time-bad": (*schedule, "yesterday"),
        "enum-unknown": ("connect", "list-bots", "--instance-id", "i", "--lex-version", "V9"),
        "no-sign": (*message, "x", "--no-sign-request"),
    }
    files = {
        "text.txt": "from a file\n", "binary": b"\xff\xfe\x00", "list.json": '["a", "b"]', "map.json": '{"k": "v"}',
        "map.txt": "k=v,l=w",
    }  # fmt: skip
    for name, words in lines.items():
        yield Case(f"value/{name}", words, answered({}), files=files)
    yield Case("value/time-local-new-york", (*schedule, "2024-05-06T07:08:09"), answered({}), {"TZ": "America/New_York"})
    utterance = ("lexv2-runtime", "recognize-utterance", "--bot-id", "BOTID12345", "--bot-alias-id", "TSTALIASID",
                 "--locale-id", "en_US", "--session-id", "s-1", "--request-content-type", "text/plain; charset=utf-8")  # fmt: skip
    spoken = ({"status": 200, "body": "sound", "headers": {"x-amz-lex-session-id": "s-1", "Content-Type": "audio/pcm"}},)
    for name, words in {
        "stream": (*utterance, "--input-stream", "text.txt", "out"),
        "stream-first": (*utterance, "out", "--input-stream", "text.txt"),
        "stream-missing": (*utterance, "--input-stream", "nope", "out"),
        "stream-prefixed": (*utterance, "--input-stream", "fileb://text.txt", "out"),
        "stream-none": (*utterance, "out"),
        "stream-out-folder": (*utterance, "nope/out"),
    }.items():
        yield Case(f"value/{name}", words, spoken, files=files, writes="out")


def shorthand():
    """The syntax between a word and JSON."""
    bot = ("connect", "associate-bot", "--instance-id", "i", "--lex-bot")
    texts = (
        "Name=n,LexRegion=r", "Name=n", "Name=,LexRegion=r", "Name = n , LexRegion = r ", "Name='a, b',LexRegion=r",
        'Name="a \\"b\\"",LexRegion=r', "Name='it\\'s',LexRegion=r", "Name=a\\,b,LexRegion=r", "Name=a=b,LexRegion=r",
        "Name=n,Nope=1", "Name=n,Name=m", "Name", "", "=", "Name=n,", "Name=n,,LexRegion=r", "Name={a=b}", "Name=[a,b]",
        "Name=a,b,LexRegion=r", "Name@=file://text.txt,LexRegion=r", "Name@=file://nope,LexRegion=r", "Name@=x,LexRegion=r",
        "Name='open", 'Name="open', "Name=a]b,LexRegion=r", "Name=a}b", "Name=é☃,LexRegion=日本", "name=n,lexRegion=r",
        "{", '{"Name": "n", "LexRegion": "r"}', '  {"Name":"n","LexRegion":"r"}', '{"Name": 5}', '{"Name": ', "[1]", "5",
        '{"Name":"n","LexRegion":"r",}', "Name=n\nLexRegion=r", "Name=n,\nLexRegion=r", "file://bot.json", "file://bot.txt",
    )  # fmt: skip
    files = {"text.txt": "from a file", "bot.json": '{"Name": "f", "LexRegion": "g"}', "bot.txt": "Name=f,LexRegion=g"}
    for number, text in enumerate(texts):
        yield Case(f"shorthand/structure/{number:02} {text}", (*bot, text), answered({}), files=files)
    search = ("connect", "search-queues", "--instance-id", "i", "--no-paginate", "--search-criteria")
    stage = ("ivs-realtime", "create-stage", "--participant-token-configurations")
    video = ("ivs-realtime", "create-encoder-configuration", "--video")
    for name, words in {
        "nested": (*search, "OrConditions=[{StringCondition={FieldName=n,Value=5,ComparisonType=EXACT}}]"),
        "nested-single": (*search, "OrConditions={QueueTypeCondition=STANDARD}"),
        "nested-json": (*search, '{"OrConditions": [{"QueueTypeCondition": "STANDARD"}]}'),
        "nested-open": (*search, "OrConditions=[{QueueTypeCondition=STANDARD}"),
        "list-of-structures": (*stage, "userId=u,duration=5,capabilities=PUBLISH,SUBSCRIBE", "userId=v,attributes={a=b}"),
        "list-of-structures-json": (*stage, '[{"userId": "u"}]'),
        "list-of-structures-objects": (*stage, '{"userId": "u"}', '{"userId": "v"}'),
        "list-of-structures-mixed": (*stage, '{"userId": "u"}', "userId=v"),
        "list-of-structures-bad-number": (*stage, "duration=x"),
        "list-of-structures-list-number": (*stage, "duration=1,2"),
        "numbers": (*video, "width=640,height=+480,framerate=29.97,bitrate=1_000"),
        "numbers-bad": (*video, "framerate=fast"),
        "numbers-nan": (*video, "framerate=nan"),
        "attributes-deep": (*stage, "attributes={k1=v1,k2=[a,b]}"),
    }.items():
        yield Case(f"shorthand/{name}", words, answered({}))


def whole_inputs():
    """`--cli-input-json` and what goes before it."""
    given = '{"InstanceId": "i", "LexVersion": "V1"}'
    bots = ("connect", "list-bots")
    for name, words in {
        "plain": (*bots, "--cli-input-json", given),
        "file": (*bots, "--cli-input-json", "file://input.json"),
        "file-missing": (*bots, "--cli-input-json", "file://nope.json"),
        "overridden": (*bots, "--cli-input-json", given, "--lex-version", "V2"),
        "incomplete": (*bots, "--cli-input-json", "{}"),
        "unknown-key": (*bots, "--cli-input-json", '{"bogus": 1, "instance-id": "i"}'),
        "null": (*bots, "--cli-input-json", '{"InstanceId": null, "LexVersion": "V1"}'),
        "float": (*bots, "--cli-input-json", '{"InstanceId": "i", "LexVersion": "V1", "MaxResults": 1.0}'),
        "true-for-number": (*bots, "--cli-input-json", '{"InstanceId": "i", "LexVersion": "V1", "MaxResults": true}'),
        "huge": (*bots, "--cli-input-json", '{"InstanceId": "i", "LexVersion": "V1", "MaxResults": 123456789012345678901234567890}'),
        "bad": (*bots, "--cli-input-json", "{oops"),
        "bad-and-skeleton": (*bots, "--cli-input-json", "{oops", "--generate-cli-skeleton"),
        "list": (*bots, "--cli-input-json", "[]"),
        "text": (*bots, "--cli-input-json", '"x"'),
        "switch": ("ivs-realtime", "create-ingest-configuration", "--cli-input-json", '{"ingestProtocol": "R", "insecureIngest": true}', "--no-insecure-ingest"),
        "struct-replaced": ("connect", "associate-bot", "--cli-input-json", '{"InstanceId": "i", "LexBot": {"Name": "a", "LexRegion": "b"}}', "--lex-bot", "Name=c,LexRegion=d"),
        "nan": ("ivs-realtime", "create-encoder-configuration", "--cli-input-json", '{"video": {"framerate": NaN}}'),
        "order": ("connect", "associate-bot", "--cli-input-json", '{"LexV2Bot": {"AliasArn": "a"}, "ClientToken": "t", "InstanceId": "i"}'),
        "duplicate": (*bots, "--cli-input-json", '{"InstanceId": "a", "InstanceId": "b", "LexVersion": "V1"}'),
        "union": ("lexv2-models", "search-associated-transcripts", "--cli-input-json", '{"botId": "B", "filters": []}'),
    }.items():  # fmt: skip
        yield Case(f"whole-input/{name}", words, answered({}), files={"input.json": given})


def errors():
    """What a service may answer instead."""
    header = {"x-amzn-errortype": "ResourceNotFoundException:http://internal/"}
    for name, reply in {
        "header": {"status": 404, "json_body": {"Message": "gone"}, "headers": header},
        "lower-message": {"status": 400, "json_body": {"message": "bad"}, "headers": header},
        "type": {"status": 400, "json_body": {"__type": "com.amazon#InvalidRequestException", "Message": "bad"}},
        "code": {"status": 400, "json_body": {"code": "AccessDeniedException", "message": "no"}},
        "none": {"status": 400, "json_body": {"message": "why"}},
        "empty": {"status": 400, "body": ""},
        "html": {"status": 403, "body": "<html>Forbidden</html>"},
        "unmodelled": {"status": 418, "json_body": {"__type": "Teapot", "message": "short"}},
        "moved": {"status": 301, "body": "", "headers": {"location": "http://127.0.0.1:1/"}},
        "server": {"status": 500, "json_body": {"message": "oh"}},
        "server-empty": {"status": 503, "body": ""},
        "server-html": {"status": 502, "body": "<html>proxy</html>"},
        "throttled": {"status": 429, "json_body": {"__type": "ThrottlingException", "Message": "slow"}},
        "unicode": {"status": 400, "json_body": {"__type": "Odd", "message": "naïve ☃ 😀"}},
        "number": {"status": 400, "json_body": {"__type": "Odd", "message": 5}},
        "no-message": {"status": 400, "json_body": {"__type": "Odd"}},
    }.items():
        for output in ("json", "text", "table"):
            yield Case(f"error/{name}/{output}", (*STAGE, "--output", output), (reply,))
    busy = {"status": 503, "json_body": {"message": "busy"}}
    yield Case("error/tried-again", STAGE, (busy, *answered({"stage": {"arn": "a"}})), {"AWS_MAX_ATTEMPTS": "3"})
    yield Case("error/tried-in-vain", STAGE, (busy,), {"AWS_MAX_ATTEMPTS": "3"})
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    yield Case("error/nobody-there", STAGE, (), nowhere)


def settings():
    """Where settings come from."""
    profile = "[default]\nregion = eu-central-1\ncli_timestamp_format = iso8601\n[profile dev]\nregion = ap-south-1\noutput = text\n"
    keys = "[default]\naws_access_key_id = FILEKEY\naws_secret_access_key = s\n[dev]\naws_access_key_id = DEVKEY\naws_secret_access_key = s\naws_session_token = t\n"
    files = {".aws/config": profile, ".aws/credentials": keys}
    no_keys = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    no_region = {"AWS_DEFAULT_REGION": None}
    nowhere, no_url = "http://127.0.0.1:9", {"AWS_ENDPOINT_URL": None}
    section = "[services s]\nivs_realtime =\n  endpoint_url = %s\n"
    local = lambda own, of_service: f"[default]\nservices = s\nendpoint_url = {own}\n{section % of_service}"  # noqa: E731
    for name, case in {
        "region-from-profile": (STAGE, no_region, files),
        "region-option": ((*STAGE, "--region", "sa-east-1"), {}, files),
        "no-region": (STAGE, no_region, {}),
        "bad-region": ((*STAGE, "--region", "bad region"), {}, {}),
        "profile": ((*STAGE, "--profile", "dev"), {**no_keys, **no_region}, files),
        "profile-wins-over-keys": ((*STAGE, "--profile", "dev"), no_region, files),
        "profile-variable": (STAGE, {"AWS_PROFILE": "dev", **no_region}, files),
        "profile-missing": ((*STAGE, "--profile", "nope"), {}, files),
        "profile-empty": ((*STAGE, "--profile", ""), {}, files),
        "keys-have-ended": (STAGE, {"AWS_CREDENTIAL_EXPIRATION": "2009-01-02T03:04:05Z"}, {}),
        "keys-end-later": (STAGE, {"AWS_CREDENTIAL_EXPIRATION": "2199-01-02T03:04:05Z"}, {}),
        "keys-from-file": (STAGE, no_keys, files),
        "no-keys": (STAGE, no_keys, {}),
        "half-keys": (STAGE, {"AWS_SECRET_ACCESS_KEY": None}, {}),
        "session-token": (STAGE, {"AWS_SESSION_TOKEN": "tok/en+="}, {}),
        "output-variable": (STAGE, {"AWS_DEFAULT_OUTPUT": "table"}, {}),
        "output-variable-bad": (STAGE, {"AWS_DEFAULT_OUTPUT": "xml"}, {}),
        "output-variable-bad-paged": (USERS, {"AWS_DEFAULT_OUTPUT": "xml"}, {}),
        "endpoint-of-service": (STAGE, {"AWS_ENDPOINT_URL_IVS_REALTIME": "http://127.0.0.1:9"}, {}),
        "endpoint-option": ((*STAGE, "--endpoint-url", "{url}"), {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, {}),
        "endpoint-slash": ((*STAGE, "--endpoint-url", "{url}/"), {}, {}),
        "endpoint-of-profile": (STAGE, no_url, {".aws/config": "[default]\nendpoint_url = {url}\n"}),
        "endpoint-of-section": (STAGE, no_url, {".aws/config": local(nowhere, "{url}")}),
        "endpoint-of-other-section": (STAGE, no_url, {".aws/config": local("{url}", nowhere).replace("ivs_realtime", "connect")}),
        "endpoint-variable-wins": (STAGE, {}, {".aws/config": local(nowhere, nowhere)}),
        "endpoint-ignored-option": ((*STAGE, "--endpoint-url", "{url}"), {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", **no_url}, {".aws/config": local(nowhere, nowhere)}),
        "config-file-elsewhere": (STAGE, {"AWS_CONFIG_FILE": "other", **no_region}, {"other": "[default]\nregion = eu-north-1\n"}),
        "credentials-file-elsewhere": (STAGE, {"AWS_SHARED_CREDENTIALS_FILE": "keys", **no_keys}, {"keys": keys}),
        "output-of-profile": (STAGE, {}, {".aws/config": "[default]\noutput = text\n"}),
        "output-option-wins": ((*STAGE, "--output", "json"), {"AWS_DEFAULT_OUTPUT": "text"}, {".aws/config": "[default]\noutput = table\n"}),
        "default-profile-variable": (STAGE, {"AWS_DEFAULT_PROFILE": "dev", **no_region, **no_keys}, files),
        "file-encoding": (("connectparticipant", "send-message", "--content-type", "t", "--connection-token", "c", "--content", "file://latin"), {"AWS_CLI_FILE_ENCODING": "latin-1"}, {"latin": b"na\xefve"}),
        "read-timeout": ((*STAGE, "--cli-read-timeout", "5", "--cli-connect-timeout", "0"), {}, {}),
        "endpoint-ignored": ((*STAGE, "--endpoint-url", "{url}"), {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, {}),
        "times-wire": (STAGE, {}, {".aws/config": "[default]\ncli_timestamp_format = wire\n"}),
        "times-bad": (STAGE, {}, {".aws/config": "[default]\ncli_timestamp_format = odd\n"}),
        "config-broken": (STAGE, {}, {".aws/config": "nonsense\n"}),
        "comment": (STAGE, no_region, {".aws/config": "# c\n[default]\n; c\nregion = us-east-2\n"}),
        "process": ((*STAGE, "--profile", "p"), no_keys, {".aws/config": "[profile p]\ncredential_process = cat keys.json\n", "keys.json": '{"Version": 1, "AccessKeyId": "PKEY", "SecretAccessKey": "s"}'}),
        "attempts-bad": (STAGE, {"AWS_MAX_ATTEMPTS": "x"}, {}),
        "skeleton-needs-no-region": (("connect", "list-bots", "--generate-cli-skeleton"), {**no_keys, **no_region}, {}),
        "skeleton-output-needs-region": ((*BOTS, "--generate-cli-skeleton", "output"), {**no_keys, **no_region}, {}),
        "skeleton-output-needs-no-keys": ((*BOTS, "--generate-cli-skeleton", "output"), no_keys, {}),
    }.items():  # fmt: skip
        words, env, more = case
        yield Case(f"setting/{name}", words, answered({"stage": {"arn": "a"}}), env, {**more})


def odd_answers():
    """Answers that are not as the model has them."""
    composition = ("ivs-realtime", "get-composition", "--arn", "arn:aws:ivs:us-west-2:123456789012:composition/abcdEFGHijkl")
    grid = lambda value: {"composition": {"layout": {"grid": value}}}  # noqa: E731
    for name, body in {
        "unknown-members": {"composition": {"arn": "a", "nope": 1}, "more": True},
        "nulls": {"composition": {"arn": None, "tags": None, "destinations": [None, {"id": "d"}]}},
        "null": {"composition": None},
        "empty": {},
        "integer-float": grid({"gridGap": 3.9}),
        "integer-text": grid({"gridGap": "5"}),
        "integer-bad": grid({"gridGap": "x"}),
        "integer-huge": grid({"gridGap": 123456789012345678901234567890}),
        "boolean-text": grid({"omitStoppedVideo": "TRUE"}),
        "boolean-number": grid({"omitStoppedVideo": 1}),
        "text-number": {"composition": {"arn": 5}},
        "text-list": {"composition": {"arn": ["a"]}},
        "structure-text": {"composition": "x"},
        "map-list": {"composition": {"tags": []}},
        "time-bad": {"composition": {"startTime": "not a time"}},
        "time-negative": {"composition": {"startTime": -1}},
        "time-huge": {"composition": {"startTime": 4102444800}},
    }.items():
        for output in ("json", "text", "table"):
            yield Case(f"odd-answer/{name}/{output}", (*composition, "--output", output), answered(body))
    for name, body in {"not-json": "not JSON", "list": "[]", "text": '"x"', "html": "<html>hi</html>", "blank": " "}.items():
        yield Case(f"odd-answer/body-{name}", composition, ({"status": 200, "body": body},))
