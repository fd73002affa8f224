"""A key that stands twice is refused wherever it stands and however it is written; nothing else is."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.dialects.body import LONG, MAX_NESTS, MAX_VALUES, NAMED, RARE, body_in, count
from router.core.errors import BadRequest, RequestError


def refused(raw: bytes) -> str | None:
    """The code of the refusal, None where the body was taken."""
    try:
        body_in(raw)
    except RequestError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":1}',
        b'{"a":[1,2],"b":{},"a":[]}',
        rb'{"a":"x","\u0061":"y"}',
        rb'{"a":"\u0022\u0022","a":"\""}',
        rb'{"a":{"a":"\u0022"},"a":"\"\"\""}',
        b'{"messages":[{"role":"user","content":"card","content":"hi"}]}',
        b'[[{"x":null, "x" : null}]]',
        b'{"":1,"":2}',
        b"[" * 250 + b'{"a":1,"a":2}' + b"]" * 250,
    ],
)
def test_a_key_that_stands_twice_is_refused(raw: bytes) -> None:
    assert refused(raw) == "duplicate_key"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
        b'{"a":"a","b":"a\\": 1, \\"a\\": 2"}',
        rb'{"a":"\u0022a\u0022:1","b":"\u0022"}',
        rb'{"a":"\\u0022"}',
        b' {"a" : 1e300 , "b" : 123456789012345678901234567890 } ',
        b'{"a":' + b"[" * 250 + b"]" * 250 + b"}",
        "{\"a\":\"\u2028 \u00e9 \\u00e9\"}".encode(),
        b'"a"',
    ],
)  # fmt: skip
def test_nothing_else_is(raw: bytes) -> None:
    assert refused(raw) is None


def test_the_refusal_names_the_key_and_what_to_do() -> None:
    with pytest.raises(BadRequest, match="'content' stands twice in one object") as raised:
        body_in(b'{"content":1,"content":2}')
    assert raised.value.param == "content"


def test_none_is_let_through_for_lying_deep() -> None:
    deep = b'{"a":' * 1000 + b'{"b":1,"b":2}' + b"}" * 1000
    assert refused(deep) == "invalid_value"


def test_a_long_body_is_not_searched_for_the_key_that_stands_twice() -> None:
    with pytest.raises(BadRequest, match="A key stands twice") as raised:
        body_in(b'{"a":1,"a":2,"b":"' + b"x" * NAMED + b'"}')
    assert raised.value.param is None


@pytest.mark.parametrize(
    "element",
    [b"{}", b"[]", b'{"type":"text","text":"a"}', rb'{"a\\":"\\\"{}"}'],
)
def test_more_objects_and_lists_than_can_be_read_in_time_are_too_many_to_make(element: bytes) -> None:
    def holding(number: int) -> bytes:
        return b'{"x":[' + b",".join([element] * number) + b"]}"

    assert refused(holding(MAX_NESTS - 2)) is None
    assert refused(holding(MAX_NESTS - 1)) == "request_too_large"


@pytest.mark.parametrize("element", [b"0", b'""', b'"a"', rb'"\\"', rb'"\","'])
def test_so_are_more_values(element: bytes) -> None:
    def holding(number: int) -> bytes:
        return b'{"x":[' + b",".join([element] * number) + b"]}"

    assert refused(holding(MAX_VALUES - 2)) is None
    assert refused(holding(MAX_VALUES - 1)) == "request_too_large"


def test_names_count_as_values_do_for_they_cost_more() -> None:
    def holding(number: int) -> bytes:
        return b"{" + b",".join(b'"%d":""' % name for name in range(number)) + b"}"

    assert refused(holding(MAX_VALUES // 2)) is None
    assert refused(holding(MAX_VALUES // 2 + 1)) == "request_too_large"


@pytest.mark.parametrize("number", [0, 1, RARE - 1, RARE, RARE + 1, 3 * RARE])
def test_what_is_rare_and_what_is_not_is_counted_alike(number: int) -> None:
    raw = (b"," * number).center(2 * LONG, b"x")
    assert (count(raw, b","), count(raw, b"{"), count(raw[:-LONG], b"x")) == (number, 0, raw[:-LONG].count(b"x"))


def test_what_stands_in_a_text_is_no_value() -> None:
    text = rb"{[,\\\"" * MAX_VALUES
    assert refused(b'{"x":"' + text + b'"}') is None


JSON = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(st.sampled_from('a"\\:,é'), max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.tuples(st.sampled_from(["a", "b", '"', "", "é"]), inner), max_size=3).map(tuple)
    ),
    max_leaves=12,
)


def written(value: Any) -> str:
    """JSON of `value`, whose objects are tuples of pairs; quotes are sometimes escaped the other way."""
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{written(key)}: {written(inner)}" for key, inner in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if not isinstance(value, str) or len(value) % 2:
        return json.dumps(value)
    return '"{}"'.format("\\u0022".join(json.dumps(piece)[1:-1] for piece in value.split('"')))


def repeats(value: Any) -> bool:
    if isinstance(value, tuple):
        return len(dict(value)) < len(value) or any(repeats(inner) for _, inner in value)
    return isinstance(value, list) and any(map(repeats, value))


@given(JSON)
def test_it_is_found_exactly_where_it_is(value: Any) -> None:
    raw = written(value).encode()
    assert refused(raw) == ("duplicate_key" if repeats(value) else None)
    assert repeats(value) or body_in(raw) == orjson.loads(raw)
