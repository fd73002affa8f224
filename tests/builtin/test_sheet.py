"""The answer sheet: it holds what is played, and says what a checker calls right."""

from collections.abc import Mapping
from random import Random

import pytest

from router.builtin.checks import check
from router.builtin.questions import draw, questions
from router.builtin.sheet import recording, sheet, tokens
from router.core.recording import Recording, recording_key


@pytest.fixture(scope="module")
def held() -> Mapping[str, Recording]:
    return sheet()


@pytest.mark.parametrize(("n", "shifted"), [(1400, False), (700, True)])
def test_every_played_question_is_held_with_the_right_reply(
    held: Mapping[str, Recording], n: int, shifted: bool
) -> None:
    played = questions("play", n, shifted=shifted)
    assert len(played) == n
    assert [check(question, held[recording_key(question.body)].message) for question in played] == [1.0] * n


def test_a_plainly_asked_capital_is_held_whatever_model_is_named(held: Mapping[str, Recording]) -> None:
    body = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "What is the capital of France?"}]}
    assert held[recording_key(body)].message == {"role": "assistant", "content": "Paris"}


def test_what_was_never_drawn_is_not_held(held: Mapping[str, Recording]) -> None:
    body = {"messages": [{"role": "user", "content": "Write a poem about rivers."}]}
    assert recording_key(body) not in held


def test_a_tool_call_is_recorded_as_a_tool_call() -> None:
    tool_question = next(question for question in questions("play", 60) if question.family == "tools")
    right = recording(tool_question)
    assert right.finish_reason == "tool_calls"
    assert right.message["content"] is None
    assert right.message["tool_calls"][0]["type"] == "function"


def test_tokens_are_a_quarter_of_the_bytes_rounded_up() -> None:
    assert [tokens(text) for text in ("", "a", "abcd", "abcde", "äöü")] == [0, 1, 1, 2, 2]


def test_usage_adds_up_and_counts_the_tools() -> None:
    plain, tooled = (recording(draw(family, Random(1))).usage for family in ("add1", "tools"))
    assert plain["total_tokens"] == plain["prompt_tokens"] + plain["completion_tokens"]
    assert tooled["prompt_tokens"] > plain["prompt_tokens"] + 50
