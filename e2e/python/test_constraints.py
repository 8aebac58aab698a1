"""Every constraint of every served operation, broken one at a time: 400, the operation's own error, the member named.

The requests are made from `models/`, so a new operation is tested as soon as it is served. Each starts from a smallest
valid input; what is broken is refused before anything is looked up, so nothing needs to exist.
"""

import json
import tomllib
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import regex

MODELS = Path(__file__).resolve().parents[2] / "models"
SERVED = tomllib.loads((MODELS / "served.toml").read_text())
CORRECTIONS = tomllib.loads((MODELS / "corrections.toml").read_text())["correction"]
VALIDATION = ("InvalidRequestException", "InvalidParameterException", "ValidationException")
MESSAGES = ("message", "Message", "exceptionMessage")
DEEPEST = 6
# Texts of which one matches each pattern that the served operations have.
MATCHES = (
    "a",
    "1",
    "text/plain",
    "arn:aws:connect:us-east-1:123456789012:instance/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
    "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f",
    "d-0123456789",
    "us-east-1",
    "connect:Subtype",
    "https://example.com",
    "+12065550100",
    "arn:aws:ivs:us-east-1:123456789012:stage/0a1b2c3d4e5f",
    "arn:aws:ivs:us-east-1:123456789012:encoder-configuration/0a1b2c3d4e5f",
    "arn:aws:ivs:us-east-1:123456789012:ingest-configuration/0a1b2c3d4e5f",
    "arn:aws:ivs:us-east-1:123456789012:public-key/0a1b2c3d4e5f",
    "arn:aws:ivs:us-east-1:123456789012:storage-configuration/0a1b2c3d4e5f",
    "st-0a1b2c3d4e5f6",
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
)
BREAKS = ("", "!", "\u0000", "-", " ", "a b", "%%%")


def services():
    for service, served in SERVED.items():
        model = json.loads((MODELS / f"{service}.json").read_text())
        for part, ahead in served.get("ahead", {}).items():
            if part == "members":
                for shape, members in ahead.items():
                    model["shapes"][shape]["members"].update(members)
            else:
                model[part].update(ahead)
        for correction in CORRECTIONS:
            if correction["service"] == service and "pattern" in correction:
                model["shapes"][correction["shape"]]["pattern"] = correction["pattern"]
        for operation in served["operations"]:
            yield pytest.param(service, model, operation, id=operation)


class Inputs:
    """Values of a service's shapes: a smallest valid one, and every way to break it."""

    def __init__(self, model):
        self.shapes = model["shapes"]

    def valid(self, name, depth=0):
        shape = self.shapes[name]
        kind = shape["type"]
        if kind == "structure":
            required = shape.get("required", [])
            return {member: self.valid(shape["members"][member]["shape"], depth + 1) for member in required}
        if kind == "list":
            return [self.valid(shape["member"]["shape"], depth + 1)] * int(shape.get("min", 0))
        if kind == "map":
            keys = [str(n) for n in range(int(shape.get("min", 0)))]
            return {key: self.valid(shape["value"]["shape"], depth + 1) for key in keys}
        if kind == "boolean":
            return True
        if kind in ("integer", "long", "float", "double"):
            return int(shape.get("min", 1))
        if kind == "timestamp":
            return 1_700_000_000
        return self.text(shape)

    def text(self, shape):
        if "enum" in shape:
            return shape["enum"][0]
        low = max(int(shape.get("min", 1)), 1)
        pattern = regex.compile(shape.get("pattern", "[\\s\\S]*"))
        for text in (*MATCHES, *(text * low for text in MATCHES)):
            if len(text) >= low and pattern.fullmatch(text):
                return text
        raise AssertionError(f"no text here matches {shape}: add one to MATCHES")

    def broken(self, name, depth=0):
        """Pairs of a broken value and the path to what is wrong in it."""
        shape = self.shapes[name]
        kind = shape["type"]
        if depth > DEEPEST:
            return
        if kind == "structure":
            yield from self.broken_structure(name, shape, depth)
        elif kind == "list":
            yield from self.broken_sizes(shape, lambda n: [self.valid(shape["member"]["shape"])] * n)
            for value, path in self.broken(shape["member"]["shape"], depth + 1):
                yield [value] * max(int(shape.get("min", 1)), 1), ["1", "member", *path]
        elif kind == "map":
            key = self.text(self.shapes[shape["key"]["shape"]])
            for value, path in self.broken(shape["value"]["shape"], depth + 1):
                yield {key: value}, [key, "member", *path]
        elif kind in ("integer", "long"):
            if "min" in shape:
                yield int(shape["min"]) - 1, []
            if "max" in shape:
                yield int(shape["max"]) + 1, []
        elif kind == "string":
            yield from self.broken_text(shape)

    def broken_structure(self, name, shape, depth):
        for member, facts in shape["members"].items():
            if member in shape.get("required", []):
                value = self.valid(name)
                del value[member]
                yield value, [member]
            for value, path in self.broken(facts["shape"], depth + 1):
                yield {**self.valid(name), member: value}, [member, *path]

    def broken_text(self, shape):
        if "enum" in shape:
            yield "NOT A VALUE", []
            return
        yield from self.broken_sizes(shape, lambda n: "a" * n)
        if "pattern" in shape:
            low, high = int(shape.get("min", 0)), int(shape.get("max", 1000))
            pattern = regex.compile(shape["pattern"])
            texts = [text * max(low, 1) for text in BREAKS]
            refused = [text for text in texts if low <= len(text) <= high and not pattern.fullmatch(text)]
            # A pattern that takes everything, such as ".*", cannot be broken.
            if refused:
                yield refused[0], []

    def broken_sizes(self, shape, make):
        if int(shape.get("min", 0)) > 0:
            yield make(int(shape["min"]) - 1), []
        if "max" in shape and int(shape["max"]) <= 100_000:
            yield make(int(shape["max"]) + 1), []


