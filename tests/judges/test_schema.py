"""Schemas from strangers: nothing is fetched, nothing explodes, and what cannot be judged says why."""

from typing import Any

import pytest

from router.judges.schema import MAX_DEPTH, Schema, Unjudged, named, schema_of


def doubling(levels: int) -> dict[str, Any]:
    """A schema of a few lines that a validator meets 2**levels times."""
    each = {f"a{i}": {"allOf": [{"$ref": f"#/$defs/a{i + 1}"}] * 2} for i in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**each, f"a{levels}": {"type": "integer"}}}


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(levels):
        schema = {"items": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        (None, "is not a schema"),
        ([], "is not a schema"),
        ({"type": "objekt"}, "is invalid, or has a pattern that does not take linear time"),
        ({"$schema": "https://example.com/own"}, "is invalid, or has a pattern that does not take linear time"),
        ({"pattern": "(?=look)ahead"}, "is invalid, or has a pattern that does not take linear time"),
        ({"pattern": r"(a)\1"}, "is invalid, or has a pattern that does not take linear time"),
        ({"pattern": "((a{1000}){1000}){1000}"}, "is invalid, or has a pattern that does not take linear time"),
        ({"$ref": "https://example.com/schema.json"}, "refers outside itself, and nothing is fetched"),
        ({"$ref": "file:///etc/hosts"}, "refers outside itself, and nothing is fetched"),
        ({"items": {"$ref": "other.json#/a"}}, "refers outside itself, and nothing is fetched"),
        ({"$ref": "#/$defs/none"}, "refers to a part it does not have"),
        ({"items": {"$id": "https://example.com/", "$ref": "#/a"}}, "changes the base of its references"),
        ({"items": {"$dynamicRef": "#x"}}, "changes the base of its references"),
        ({"description": "x" * 200_000}, "is longer than 128 KiB"),
        ({"enum": list(range(20_001))}, "unfolds to more than 20000 parts"),
        (doubling(30), "unfolds to more than 20000 parts"),
        (nested(MAX_DEPTH + 1), f"is nested deeper than {MAX_DEPTH}"),
        (nested(900), "is nested too deep"),
    ],
)
def test_a_schema_that_cannot_be_used_says_why(schema: Any, reason: str) -> None:
    with pytest.raises(Unjudged, match=f"^{reason}$"):
        Schema(schema)


@pytest.mark.parametrize(
    ("schema", "value", "fault"),
    [
        ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "integer"}}}, "x", "it has the wrong type"),
        ({"anyOf": [{"type": "integer"}, {"$ref": "#/anyOf/0"}]}, "x", "it fits none of its forms"),
        ({"properties": {"next": {"$ref": "#"}}, "required": ["id"]}, {"id": 1, "next": {}}, "it.next.id is required"),
        ({"properties": {"$ref": {"type": "integer"}}}, {"$ref": "x"}, "it.$ref has the wrong type"),
        ({"additionalProperties": {"type": "integer"}}, {"a b\n": "x"}, "it.- has the wrong type"),
        ({"pattern": "^(a+)+$"}, "a" * 10_000 + "b", "it does not match its pattern"),
        ({"minimum": 2}, 1, "it breaks minimum"),
        (False, 1, "it is not allowed"),
        (True, 1, None),
        (doubling(8), 1, None),
        ({"format": "email"}, "not one", None),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "type": "integer"}, 1, None),
    ],
)
def test_a_fault_names_its_place_and_quotes_no_value(schema: Any, value: Any, fault: str | None) -> None:
    assert Schema(schema).fault(value, 10, "it") == fault


def test_much_schema_on_much_text_is_not_begun() -> None:
    with pytest.raises(Unjudged, match="too much work"):
        Schema(doubling(8)).fault(["x"] * 10_000, 50_000, "it")


