"""Families with structured answers: JSON whose facts are in the ask, and calls that the tools on offer take."""

import json
from random import Random

import pytest

from router.builtin import structured
from router.builtin.applications import INTAKE, ORDERS
from router.builtin.draft import Shift, ToolCall

SEEDS = range(80)
SHIFTS = pytest.mark.parametrize("shift", [Shift(), Shift(wording=True, entities=True)], ids=["taught", "shifted"])


@SHIFTS
def test_every_fact_to_extract_is_in_the_ask(shift: Shift) -> None:
    topics = set()
    for seed in SEEDS:
        draft = structured.extract(Random(seed), shift)
        topics.add((draft.topic, draft.application))
        assert isinstance(draft.answer, str)
        assert all(str(fact) in draft.ask for fact in json.loads(draft.answer).values())
    assert topics == {("person", INTAKE), ("order", ORDERS)}


@SHIFTS
def test_a_call_is_of_a_tool_on_offer_with_just_its_arguments(shift: Shift) -> None:
    called = set()
    for seed in SEEDS:
        draft = structured.tools(Random(seed), shift)
        assert isinstance(draft.answer, ToolCall)
        offered = {tool["function"]["name"]: tool["function"]["parameters"] for tool in draft.application.tools}
        assert sorted(offered[draft.answer.name]["required"]) == sorted(draft.answer.arguments)
        assert all(str(value) in draft.ask for value in draft.answer.arguments.values())
        called.add(draft.answer.name)
    assert called == {"get_weather", "set_timer", "play_music", "find_item", "add_to_cart"}
