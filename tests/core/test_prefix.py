"""When a prefix is worth a look: tokens, a sentence, the skeleton of a call."""

from typing import Any

import pytest

from router.core.prefix import SENTENCE, Threshold


def call(name: str, arguments: str) -> dict[str, Any]:
    return {"tool_calls": [{"function": {"name": name, "arguments": arguments}}]}


@pytest.mark.parametrize(
    ("tokens", "message", "reached"),
    [
        (SENTENCE, {"content": "Paris is the capital of"}, False),
        (SENTENCE, {"content": "Paris. It"}, True),
        (SENTENCE, {"content": "first line\nsecond"}, True),
        (SENTENCE, {"content": "3.14159"}, False),
        (SENTENCE, {"content": "東京です。"}, True),
        (SENTENCE, {"content": "x" * 400}, True),
        (SENTENCE, {"content": None}, False),
        (10, {"content": "Paris. It"}, False),
        (10, {"content": "y" * 40}, True),
        (SENTENCE, call("fly", ""), False),
        (SENTENCE, call("fly", '{"to'), True),
        (SENTENCE, call("", "{"), False),
    ],
)
def test_what_counts_as_a_part_that_can_be_judged(tokens: int, message: dict[str, Any], reached: bool) -> None:
    assert Threshold(tokens).reached(message) is reached


def test_what_was_reached_once_stays_so() -> None:
    threshold = Threshold(SENTENCE)
    assert threshold.reached({"content": "One. "})
    assert threshold.reached({"content": ""})


def test_it_is_looked_at_ever_more_seldom() -> None:
    threshold = Threshold(20)
    assert not threshold.due(79)
    looks = sum(threshold.due(chars) for chars in range(80, 100_000))
    assert looks < 80
