"""Savings per conversation: routed against held out, and nothing said of either while too few are."""

from typing import Any

import numpy as np
import pytest

from bench.savings_coverage import compared, covered_conversations
from router.reports.arms import MIN_HELD, USUAL_CV, arms


def conversations(
    routed: int, held: int, *, cost: int = 100, spent: int = 25, unknown: int = 0
) -> list[dict[str, Any]]:
    """Rows of conversations: a held-out one costs `cost`, a routed one `spent`."""
    made = [{"holdout": False, "open_n": 1, "open_spent": spent, "unknown_calls": 0}] * routed
    return made + [{"holdout": True, "open_n": 1, "open_spent": cost, "unknown_calls": unknown}] * held


def test_what_a_routed_conversation_costs_less_than_a_held_out_one_is_saved() -> None:
    found = arms(conversations(200, 50))
    assert (found.routed, found.held_out) == (200, 50)
    assert found.saved_share.value == pytest.approx(0.75)


def test_nothing_is_said_while_too_few_are_held_out() -> None:
    found = arms(conversations(200, MIN_HELD - 1))
    assert found.saved_share.value is None
    assert (found.cv, found.needed) == (USUAL_CV, 3458)


def test_nothing_is_said_where_a_cost_is_unknown() -> None:
    assert arms(conversations(200, 50, unknown=1)).saved_share.value is None


def test_what_stays_local_or_names_an_upstream_is_on_neither_side() -> None:
    outside = [{"holdout": True, "open_n": 0, "open_spent": 0, "unknown_calls": 1}]
    found = arms(conversations(200, 50) + outside)
    assert (found.held_out, found.saved_share.known) == (50, True)


def test_the_more_costs_vary_the_more_must_be_held_out() -> None:
    even, uneven = conversations(10, 40), [*conversations(10, 20), *conversations(0, 20, cost=900)]
    assert arms(uneven).cv > arms(even).cv == 0
    assert arms(uneven).needed > arms(even).needed


def test_thirty_held_out_conversations_hold_what_was_saved_about_as_often_as_they_say() -> None:
    held, above, _ = covered_conversations(1.5, 30, 700, days=100)
    assert held >= 0.9  # draws alone do in 81 of 100
    assert above <= 0.08


def test_many_of_them_have_a_narrow_interval() -> None:
    few, many = (compared(np.random.default_rng(4), 1.5, held, 2000).saved_share for held in (30, 1000))
    assert (many.high or 0) - (many.low or 0) < 0.4 * ((few.high or 0) - (few.low or 0))
