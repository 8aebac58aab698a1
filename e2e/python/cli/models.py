"""Inputs that are valid and answers that are rich, made from the facts in `models/`."""

import json
import re
from functools import cache
from pathlib import Path

MODELS = Path(__file__).resolve().parents[3] / "models"

SERVICES = ("connect", "connectparticipant", "ivs-realtime", "lexv2-runtime", "lexv2-models", "lex-runtime")

# Texts that tables, YAML and tab-separated lines have to do something about.
TEXTS = ("plain", "two words", "naïve ☃ 日本", "it's \"quoted\"", "a: b # c", "", "true", "12", "😀", "line\nbreak", " edge ")
NUMBERS = (0, 7, -1, 1_000_000, 9_007_199_254_740_993)
FLOATS = (0.5, 12.0, 1e-7, 1.5e300)
TIMES = (1_700_000_000, 1_700_000_000.123, "2023-11-14T22:13:20Z", "2023-11-14T22:13:20.5+05:30")


@cache
def service(name):
    return json.loads((MODELS / f"{name}.json").read_text())


def command(name):
    """The name of an operation or a member as one types it."""
    name = re.sub(r"([A-Z]{2,})s$", lambda found: "-" + found.group(0).lower(), name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1-\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", name).lower()


def operations():
    """Every operation there is a command for: service, name, facts."""
    for name in SERVICES:
        for operation, facts in service(name)["operations"].items():
            if operation != "StartConversation":
                yield name, operation, facts


def writes_file(name, facts):
    """Whether the answer's body goes to a file."""
    shapes = service(name)["shapes"]
    output = shapes.get(facts.get("output"), {})
    payload = output.get("members", {}).get(output.get("payload"), {})
    return shapes.get(payload.get("shape"), {}).get("type") == "blob"


def takes_file(name, facts):
    """Whether the request's body comes from a file."""
    shapes = service(name)["shapes"]
    given = shapes.get(facts.get("input"), {})
    payload = given.get("members", {}).get(given.get("payload"), {})
    return shapes.get(payload.get("shape"), {}).get("type") == "blob"


def least_input(name, facts):
    """An input with nothing but what must be there, each value as small as it may be."""
    return _least(name, facts["input"]) if "input" in facts else {}


def _least(service_name, shape_name):
    shape = service(service_name)["shapes"][shape_name]
    kind = shape["type"]
    if kind == "structure":
        members = shape.get("members", {})
        wanted = shape.get("required", [])
        if shape.get("union"):
            wanted = [next(iter(members))]
        return {member: _least(service_name, members[member]["shape"]) for member in wanted}
    least = int(shape.get("min", 0) or 0)
    if kind == "list":
        return [_least(service_name, shape["member"]["shape"]) for _ in range(least)]
    if kind == "map":
        return {f"key{i}": _least(service_name, shape["value"]["shape"]) for i in range(least)}
    if kind == "string":
        return shape["enum"][0] if "enum" in shape else "x" * max(least, 1)
    return {"boolean": True, "timestamp": 1_700_000_000, "float": float(least), "double": float(least)}.get(kind, least)


class Answers:
    """Makes answers; what stands where goes round, so that answers differ from each other."""

    def __init__(self, service_name, seed=0):
        self.service_name = service_name
        self.shapes = service(service_name)["shapes"]
        self.count = seed

    def answer(self, facts, drop=3):
        """An answer in which about each `drop`-th member is absent."""
        return self._value(facts["output"], drop, ()) if "output" in facts else {}

    def _next(self, choices):
        self.count += 1
        return choices[self.count % len(choices)]

    def _value(self, shape_name, drop, open_shapes):
        shape = self.shapes[shape_name]
        kind = shape["type"]
        if kind == "structure":
            if shape_name in open_shapes or len(open_shapes) > 5:
                return {}
            return self._structure(shape, drop, (*open_shapes, shape_name))
        if kind == "list":
            return [self._value(shape["member"]["shape"], drop, open_shapes) for _ in range(self._next((2, 1, 3)))]
        if kind == "map":
            return {key: self._value(shape["value"]["shape"], drop, open_shapes) for key in ("k1", "key two")}
        if kind == "timestamp":
            return self._next(TIMES)
        if kind == "boolean":
            return self._next((True, False))
        if kind in ("integer", "long"):
            return self._next(NUMBERS)
        return self._next(FLOATS) if kind in ("float", "double") else self._next(shape.get("enum") or TEXTS)

    def _structure(self, shape, drop, open_shapes):
        members = list(shape.get("members", {}).items())
        if shape.get("union"):
            members = members[self._next((0, 1)) % len(members) :][:1]
        value = {}
        for name, member in members:
            self.count += 1
            if "location" in member or (drop and self.count % drop == 0 and not shape.get("union")):
                continue
            value[member.get("locationName", name)] = self._value(member["shape"], drop, open_shapes)
        return value
