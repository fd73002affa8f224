"""Literals are read and folded, never run; what is none is refused."""

from typing import Any

import pytest

from classifier.values_literal import Call, NotLiteral, literal


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/4", 0.25),
        ("-(2 + 3) * 2", -10.0),
        ("{'a': True, 'b': None}", {"a": True, "b": None}),
        ('[1, "x" "y", Color.RED]', [1.0, "xy", "Color.RED"]),
        ("2**3", 8.0),
        (r"'it\'s'", "it's"),
        ("f(1, b=[2])", Call("f", (1.0,), {"b": [2.0]})),
    ],
)
def test_a_literal_is_read(text: str, value: Any) -> None:
    assert literal(text) == value


@pytest.mark.parametrize("text", ["", "[1", "1 2", "'a' - 1", "1/0", "a.b(", "[" * 99, "lambda: 0", "9" * 40_000])
def test_what_is_no_literal_is_refused(text: str) -> None:
    with pytest.raises(NotLiteral):
        literal(text)
