"""Command lines of a service that AWS does not have: every kind of member that a model can have, at every place.

Its model is in `data/`, laid out as users add models of their own; `AWS_DATA_PATH` names the folder.
"""

from .case import Case

ENV = {"AWS_DATA_PATH": "{data}"}

MAKE = ("things", "make-thing", "--id", "i", "--rest", "r", "--solid")


def answered(*bodies, **more):
    return tuple({"json_body": body, **more} for body in bodies)


def case(name, words, replies=None, **more):
    return Case(f"things/{name}", words, answered({}) if replies is None else replies, {**ENV, **more.pop("env", {})}, **more)


def all_cases():
    makers = (inputs, answers, bodies, listings, waiters, skeletons)
    return [made for make in makers for made in make()]


def inputs():
    """Options of every type, alone."""
    part = "name=a,size=5,inner={name=b},parts=[{name=c},{name=d,size=6}]"
    options = {
        "label-greedy": ("--rest", "a/b c//é?/."),
        "label-slashes": ("--id", "a/b/../c"),
        "switch-off": ("--no-solid",),
        "switches": ("--hollow", "--no-hollow", "--query-flag", "--no-header-flag"),
        "kind": ("--kind", "OVAL"),
        "short-too-short": ("--short", "x"),
        "short-too-long": ("--short", "xxxxx"),
        "short-wide": ("--short", "é"),
        "rate": ("--rate", "1"),
        "rate-too-low": ("--rate", "0.1"),
        "rate-too-high": ("--rate", "3"),
        "rate-bad": ("--rate", "fast"),
        "rate-special": ("--weight", "inf"),
        "rate-exponent": ("--weight", "1e400"),
        "rate-underscore": ("--weight", "1_0.5"),
        "count": ("--count", " 7 "),
        "total-bad": ("--total", "1.0"),
        "total-huge": ("--total", "18446744073709551616"),
        "weight": ("--weight", "1e-7"),
        "blob": ("--blob", "aGVsbG8="),
        "blob-loose": ("--blob", "aGV sbG8"),
        "blob-bad": ("--blob", "a"),
        "blob-unicode": ("--blob", "é"),
        "blob-file": ("--blob", "file://encoded"),
        "blob-bytes": ("--blob", "fileb://bytes"),
        "blob-raw": ("--blob", "hello", "--cli-binary-format", "raw-in-base64-out"),
        "blobs": ("--blobs", "aGk=", "aGV5"),
        "blobs-json": ("--blobs", '["aGk="]'),
        "blob-in-part": ("--part", "name=a,blob=aGk="),
        "blob-in-part-file": ("--part", "name=a,blob@=fileb://bytes"),
        "blob-in-json": ("--part", '{"name": "a", "blob": "aGk="}'),
        "time": ("--time", "2024-05-06T07:08:09.987Z"),
        "time-negative": ("--time=-5"),
        "time-zone": ("--iso-time", "2024-05-06T07:08:09+05:30"),
        "time-http": ("--http-time", "1700000000"),
        "time-http-text": ("--time", "Tue, 14 Nov 2023 22:13:20 GMT"),
        "times": ("--times", "0", "1970-01-02", "1970-01-01T00:00:01Z"),
        "time-query": ("--query-time", "2024-05-06T07:08:09.5Z"),
        "time-header": ("--header-time", "2024-05-06T07:08:09Z", "--header-iso", "1700000000"),
        "time-micro": ("--iso-time", "2024-05-06T07:08:09.123456Z"),
        "time-compact": ("--time", "20240506T070809Z"),
        "time-space": ("--time", "2024-05-06 07:08:09"),
        "time-week": ("--time", "2024-W19-1"),
        "time-year": ("--time", "99999"),
        "time-hour": ("--time", "2024-01-02T03"),
        "time-short": ("--iso-time", "2024-1-2"),
        "time-slashes": ("--iso-time", "2024/01/02 3:04"),
        "time-small": ("--iso-time", "2024-01-02t03:04:05.25z"),
        "time-utc": ("--iso-time", "2024-01-02 03:04:05 UTC"),
        "time-zone-apart": ("--iso-time", "2024-01-02T03:04:05 +0130"),
        "document": ("--document", '{"a": [1, 1.5, null, true, {"b": "é"}]}'),
        "document-text": ("--document", '"x"'),
        "document-null": ("--document", "null"),
        "document-number": ("--document", "5"),
        "document-list": ("--document", "[1]"),
        "document-shorthand": ("--document", "a=b"),
        "document-within": ("--part", '{"name": "a", "document": {"x": [null]}}'),
        "document-within-shorthand": ("--part", "name=a,document={x=1}"),
        "either": ("--either", "word=w"),
        "either-both": ("--either", "word=w,number=1"),
        "either-none": ("--either", "{}"),
        "either-unknown": ("--either", "nope=1"),
        "one": ("--one", "word=w"),
        "one-bare": ("--one", "w"),
        "ones-bare": ("--ones", "a", "b"),
        "ones-pairs": ("--ones", "word=a", "word=b"),
        "part": ("--part", part),
        "part-missing": ("--part", "size=5"),
        "part-missing-deep": ("--part", "name=a,inner={size=1},parts=[{size=2},{name=b,parts=[{}]}]"),
        "part-bad-size": ("--part", "name=a,size=big"),
        "part-list-size": ("--part", "name=a,size=[1]"),
        "part-text-inner": ("--part", "name=a,inner=b"),
        "part-empty": ("--part", ""),
        "part-null": ("--part", "null"),
        "parts": ("--parts", part, "name=z"),
        "parts-json": ("--parts", '[{"name": "a"}]', '{"name": "b"}'),
        "parts-file": ("--parts", "file://parts.json"),
        "map": ("--map", "k=v,é=☃,a.b/c#d:e-f=1"),
        "map-quoted": ("--map", "k='a,b',l=\"c=d\""),
        "map-empty": ("--map", "{}"),
        "map-no-break": ("--map", "k=\u00a0v"),
        "map-list": ("--map", "k=[a]"),
        "map-key-bad": ("--map", "k y=v"),
        "list-map": ("--list-map", "k=a,b,l=c"),
        "list-map-one": ("--list-map", "k=a"),
        "part-map": ("--part-map", "k={name=a,size=1},l={name=b}"),
        "grid": ("--grid", "[1,2]", "[3]"),
        "grid-words": ("--grid", "1", "2"),
        "grid-json": ("--grid", "[[1, 2], [3]]"),
        "grid-bad": ("--grid", '[["x"]]'),
        "maps": ("--maps", "a=b,c=d", "e=f"),
        "strings": ("--strings", "a,b", "", "[x"),
        "strings-bracket": ("--strings", "[x"),
        "strings-number": ("--strings", "[1]"),
        "integers-in-words": ("--grid", '["1"]'),
        "renamed": ("--renamed", "r"),
        "query-words": ("--query-words", "a b", "c&d", "é"),
        "query-words-none": ("--query-words",),
        "query-map": ("--query-map", "x=1,y=a b"),
        "query-list-map": ("--query-list-map", "x=1,2,y=3"),
        "header-words": ("--header-words", "a", "b,c", 'd"e'),
        "header-map": ("--header-map", "One=1,two=b c"),
        "header-json": ("--header-json", '{"a": "é", "b": [1, null]}'),
        "header-json-text": ("--header-json", '"x"'),
        "header-json-bad": ("--header-json", "{"),
        "token": ("--token", "t"),
        "names": ("--url-path", "/", "--s3-uri", "s3://x"),
        "names-near": ("--url-pat", "/"),
        "unknown-near": ("--url-pathh", "/"),
        "ambiguous": ("--header", "x"),
        "whole": ("--cli-input-json", '{"blob": "aGk=", "time": "2024-01-02", "part": {"name": "j"}, "map": {"a": "b"}, "hollow": true}'),
        "whole-replaced": ("--cli-input-json", '{"part": {"name": "j", "size": 1}, "map": {"a": "b"}}', "--part", "name=k", "--map", "c=d"),
        "whole-wrong-types": ("--cli-input-json", '{"count": "1", "weight": "x", "solid": "yes", "time": "soon", "map": [], "parts": {}, "part": [], "blob": 5, "either": {"word": 1}}'),
        "whole-numbers": ("--cli-input-json", '{"weight": 1, "count": 1e2, "total": -0, "rate": 1e0}'),
        "whole-unknown": ("--cli-input-json", '{"nope": 1, "part": {"name": "a", "nope": 2, "inner": {"nope": 3}}}'),
    }  # fmt: skip
    files = {
        "encoded": "aGVsbG8=\n", "bytes": b"\x00\xff\xfe", "parts.json": '[{"name": "f"}]',
    }  # fmt: skip
    for name, words in options.items():
        words = (words,) if isinstance(words, str) else words
        yield case(f"input/{name}", (*MAKE, *words), files=files)
    yield case("input/none", ("things", "make-thing"))
    yield case("input/no-switch", ("things", "make-thing", "--id", "i", "--rest", "r"))
    yield case("input/no-rest", ("things", "make-thing", "--id", "i", "--solid"))
    yield case("input/empty-rest", (*MAKE[:4], "--rest", "", "--solid"))
    yield case("input/ping", ("things", "ping"))
    yield case("input/ping-words", ("things", "ping", "x"))
    yield case("input/read-only", ("things", "read-thing", "--id", "i"))


