"""Reading a client's values: the right kind comes back, any other is refused with its place."""

from collections.abc import Callable

import pytest

from router.core.dialects.messages.checks import (
    mapping,
    mapping_or_empty,
    mappings_in,
    sequence,
    text,
    unknown,
    unsupported,
)
from router.core.errors import BadRequest


@pytest.mark.parametrize(
    ("check", "right", "wrong"), [(mapping, {"a": 1}, []), (text, "a", 1), (sequence, [1], {}), (text, "", None)]
)
def test_a_value_of_the_wrong_kind_is_refused_with_its_place(
    check: Callable[[object, str], object], right: object, wrong: object
) -> None:
    assert check(right, "system[0]") == right
    with pytest.raises(BadRequest) as raised:
        check(wrong, "system[0]")
    assert (raised.value.param, raised.value.code) == ("system[0]", "invalid_type")


def test_what_an_upstream_sent_wrong_is_read_as_nothing() -> None:
    assert mapping_or_empty("x") == {}
    assert mappings_in([{"a": 1}, "x", None]) == [{"a": 1}]
    assert mappings_in({"a": 1}) == []


def test_a_type_that_is_not_known_is_named_with_those_that_are() -> None:
    error = unknown("messages[0].content[0]", "video", "text or image")
    assert "'video'" in error.message
    assert "Send text or image." in error.message
    assert "'none'" in unknown("x", 7, "text").message


def test_what_cannot_be_carried_comes_with_its_remedy() -> None:
    error = unsupported("system", "Send text.")
    assert (error.param, error.code) == ("system", "unsupported_parameter")
    assert error.message.endswith("Send text.")