class Sender:
    """Sends an input as restJson1 puts it on the wire."""

    def __init__(self, server, service, model, operation):
        self.server, self.bearer = server, service == "connectparticipant"
        self.signing_name = model["signingName"]
        self.operation = model["operations"][operation]
        self.shape = model["shapes"][self.operation["input"]] if "input" in self.operation else {"members": {}}

    def send(self, value):
        path, query, headers, body = self.operation["requestUri"], [], {"Content-Type": "application/json"}, {}
        for member, facts in self.shape["members"].items():
            if member not in value:
                continue
            name, where = facts.get("locationName", member), facts.get("location")
            if where == "uri":
                path = path.replace("{" + name + "}", quote(str(value[member]), safe=""))
            elif where == "querystring":
                values = value[member] if isinstance(value[member], list) else [value[member]]
                query += [(name, wire_text(one)) for one in values]
            elif where == "header":
                headers[name] = value[member]
            else:
                body[name] = value[member]
        if query:
            path += "?" + urlencode(query, quote_via=quote)
        sent = body if self.operation["method"] != "GET" else b""
        if self.bearer:
            return self.server.request(self.operation["method"], path, sent, headers)
        return self.server.signed(self.operation["method"], path, sent, headers, service=self.signing_name)

    def can_send(self, value, path):
        """Not a label that is missing or empty, which makes another path; nor a header that HTTP itself refuses."""
        facts = self.shape["members"][path[0]]
        where = facts.get("location")
        given = value.get(path[0])
        if where == "uri":
            return bool(given)
        if where == "header":
            return bool(given) and given.isprintable()
        if where == "querystring":
            return given != []
        return True


def wire_text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def place(path):
    return ".".join(part[:1].lower() + part[1:] for part in path)


@pytest.mark.parametrize(("service", "model", "operation"), list(services()))
def test_every_broken_constraint_is_refused(server, service, model, operation):
    facts = model["operations"][operation]
    if "input" not in facts:
        return
    sender, inputs = Sender(server, service, model, operation), Inputs(model)
    expected = next((name for name in VALIDATION if name in facts["errors"]), "ValidationException")
    for value, path in inputs.broken(facts["input"]):
        if not sender.can_send(value, path):
            continue
        reply = sender.send(value)
        assert (reply.status, reply.error) == (400, expected), (operation, path, value, reply)
        message = next(reply.json[name] for name in MESSAGES if name in reply.json)
        assert place(path) in message, (operation, path, message)