@pytest.mark.parametrize("divisor", [1e-300, 5e-324, 1e300, -0.5])
def test_a_division_far_out_is_not_begun(divisor: float) -> None:
    with pytest.raises(Unjudged, match=r"too costly to check|is invalid"):
        Schema({"items": {"allOf": [{"multipleOf": divisor}]}})


def test_divisions_by_a_fraction_count_for_what_they_cost() -> None:
    prices = Schema({"items": {"multipleOf": 0.01}})
    assert prices.fault([12.34, 0.1], 12, "it") is None
    assert prices.fault([12.345], 8, "it") == "it[0] breaks multipleOf"
    with pytest.raises(Unjudged, match="too much work"):
        Schema({"items": {"allOf": [{"multipleOf": 0.01}] * 4700}}).fault([1e300] * 40, 240, "it")
    assert Schema({"items": {"allOf": [{"multipleOf": 7}] * 4700}}).fault([7] * 40, 240, "it") is None


AGAIN = {"$ref": "#/$defs/n"}


@pytest.mark.parametrize(
    "forms",
    [
        {"anyOf": [{"properties": {"a": AGAIN}, "required": ["b"]}, {"properties": {"a": AGAIN}, "required": ["c"]}]},
        {"oneOf": [{"properties": {"a": AGAIN}}, {"properties": {"a": AGAIN}, "minProperties": 1}, {"type": "null"}]},
        {"allOf": [{"properties": {"a": AGAIN}}, {"patternProperties": {"a": AGAIN}}, {"type": "object"}]},
    ],
)
def test_a_schema_that_returns_to_itself_twice_does_not_double_at_every_level(forms: dict[str, Any]) -> None:
    value: Any = 1
    for _ in range(60):  # 2**60 errors, were they gathered
        value = {"a": value}
    schema = Schema({**AGAIN, "$defs": {"n": forms}})
    assert schema.fault(value, 300, "it") == "it does not fit its schema"


def test_the_place_of_a_fault_is_not_looked_for_in_much_text() -> None:
    schema = Schema({"items": {"anyOf": [{"const": n} for n in range(100)]}})
    assert schema.fault(["x"], 10, "it") == "it[0] fits none of its forms"
    assert schema.fault(["x"] * 2_500, 10_000, "it") == "it does not fit its schema"


def test_a_name_is_quoted_only_when_it_is_plain() -> None:
    assert [named(name) for name in ("get_weather", "a.b-c$1", "", "é", "a b", 7)] == [
        "get_weather",
        "a.b-c$1",
        "-",
        "-",
        "-",
        "-",
    ]


def many(count: int, pattern: str = "(.?){800}") -> dict[str, Any]:
    """Patterns each of which is within the limit of one, and all of them together hundreds of megabytes."""
    return {"allOf": [{"pattern": f"{pattern}{number}"} for number in range(count)]}


@pytest.mark.parametrize("schema", [many(300), {"patternProperties": {f"(.?){{800}}{n}": True for n in range(300)}}])
def test_patterns_share_one_limit(schema: dict[str, Any]) -> None:
    with pytest.raises(Unjudged, match="or too large among 300"):
        Schema(schema)


def test_many_plain_patterns_and_a_few_large_ones_are_judged() -> None:
    plain = Schema(many(300, "^[A-Z]{2}[0-9]{6}"))
    assert plain.fault("AB1234560", 9, "answer") == "answer does not match its pattern"
    assert Schema(many(8)).fault("x1", 2, "answer") is not None
    assert Schema({"allOf": [{"pattern": "(.?){800}N"}] * 300}).fault("N", 1, "answer") is None


def test_a_schema_that_comes_again_is_not_compiled_again() -> None:
    assert schema_of(many(8)) is schema_of(many(8))
    assert schema_of({"const": 1}) is not schema_of({"const": 2})
    with pytest.raises(Unjudged, match="longer"):
        schema_of({"description": "x" * 200_000})
    with pytest.raises(Unjudged, match="nested"):
        schema_of(nested(2000))
