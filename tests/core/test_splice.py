"""Splicing: what is named is replaced, and every other byte leaves as it came."""

import json
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.splice import splice

KEYS = st.sampled_from(["model", "stream", "n", 'a"b', "a,b", "é", "", "\\", "stream_options"]) | st.text(max_size=4)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | st.text(st.characters(codec="utf-8"), max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=6)
CHANGES = st.dictionaries(KEYS, st.none() | VALUES.map(orjson.dumps), max_size=4)
STYLES = st.sampled_from(
    [
        {},
        {"indent": 1},
        {"separators": (",", ":")},
        {"ensure_ascii": False},
        {"indent": "\t", "separators": (" ,", " : ")},
    ]
)


@given(OBJECTS, CHANGES, STYLES)
def test_what_is_parsed_afterwards_is_the_updated_object(
    body: dict[str, Any], changes: dict[str, bytes | None], style: dict[str, Any]
) -> None:
    raw = json.dumps(body, **style).encode()
    expected = {key: value for key, value in body.items() if changes.get(key, b"") is not None}
    expected |= {key: orjson.loads(new) for key, new in changes.items() if new is not None}
    assert json.loads(splice(raw, changes)) == expected


@given(OBJECTS, CHANGES, STYLES)
def test_an_object_that_was_read_before_becomes_the_same(
    body: dict[str, Any], changes: dict[str, bytes | None], style: dict[str, Any]
) -> None:
    raw = json.dumps(body, **style).encode()
    assert splice(raw, changes, body) == splice(raw, changes)


@given(OBJECTS, STYLES)
def test_an_object_with_none_of_the_keys_keeps_every_byte(body: dict[str, Any], style: dict[str, Any]) -> None:
    raw = json.dumps(body, **style).encode()
    assert splice(raw, {"not there": None}) == raw


@given(OBJECTS, OBJECTS, VALUES, STYLES)
def test_bytes_on_both_sides_of_a_replaced_value_are_the_same(
    before: dict[str, Any], after: dict[str, Any], value: Any, style: dict[str, Any]
) -> None:
    before.pop("model", None), after.pop("model", None)
    left = json.dumps(before, **style).encode()[:-1].rstrip() + (b"," if before else b"")
    left += b'  "model"\n: '
    right = b" \t" + (b"," if after else b"") + json.dumps(after, **style).encode()[1:]
    old = json.dumps(value, **style).encode()
    assert splice(left + old + right, {"model": b'"other"'}) == left + b'"other"' + right


@pytest.mark.parametrize(
    ("raw", "changes", "expected"),
    [
        (b'{"model":"a","n":1.0e5}', {"model": b'"b"'}, b'{"model":"b","n":1.0e5}'),
        (b' {\n "n" : 1 }\n', {"m": b"2"}, b' {\n "n" : 1,"m":2 }\n'),
        (b"{}", {"m": b"2"}, b'{"m":2}'),
        (b"{ }", {"m": b"2", "o": b"3"}, b'{"m":2,"o":3 }'),
        (b'{"a":1, "b":2, "c":3}', {"b": None}, b'{"a":1, "c":3}'),
        (b'{"a":1, "b":2, "c":3}', {"a": None}, b'{"b":2, "c":3}'),
        (b'{"a":1, "b":2, "c":3}', {"c": None}, b'{"a":1, "b":2}'),
        (b'{"a":1, "b":2, "c":3}', {"b": None, "c": None}, b'{"a":1}'),
        (b'{"a":1, "b":2, "c":3}', {"a": None, "b": None}, b'{"c":3}'),
        (b'{"a":1, "b":2}', {"a": None, "b": None}, b"{}"),
        (b'{"a":1, "b":2}', {"a": None, "b": None, "c": b"3"}, b'{"c":3}'),
        (b'{"a":1,"b":2,"a":3}', {"a": b"4"}, b'{"a":4,"b":2,"a":4}'),
        (b'{"a":1,"b":2,"a":3}', {"a": None}, b'{"b":2}'),
        (b'{"mod\\u0065l":"a"}', {"model": b'"b"'}, b'{"mod\\u0065l":"b"}'),
        (b'{"x":{"model":"a"},"y":"\\"model\\":1"}', {"model": None}, b'{"x":{"model":"a"},"y":"\\"model\\":1"}'),
        (b'{"x":[[[[[["model",{"model":[]}]]]]]],"model":1}', {"model": b"2"}, None),
        (b'{"models":1,"mode":2}', {"model": b"3"}, b'{"models":1,"mode":2,"model":3}'),
        (b'{"s":"\\\\","model":1}', {"model": b"2"}, b'{"s":"\\\\","model":2}'),
    ],
)
def test_each_shape_is_changed_in_its_place(raw: bytes, changes: dict[str, bytes | None], expected: bytes) -> None:
    assert splice(raw, changes) == (expected or raw[:-2] + b"2}")


@pytest.mark.parametrize("run", [b"QUJD" * 100_000, b"QUJ\\/" * 50_000, b'\\"' * 50_000, b"\\\\" * 50_001])
def test_a_long_string_is_passed_over_whole(run: bytes) -> None:
    raw = b'{"messages":[{"content":[{"image_url":{"url":"' + run + b'"}}]}],"model":"auto"}'
    assert splice(raw, {"model": b'"m"'}) == raw.replace(b'"auto"', b'"m"')


