"""Checks JSON against a client's JSON Schema. Nothing is fetched, patterns take linear time, work is bounded."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

MAX_BYTES = 128 * 1024
MAX_DEPTH = 96
MAX_PARTS = 20_000
MAX_WORK = 20_000_000  # parts of the schema times characters of the JSON
MAX_DETAIL = 500_000  # of that work; with more, the place of a fault is not named
MAX_PATTERN = 1024 * 1024  # compiled
MAX_PATTERNS = 8 * MAX_PATTERN  # for all patterns of a schema, which share it evenly: about 40 ms
# Division by a fraction is exact. It takes as long as 1,000 other parts if the answer has numbers like 1e308, and ten
# times that if the fraction is as extreme itself.
FRACTION_PARTS = 1_000
FRACTIONS = (1e-15, 1e15)
KEPT = 8

_ELSEWHERE = ("$dynamicRef", "$recursiveRef", "$id", "id")
_NAME = re.compile(r"[A-Za-z0-9_.$-]{1,64}")
_WORDS = {
    "type": "has the wrong type",
    "enum": "is not one of the values allowed",
    "const": "is not the value demanded",
    "pattern": "does not match its pattern",
    "additionalProperties": "has a key that is not allowed",
    "falseSchema": "is not allowed",
    "anyOf": "fits none of its forms",
    "oneOf": "does not fit exactly one of its forms",
}


class Unjudged(ValueError):
    """The schema cannot be used to judge: too large, too deep, invalid, or it refers outside itself."""


class Schema:
    """A schema that is ready to check JSON. Raises Unjudged, with the reason in words, if it cannot be used."""

    def __init__(self, schema: object) -> None:
        if not isinstance(schema, dict | bool):
            raise Unjudged("is not a schema")
        unfolding = _unfolded(schema)
        self._parts, self._branching = unfolding.parts + unfolding.weight, unfolding.returns > 1
        each = min(MAX_PATTERN, MAX_PATTERNS // max(1, len(unfolding.patterns)))
        patterns = jsonschema_rs.RegexOptions(size_limit=each, dfa_size_limit=each)
        try:
            self._validator = jsonschema_rs.validator_for(
                schema, pattern_options=patterns, offline=True, validate_formats=False, mask="a value"
            )
        except ValueError as error:
            crowd = "" if each == MAX_PATTERN else f", or too large among {len(unfolding.patterns)}"
            raise Unjudged(f"is invalid, or has a pattern that does not take linear time{crowd}") from error

    def fault(self, value: Any, length: int, root: str) -> str | None:
        """What is wrong with `value`, and where under `root`; None if it is valid.

        `length`: how many characters it was parsed from. The text quotes only names and never values, since it goes
        into the ledger. Raises Unjudged if checking would take too long. The place is left out if finding it would: to
        gather errors the validator does not remember what it has checked, as it does for a yes or no, so the work would
        double at every level of a schema that refers to itself twice.
        """
        work = self._parts * length
        if work > MAX_WORK:
            raise Unjudged("takes too much work for an answer of this length")
        try:
            if self._validator.is_valid(value):
                return None
            if self._branching or work > MAX_DETAIL:
                return f"{root} does not fit its schema"
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return _fault(error, root)
        except ValueError as error:
            raise Unjudged("cannot check an answer nested this deep") from error
        return None


def schema_of(schema: object) -> Schema:
    """The schema, ready to check JSON. The last eight are kept, since clients send the same one again and again.

    Raises Unjudged as `Schema` does.
    """
    try:
        raw = orjson.dumps(schema)
    except (TypeError, ValueError):
        return Schema(schema)  # raises Unjudged with the reason
    return _kept(raw) if len(raw) <= MAX_BYTES else Schema(schema)


@lru_cache(maxsize=KEPT)
def _kept(raw: bytes) -> Schema:
    return Schema(orjson.loads(raw))


def named(name: object) -> str:
    """The name if it may be quoted, being short and plain; else a dash."""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else "-"


def _fault(error: jsonschema_rs.ValidationError, root: str) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{named(step)}" for step in error.instance_path)
    place = root + "".join(steps)
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        return f"{place}.{named(error.kind.property)} is required"
    if error.schema_path[-1:] == ["additionalProperties"]:
        return f"{place} {_WORDS['additionalProperties']}"
    return f"{place} {_WORDS.get(error.kind.name, f'breaks {error.kind.name}')}"


def _unfolded(schema: Mapping[str, Any] | bool) -> "_Unfolding":
    """Measure the schema with its references followed. Raises Unjudged beyond the limits."""
    try:
        size = len(orjson.dumps(schema))
    except (TypeError, ValueError) as error:
        raise Unjudged("is nested too deep") from error
    if size > MAX_BYTES:
        raise Unjudged(f"is longer than {MAX_BYTES // 1024} KiB")
    unfolding = _Unfolding(schema)
    unfolding.walk(schema, 0)
    return unfolding


class _Unfolding:
    """Counts the parts of a schema as the validator checks them: a part that is referred to twice counts twice.

    `weight`: what divisions by a fraction cost, in parts. `returns`: references to a part that contains them; they are
    not followed. `patterns`: the distinct ones, each of which the validator compiles once.
    """

    def __init__(self, root: object) -> None:
        self.parts = 0
        self.weight = 0
        self.returns = 0
        self.patterns: set[str] = set()
        self._root = root
        self._open: set[str] = set()

    def walk(self, part: object, depth: int) -> None:
        """Count `part` and everything under it. Raises Unjudged beyond the limits."""
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise Unjudged(f"unfolds to more than {MAX_PARTS} parts")
        if depth > MAX_DEPTH:
            raise Unjudged(f"is nested deeper than {MAX_DEPTH}")
        if isinstance(part, dict):
            self._refer(part, depth)
            self._note_patterns(part)
            self._weigh_division(part.get("multipleOf"))
            for value in part.values():
                self.walk(value, depth + 1)
        elif isinstance(part, list):
            for value in part:
                self.walk(value, depth + 1)

    def _note_patterns(self, part: dict[str, Any]) -> None:
        pattern, by_name = part.get("pattern"), part.get("patternProperties")
        if isinstance(pattern, str):
            self.patterns.add(pattern)
        if isinstance(by_name, dict):
            self.patterns |= by_name.keys()

    def _weigh_division(self, divisor: object) -> None:
        if not isinstance(divisor, float):
            return
        if not FRACTIONS[0] <= divisor <= FRACTIONS[1]:
            raise Unjudged("has a multipleOf that is too costly to check")
        self.weight += FRACTION_PARTS

    def _refer(self, part: dict[str, Any], depth: int) -> None:
        if depth and any(isinstance(part.get(key), str) for key in _ELSEWHERE):
            raise Unjudged("changes the base of its references")
        reference = part.get("$ref")
        if not isinstance(reference, str):
            return
        if reference in self._open:
            self.returns += 1
            return
        self._open.add(reference)
        self.walk(_target(self._root, reference), depth + 1)
        self._open.discard(reference)


def _target(root: object, reference: str) -> object:
    """The part that a reference within the schema points at (RFC 6901)."""
    if not (reference == "#" or reference.startswith("#/")):
        raise Unjudged("refers outside itself, and nothing is fetched")
    part = root
    for step in reference.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(part, dict) and key in part:
            part = part[key]
        elif isinstance(part, list) and key.isdecimal() and int(key) < len(part):
            part = part[int(key)]
        else:
            raise Unjudged("refers to a part it does not have")
    return part