def answers():
    """Members of every type in an answer, in each format."""
    part = {"name": "a", "size": 1, "inner": {"name": "b"}, "parts": [{"name": "c", "size": 2}, {"name": "d"}], "time": 5}
    body = {
        "id": "x", "solid": False, "count": 3, "weight": 1e22, "blob": "aGVsbG8=", "blobs": ["aA==", ""],
        "time": 1.5, "isoTime": "2024-05-06T07:08:09.5Z", "httpTime": "Tue, 14 Nov 2023 22:13:20 GMT", "times": [0, -1],
        "document": {"z": [1, {"y": None}], "a": {}}, "either": {"number": 1}, "part": part, "parts": [part, {"name": "e"}],
        "map": {"z": "1", "a": "2"}, "listMap": {"k": ["a", "b"], "e": []}, "grid": [[1, 2], [], [3]],
        "maps": [{"a": "b"}, {}, {"c": "d"}], "other": "renamed",
    }  # fmt: skip
    headers = {
        "x-time": "Tue, 14 Nov 2023 22:13:20 GMT", "x-flag": "true", "x-count": "12", "x-map-one": "1", "x-map-two": "2",
        "x-json": "eyJhIjogWzFdfQ==",
    }  # fmt: skip
    pieces = {
        "all": (body, headers), "headers": ({}, headers), "blob-bad": ({"blob": "?"}, {}), "blob-number": ({"blob": 5}, {}),
        "either-two": ({"either": {"word": "w", "number": 1}}, {}), "either-unknown": ({"either": {"new": {"x": 1}}}, {}),
        "either-null": ({"either": {"word": None, "number": 2}}, {}), "either-type": ({"either": {"__type": "t", "word": "w"}}, {}),
        "document-text": ({"document": "x"}, {}), "document-null": ({"document": None}, {}),
        "map-null": ({"map": {"a": None}}, {}), "list-null": ({"times": [None]}, {}), "grid-null": ({"grid": [None, [None]]}, {}),
        "time-text-number": ({"time": "1700000000"}, {}), "time-words": ({"time": "Nov 14 2023"}, {}),
        "header-flag-odd": ({}, {"x-flag": "yes"}), "header-count-bad": ({}, {"x-count": "x"}), "header-json-bad": ({}, {"x-json": "?"}),
        "header-case": ({}, {"X-Map-Two": "2"}),
        "header-time-bad": ({}, {"x-time": "soon"}),
        "numbers": ({"weight": 1e16, "document": [1e15, 1e16, 123456789.123456789, -0.0, 1e-5, 0.0001]}, {}),
        "strings": ({"map": {"tab": "a\tb", "nl": "a\nb", "quote": "\"'", "bell": "\u0007", "wide": "日本", "zero": "\u200b", "mark": "e\u0301"}}, {}),
    }  # fmt: skip
    for name, (value, more) in pieces.items():
        for output in ("json", "text", "table"):
            yield case(f"answer/{name}/{output}", (*MAKE, "--output", output), answered(value, headers=more))
    for output in ("json", "text", "table"):
        for number, query in enumerate(("parts[].name", "part", "grid", "document", "times", "blob", "solid", "maps[0]", "status")):
            words = (*MAKE, "--output", output, "--query", query)
            yield case(f"answer/query/{number} {query}/{output}", words, answered(body, headers=headers))
    for name, words in {"on": ("--color", "on"), "off": ("--color", "off"), "auto": ()}.items():
        yield case(f"answer/color-{name}", (*MAKE, "--output", "table", "--query", "part", *words), answered(body))
    yield case("answer/status", (*MAKE, "--query", "status"), answered({}, status=202))
    for name, error in {"modelled": {"message": "m", "things": ["a"], "part": {"name": "p", "inner": {"name": "q"}}}, "plain": {"message": "m"}}.items():
        reply = {"status": 404, "json_body": error, "headers": {"x-amzn-errortype": "Gone"}}
        yield case(f"answer/error-{name}", MAKE, (reply,))


