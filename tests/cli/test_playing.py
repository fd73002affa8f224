"""Questions played through a running proxy: answered, graded on both sides, and labelled in its ledger."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from router.cli.playing import Item, Played, QuestionCost, play
from tests.conftest import OpenHouse, Scripted

CHEAP = QuestionCost("a", Decimal(1), Decimal(4), alone=1.0)


def right(message: Mapping[str, Any]) -> float:
    return float(message["content"] == "42")


def test_each_question_is_labelled_with_the_grades_of_both_models(open_house: OpenHouse, scripted: Scripted) -> None:
    small, big = scripted(), scripted()
    small.answers(lambda request: "41")
    big.answers(lambda request: "42")
    house = open_house({"small": small, "big": big})
    item = Item({"messages": [{"role": "user", "content": "six times seven?"}]}, "sums", right)
    steps: list[int] = []
    playing = play(house.url, [item], house.runtime, lambda: steps.append(1))
    played = asyncio.run_coroutine_threadsafe(playing, house.server.loop).result(60)
    assert (played.answered, played.errors, len(steps)) == (1, {}, 1)
    (label,) = house.ledger("labels")
    assert (label["small_quality"], label["big_quality"], label["use"]) == (0.0, 1.0, "watch")
    (exchange,) = house.ledger("exchanges")
    assert label["exchange"] == exchange["id"]
    assert exchange["tags"] == {"world": "sums"}


def test_what_was_spent_is_a_share_of_the_big_models_bill() -> None:
    played = Played(costs=[CHEAP, QuestionCost("b", Decimal(3), Decimal(4), alone=0.0)])
    assert played.cost_share().value == pytest.approx(0.5)
    assert played.cost_share("a").value == pytest.approx(0.25)
    assert played.small_alone() == 0.5


def test_a_cost_that_is_not_known_leaves_the_share_unknown() -> None:
    assert Played(costs=[CHEAP, QuestionCost("a", None, Decimal(4))]).cost_share().value is None
    assert Played().small_alone() is None
