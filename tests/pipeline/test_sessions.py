"""Conversations remembered: who answered last, for an hour, and what that makes of a plan."""

from decimal import Decimal

import pytest

from policies.policy import Plan, Step
from router.core.exchange import MANY, UNHEARD
from router.core.prices import FREE, UNKNOWN, Price, PriceState
from router.pipeline.sessions import (
    CACHE_US,
    EXPIRES_US,
    REMEMBERED,
    Sessions,
    Turn,
    answerer,
    cache_loss,
    cheaper_to_stay,
    continues,
    pinned,
)
from tests.store.records import NOON

SMALL, BIG = Step("small", ("refusal",)), Step("big")
BOTH = Plan((SMALL, BIG))


def test_the_last_who_answered_is_remembered() -> None:
    sessions = Sessions()
    sessions.note("s", Turn("small", NOON))
    sessions.note("s", Turn("big", NOON + 1, alone=False, cached=7))
    assert sessions.last("s", NOON + 2) == Turn("big", NOON + 1, alone=False, cached=7)
    assert sessions.last("other", NOON) is None


def test_after_an_hour_or_what_is_said_it_is_forgotten() -> None:
    sessions = Sessions()
    sessions.note("s", Turn("big", NOON))
    assert sessions.last("s", NOON + EXPIRES_US - 1) is not None
    assert sessions.last("s", NOON + EXPIRES_US) is None
    assert sessions.last("s", NOON + 10, expires_us=10) is None


def test_the_conversation_that_was_quiet_longest_makes_room() -> None:
    sessions = Sessions()
    for number in range(REMEMBERED):
        sessions.note(str(number), Turn("big", NOON))
    sessions.note("0", Turn("big", NOON))
    sessions.note("new", Turn("big", NOON))
    assert sessions.last("1", NOON) is None
    assert sessions.last("0", NOON) == sessions.last("new", NOON) == Turn("big", NOON)


@pytest.mark.parametrize(
    ("turn", "who"), [(None, UNHEARD), (Turn("big", NOON), "big"), (Turn("big", NOON, alone=False), MANY)]
)
def test_a_conversation_has_one_answerer_only_where_that_is_known(turn: Turn | None, who: str) -> None:
    assert answerer(turn) == who


@pytest.mark.parametrize(
    ("roles", "later"),
    [("user", False), ("system user", False), ("user assistant user", True), ("user assistant tool", True)],
)
def test_a_turn_is_a_later_one_when_somebody_answered_before(roles: str, later: bool) -> None:
    assert continues({"messages": [{"role": role} for role in roles.split()]}) is later


@pytest.mark.parametrize(
    ("plan", "last", "in_tool_loop", "local", "kept"),
    [
        (BOTH, "small", False, True, None),
        (BOTH, "small", True, True, Plan((Step("small"), BIG))),
        (BOTH, "big", True, False, Plan((BIG,))),
        (Plan((BIG,)), "big", True, False, None),
        (Plan((SMALL,), local_only=True), "small", True, True, Plan((Step("small"),), local_only=True)),
        (BOTH, "big", False, False, Plan((BIG,))),
        (Plan((BIG,)), "small", False, True, None),
        (Plan((BIG,)), "small", True, True, Plan((Step("small"), BIG))),
        (Plan((SMALL,)), "big", True, False, Plan((BIG, SMALL))),
        (Plan((SMALL,)), "big", False, False, Plan((BIG,))),
        (Plan((SMALL,), local_only=True), "big", True, False, None),
    ],
)
def test_a_conversation_goes_up_and_never_down_and_switches_in_no_tool_loop(
    plan: Plan, last: str, in_tool_loop: bool, local: bool, kept: Plan | None
) -> None:
    assert pinned(plan, last, in_tool_loop=in_tool_loop, local=local) == kept


DEAR = Price(PriceState.KNOWN, Decimal("2.50"), Decimal(10), cached_input=Decimal("0.25"))
CHEAP = Price(PriceState.KNOWN, Decimal("0.50"), Decimal(2))


def test_a_lost_cache_costs_its_tokens_times_the_difference_in_price() -> None:
    turn = Turn("big", NOON, cached=12_000)
    assert cache_loss(turn, DEAR, 0) == (12_000, Decimal("0.027"))
    assert cache_loss(turn, UNKNOWN, 0) == (12_000, None)
    assert cache_loss(turn, FREE, 0) == (12_000, Decimal(0))
    assert cache_loss(turn, DEAR, CACHE_US) == (0, Decimal(0))
    assert cache_loss(Turn("big", NOON), DEAR, 0) == cache_loss(None, DEAR, 0) == (0, Decimal(0))


@pytest.mark.parametrize(
    ("cached", "small", "stays"),
    [(10_000, CHEAP, True), (0, CHEAP, False), (2_000, CHEAP, False), (10_000, FREE, False), (10_000, UNKNOWN, False)],
)
def test_a_step_that_costs_more_than_a_warm_cache_is_passed_over(cached: int, small: Price, stays: bool) -> None:
    kept = cheaper_to_stay(BOTH, "big", (11_000, cached), {"small": small, "big": DEAR})
    assert kept == (Plan((BIG,)) if stays else None)


def test_who_is_no_later_step_of_the_plan_is_not_stayed_with() -> None:
    prices = {"small": CHEAP, "big": DEAR}
    assert cheaper_to_stay(Plan((SMALL,)), "big", (9, 9), prices) is None
    assert cheaper_to_stay(Plan((BIG, SMALL)), "big", (9, 9), prices) is None