def test_deep_nesting_is_walked_without_recursion() -> None:
    deep = b"[" * 1_000 + b'"]","{"' + b"]" * 1_000
    assert splice(b'{"d":' + deep + b',"model":1}', {"model": b"2"}) == b'{"d":' + deep + b',"model":2}'


@pytest.mark.parametrize("raw", [b"[]", b"1", b"", b'"{"'])
def test_what_is_no_object_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="object"):
        splice(raw, {"model": b"1"})


@given(OBJECTS, CHANGES, st.integers(0, 40), st.binary(max_size=3))
def test_broken_json_raises_nothing_but_a_value_error(
    body: dict[str, Any], changes: dict[str, bytes | None], at: int, junk: bytes
) -> None:
    raw = orjson.dumps(body)
    for broken in (raw[:at], raw[:at] + junk + raw[at:], junk):
        with suppress(ValueError):
            assert isinstance(splice(broken, changes), bytes)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"model":"a","x":1}', b'{"model":"b","x":1}'),
        (b' { "model" : "a" , "x":1}', b' { "model" : "b" , "x":1}'),
        (b'{"x":1, "model": "a" }\n', b'{"x":1, "model": "b" }\n'),
        (b'{"x":{"model":"a"}}', b'{"x":{"model":"a"},"model":"b"}'),
        (b'{"x":[{"y":1,"model":"a"}],"z":2}', b'{"x":[{"y":1,"model":"a"}],"z":2,"model":"b"}'),
        (b'{"model":"a","x":{"y":1,"model":"a"}}', b'{"model":"b","x":{"y":1,"model":"a"}}'),
        (b'{"x":{"y":1,"model":"a"},"mod\\u0065l":"c"}', b'{"x":{"y":1,"model":"a"},"mod\\u0065l":"b"}'),
        (b'{"x":"\\"model\\":\\"a\\"","model":"c"}', b'{"x":"\\"model\\":\\"a\\"","model":"b"}'),
        (b'{"x":"model","model":"a\\\\"}', b'{"x":"model","model":"b"}'),
    ],
)
def test_a_key_that_opens_or_closes_the_object_is_told_from_one_that_only_looks_so(raw: bytes, expected: bytes) -> None:
    assert splice(raw, {"model": b'"b"'}) == splice(raw, {"model": b'"b"'}, json.loads(raw)) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"x":1, "model": "a", "y":2}', b'{"x":1, "model": "b", "y":2,"stream_options":{}}'),
        (b'{"x":1, "model": "a", "y":[] }\n', b'{"x":1, "model": "b", "y":[],"stream_options":{} }\n'),
        (b'{"x":"\\"model", "model":"a"}', b'{"x":"\\"model", "model":"b","stream_options":{}}'),
        (b'{"x":{"model":"c"}, "model":"a"}', b'{"x":{"model":"c"}, "model":"b","stream_options":{}}'),
        (b'{"x":{"model":"c"}, "\\u006dodel":"a"}', b'{"x":{"model":"c"}, "\\u006dodel":"b","stream_options":{}}'),
        (b'{"x":"caf\\u00e9", "model":"a"}', b'{"x":"caf\\u00e9", "model":"b","stream_options":{}}'),
        (b'{"stream_options":null, "model":"a"}', b'{"stream_options":{}, "model":"b"}'),
        (b'{"x":"stream_options"}', b'{"x":"stream_options","model":"b","stream_options":{}}'),
        (b"{ }", b'{"model":"b","stream_options":{} }'),
        (b'{"x":1,"model":"a","\\"model":"c"}', b'{"x":1,"model":"b","\\"model":"c","stream_options":{}}'),
        (b'{"x":1,"model":"a","y":{"model":"c"}}', b'{"x":1,"model":"b","y":{"model":"c"},"stream_options":{}}'),
        (b'{"x":1,"model":"a","y":["model"]}', b'{"x":1,"model":"b","y":["model"],"stream_options":{}}'),
        (b'{"x":1,"model":["a"]}', b'{"x":1,"model":"b","stream_options":{}}'),
        (
            b'{"x":1,"model":"a","y":"' + b"z" * 5000 + b'"}',
            b'{"x":1,"model":"b","y":"' + b"z" * 5000 + b'","stream_options":{}}',
        ),
    ],
)
def test_a_name_that_is_looked_for_leads_to_the_same_bytes_as_a_walk(raw: bytes, expected: bytes) -> None:
    changes = {"model": b'"b"', "stream_options": b"{}"}
    assert splice(raw, changes) == splice(raw, changes, json.loads(raw)) == expected


@pytest.mark.parametrize("spaces", [0, 5, 4095, 4096, 4097, 20_000])
@pytest.mark.parametrize("length", [10, 5000])
def test_spaces_before_the_last_brace_stay_where_they_are_however_many(spaces: int, length: int) -> None:
    text, gap = b"z" * length, b" " * spaces
    raw = b'{"model":"a","x":"' + text + b'"' + gap + b"}"
    expected = b'{"model":"b","x":"' + text + b'","stream_options":{}' + gap + b"}"
    changes = {"model": b'"b"', "stream_options": b"{}"}
    assert splice(raw, changes) == splice(raw, changes, json.loads(raw)) == expected
