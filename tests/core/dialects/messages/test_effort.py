"""How hard a model shall think, from either house's words to the other's."""

import pytest

from router.core.dialects.messages.effort import BUDGETS, MIN_BUDGET, effort_of, thinking_of


@pytest.mark.parametrize(("budget", "effort"), [(1024, "low"), (2_048, "low"), (2_049, "medium"), (99_999, "max")])
def test_a_budget_is_the_least_effort_that_covers_it(budget: int, effort: str) -> None:
    assert effort_of({"type": "enabled", "budget_tokens": budget}, None) == effort


def test_a_named_effort_wins_over_a_budget_and_off_over_both() -> None:
    budget = {"type": "enabled", "budget_tokens": 1024}
    assert effort_of(budget, {"effort": "high"}) == "high"
    assert effort_of({"type": "disabled"}, {"effort": "high"}) == "none"
    assert effort_of(None, None) is None


@pytest.mark.parametrize("effort", list(BUDGETS))
def test_an_effort_comes_back_from_its_budget(effort: str) -> None:
    thinking = thinking_of(effort, 200_000, adaptive=False)["thinking"]
    assert thinking == {"type": "enabled", "budget_tokens": BUDGETS[effort]}
    assert effort_of(thinking, None) == effort


def test_a_budget_stays_below_the_answers_limit_or_is_not_given() -> None:
    assert thinking_of("max", 5_000, adaptive=False)["thinking"]["budget_tokens"] == 4_999
    assert thinking_of("max", MIN_BUDGET, adaptive=False) == {}


def test_who_thinks_adaptively_is_given_the_word() -> None:
    assert thinking_of("minimal", 100, adaptive=True)["output_config"] == {"effort": "low"}
    assert thinking_of("none", 100, adaptive=True) == {"thinking": {"type": "disabled"}}