def bodies():
    """Requests and answers that are a body and nothing else."""
    sound = ({"status": 200, "body": "sound", "headers": {"content-type": "audio/x"}},)
    for name, words in {
        "read": ("read-thing", "--id", "i", "out"),
        "read-range": ("read-thing", "--id", "i", "--range", "bytes=0-1", "out"),
        "read-stdout": ("read-thing", "--id", "i", "/dev/null"),
        "read-more": ("read-thing", "--id", "i", "out", "more"),
        "read-text": ("read-thing", "--id", "i", "out", "--output", "text"),
        "read-query": ("read-thing", "--id", "i", "out", "--query", "kind"),
    }.items():
        yield case(f"body/{name}", ("things", *words), sound, writes="out")
    cut = ({"status": 404, "json_body": {"message": "no"}, "headers": {"x-amzn-errortype": "Gone"}},)
    yield case("body/read-error", ("things", "read-thing", "--id", "i", "out"), cut, writes="out")
    for name, words in {
        "write": ("--body", "aGk="),
        "write-file": ("--body", "fileb://bytes"),
        "write-typed": ("--body", "aGk=", "--kind", "text/plain"),
        "write-empty": ("--body", ""),
    }.items():
        reply = answered({"name": "a"}, headers={"etag": "t"})
        yield case(f"body/{name}", ("things", "write-thing", "--id", "i", *words), reply, files={"bytes": b"\x00\xff"})
    for name, words in {"patch": ("--part", "name=a"), "patch-none": (), "patch-empty": ("--part", "{}")}.items():
        yield case(f"body/{name}", ("things", "patch-thing", "--id", "i", *words), answered({"name": "a", "size": 2}))
    for name, words in {"text": ("--text", "naïve\n"), "text-none": (), "text-empty": ("--text", "")}.items():
        yield case(f"body/{name}", ("things", "put-text", "--id", "i", *words), ({"status": 200, "body": "odd ☃"},))


