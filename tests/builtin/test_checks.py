"""The exact checkers: right by value, in whatever spelling; wrong when the answer is wrong or hedged."""

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

import pytest

from router.builtin.applications import CHAT
from router.builtin.checks import check
from router.builtin.draft import ToolCall
from router.builtin.questions import FAMILIES, Question, stream
from router.builtin.sheet import recording

PERSON = {"name": "Anna", "job": "baker", "city": "Oslo"}
TIMER = ToolCall("set_timer", {"minutes": 9})


def question(family: str, ask: str, answer: str | ToolCall) -> Question:
    return Question(f"builtin:{family}", family, CHAT.body(ask), answer, shifted=False, split="play", topic="")


def said(text: str | None) -> Mapping[str, Any]:
    return {"role": "assistant", "content": text}


def called(name: str, arguments: str, times: int = 1) -> Mapping[str, Any]:
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call] * times}


ASKED = {
    "capital": question("capital", "What is the capital of France?", "Paris"),
    "sentiment": question("sentiment", "The meal was not bad.", "positive"),
    "name": question("name", "Rosa is my friend, I am Tom. What is my name?", "Tom"),
    "ticket": question("ticket", "I was charged twice. Anna", "billing"),
    "odd": question("odd", "Odd one out: pear, saw, plum, fig.", "saw"),
    "choice": question("choice", "Pick the tool.\nA) pear\nB) saw\nC) red\nD) tea", "B"),
    "reverse": question("reverse", "Reverse the word abc.", "cba"),
    "add1": question("add1", "What is 4+5?", "9"),
    "add2": question("add2", "What is 55+55?", "110"),
    "add3": question("add3", "Add 600 and 634.", "1234"),
    "larger": question("larger", "Which is larger, 40 or 7?", "40"),
    "units": question("units", "What is 3 km in m?", "3000 m"),
    "dates": question("dates", "What comes 2 days after Monday?", "Wednesday"),
    "extract": question("extract", "Anna is a baker in Oslo.", json.dumps(PERSON)),
    "tools": question("tools", "Set a timer for 9 minutes.", TIMER),
}
RIGHT = {
    "capital": [
        said("Paris"),
        said(" paris. "),
        said("The capital of France is **Paris**."),
        said("Paris is the one."),
    ],
    "sentiment": [said("positive"), said("Positive."), said("The review is positive!")],
    "name": [said("Tom"), said("Your name is Tom.")],
    "ticket": [said("billing"), said("Billing desk, please")],
    "odd": [said("saw"), said("The odd one out is: Saw.")],
    "choice": [said("B"), said("b"), said("B) saw"), said("The answer is (B).")],
    "reverse": [said("cba"), said("'CBA'")],
    "add1": [said("9"), said("4+5 = 9"), said("9.0")],
    "add2": [said("110"), said("55 + 55 makes 110.")],
    "add3": [said("1234"), said("1,234"), said("It is 1234.00")],
    "larger": [said("40"), said("Of 7 and 40 the larger is 40.")],
    "units": [said("3000 m"), said("3,000"), said("3 km are 3000 m.")],
    "dates": [said("Wednesday"), said("That is a wednesday.")],
    "extract": [
        said('{"city":"Oslo","job":"baker","name":"Anna"}'),
        said('```json\n{"name": "Anna", "job": "baker", "city": "Oslo"}\n```'),
    ],
    "tools": [called("set_timer", '{"minutes": 9}'), called("set_timer", '{ "minutes":9.0 }')],
}
WRONG = {
    "capital": [said("Lyon"), said("Paris or Lyon"), said(""), said(None), called("set_timer", "{}")],
    "sentiment": [said("negative"), said("positive or negative"), said("fine")],
    "name": [said("Rosa"), said("Tomas")],
    "ticket": [said("technical"), said("billing and account")],
    "odd": [said("pear"), said("saw or pear")],
    "choice": [said("A"), said("A or B"), said("saw")],
    "reverse": [said("abc"), said("cbaa")],
    "add1": [said("8"), said("9 or 10"), said("nine")],
    "add2": [said("11"), said("1100")],
    "add3": [said("1235"), said("1.234")],
    "larger": [said("7"), said("41")],
    "units": [said("300 m"), said("3000 km"), said("3")],
    "dates": [said("Thursday"), said("Wednesday or Thursday")],
    "extract": [said('{"name": "Anna"}'), said(json.dumps({**PERSON, "age": 3})), said("Anna"), said("[1]")],
    "tools": [
        said("Done."),
        called("set_timer", '{"minutes": 8}'),
        called("play_music", '{"minutes": 9}'),
        called("set_timer", "{"),
        called("set_timer", '{"minutes": true}'),
        called("set_timer", '{"minutes": 9}', times=2),
    ],
}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_right_answer_is_right_in_every_spelling(family: str) -> None:
    assert [check(ASKED[family], reply) for reply in RIGHT[family]] == [1.0] * len(RIGHT[family])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_wrong_or_hedged_answer_is_wrong(family: str) -> None:
    assert [check(ASKED[family], reply) for reply in WRONG[family]] == [0.0] * len(WRONG[family])


def test_true_is_not_the_number_one() -> None:
    one = question("tools", "Set a timer for 1 minute.", ToolCall("set_timer", {"minutes": 1}))
    assert check(one, called("set_timer", '{"minutes": true}')) == 0.0


@pytest.mark.parametrize("shifted", [False, True])
def test_every_drawn_answer_passes_its_own_checker(shifted: bool) -> None:
    for drawn in islice(stream(shifted=shifted), 1500):
        assert check(drawn, recording(drawn).message) == 1.0, drawn


@pytest.mark.parametrize("shifted", [False, True])
def test_the_answer_to_another_question_is_mostly_wrong(shifted: bool) -> None:
    drawn = list(islice(stream(shifted=shifted), 900))
    later = drawn[len(FAMILIES) :]
    luck = sum(check(one, recording(other).message) for one, other in zip(drawn, later, strict=False)) / len(later)
    assert luck < 0.25
