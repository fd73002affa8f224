"""A value is held against what was asked: figures, letters, a tool's words; what is not known is NaN."""

from math import isnan, log10
from typing import Any

import pytest

from classifier.grounds import FEATURES, ground_of, stands
from classifier.values import Kind


def ask(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


def found(body: dict[str, Any], value: str | None, kind: Kind) -> dict[str, float]:
    return dict(zip(FEATURES, stands(value, kind, ground_of(body, kind)), strict=True))


@pytest.mark.parametrize(
    ("value", "whole", "size", "grounded"),
    [("12", 1.0, log10(13), 1.0), ("-2.5", 0.0, log10(3.5), 0.0), ("1200", 1.0, log10(1201), 1.0)],
)
def test_a_number_is_whole_or_not_and_may_be_one_of_those_given(
    value: str, whole: float, size: float, grounded: float
) -> None:
    told = found(ask("Of 1,200 apples 12 rot. How many are left?"), value, "number")
    assert told["value_whole"] == whole
    assert told["value_size"] == pytest.approx(size)
    assert told["value_grounded"] == grounded
    assert told["value_ungrounded"] == 1 - grounded


def test_an_expression_is_told_from_numbers() -> None:
    told = found(ask("Solve it for 3."), "3x+1", "number")
    assert told["value_whole"] == -1
    assert isnan(told["value_size"])


def test_a_choice_has_its_place() -> None:
    assert found(ask("Which?\nA. x\nB. y\nC. z"), "C", "choice")["value_size"] == 2


WEATHER = {"function": {"name": "get_weather", "description": "Tells the weather of a city on a day"}}
MAIL = {"function": {"name": "send_mail", "description": "Sends a mail to a person"}}


def test_arguments_taken_from_the_ask_are_grounded_and_made_up_ones_are_not() -> None:
    body = ask("What is the weather in Lyon on day 3?", tools=[WEATHER, MAIL])
    told = found(body, '[["getweather",{"city":"lyon","day":"3","unit":"celsius"}]]', "tools")
    assert told["value_grounded"] == pytest.approx(2 / 3)
    assert told["value_ungrounded"] == 1
    assert told["call_overlap"] == told["call_overlap_most"] > 0


def test_a_call_that_does_not_fit_the_words_overlaps_less_than_the_best_on_offer() -> None:
    body = ask("What is the weather in Lyon?", tools=[WEATHER, MAIL])
    told = found(body, '[["sendmail",{"to":"lyon"}]]', "tools")
    assert told["call_overlap"] < told["call_overlap_most"]


def test_no_call_has_nothing_to_ground() -> None:
    told = found(ask("Hello", tools=[WEATHER]), "[]", "tools")
    assert isnan(told["value_grounded"])
    assert isnan(told["call_overlap"])


def test_leaves_of_json_are_held_against_the_ask() -> None:
    told = found(ask("Mia Lang is 31. Give JSON."), '{"age":"31","name":"mialang","town":"bern"}', "json")
    assert told["value_grounded"] == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", ["code", None])
def test_what_is_not_compared_by_value_has_no_ground(kind: Kind | None) -> None:
    assert ground_of(ask("Write a function"), kind) is None
    assert all(isnan(one) for one in stands("x", kind, None))


@pytest.mark.parametrize("value", ["nan", "[[", '"a', "[1,[2]]", '{"a":[[[]]]}', "[[]]", "true"])
def test_whatever_a_value_is_nothing_raises(value: str) -> None:
    for kind in ("number", "choice", "label", "json", "tools"):
        stands(value, kind, ground_of(ask("a 1", tools=[WEATHER]), kind))