def listings():
    """Two lists a page, a limit that is a text, and a flag for more."""
    names = lambda *words: [{"name": word} for word in words]  # noqa: E731
    pages = answered(
        {"things": names("a", "b"), "names": ["n"], "total": 9, "more": True, "paging": {"next": "A"}},
        {"things": names("c"), "names": ["o", "p"], "total": 8, "more": True, "paging": {"next": "B"}},
        {"things": names("d", "e"), "names": [], "more": False, "paging": {"next": "C"}},
    )
    for name, words in {
        "all": (), "one": ("--no-paginate",), "max-1": ("--max-items", "1"), "max-2": ("--max-items", "2"),
        "max-3": ("--max-items", "3"), "max-4": ("--max-items", "4"), "size": ("--page-size", "5"), "by-hand": ("--marker", "A"),
        "limit": ("--limit", "5"), "from": ("--starting-token", "eyJtYXJrZXIiOiAiQSJ9"),
        "from-within": ("--starting-token", "eyJtYXJrZXIiOiBudWxsLCAiYm90b190cnVuY2F0ZV9hbW91bnQiOiAxfQ=="),
        "query": ("--query", "things[].name"), "query-max": ("--query", "[total, NextToken]", "--max-items", "1"),
    }.items():  # fmt: skip
        for output in ("json", "text", "table"):
            yield case(f"listing/{name}/{output}", ("things", "list-things", *words, "--output", output), pages)


def waiters():
    """What is waited for comes at once, or never."""
    wait = ("things", "wait", "thing-ready")
    names = lambda *words: {"things": [{"name": word} for word in words]}  # noqa: E731
    busy = {"status": 400, "json_body": {"message": "m"}, "headers": {"x-amzn-errortype": "Busy"}}
    gone = {"status": 404, "json_body": {"message": "m"}, "headers": {"x-amzn-errortype": "Gone"}}
    odd = {"status": 400, "json_body": {"message": "m"}, "headers": {"x-amzn-errortype": "Odd"}}
    for name, replies in {
        "ready": answered(names("ready", "ready")), "total": answered({"total": 7}), "broken": answered(names("ready", "broken")),
        "gone": (gone,), "odd": (odd,), "later": (*answered(names("new")), *answered(names("ready"))),
        "busy": (busy, *answered(names("ready"))),
    }.items():  # fmt: skip
        yield case(f"wait/{name}", wait, replies)
    yield case("wait/options", (*wait, "--kind", "ROUND", "--query", "x"), answered(names("ready")))
    yield case("wait/unknown", (*wait, "--nope", "1"))
    yield case("wait/skeleton", (*wait, "--generate-cli-skeleton"))


def skeletons():
    for command in ("make-thing", "write-thing", "list-things", "ping", "patch-thing"):
        yield case(f"skeleton/{command}", ("things", command, "--generate-cli-skeleton"))
    for output in ("json", "text", "table"):
        for command in (MAKE[1:], ("list-things",), ("ping",)):
            words = ("things", *command, "--generate-cli-skeleton", "output", "--output", output)
            yield case(f"skeleton-output/{command[0]}/{output}", words)
