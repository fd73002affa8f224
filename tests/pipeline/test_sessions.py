"""Conversations remembered: who answered last, for an hour, and what that makes of a plan."""

import pytest

from policies.policy import Plan, Step
from router.pipeline.sessions import EXPIRES_US, REMEMBERED, Sessions, continues, pinned
from tests.store.records import NOON

SMALL, BIG = Step("small", ("refusal",)), Step("big")
BOTH = Plan((SMALL, BIG))


def test_the_last_who_answered_is_remembered() -> None:
    sessions = Sessions()
    sessions.note("s", "small", NOON)
    sessions.note("s", "big", NOON + 1)
    assert sessions.last("s", NOON + 2) == "big"
    assert sessions.last("other", NOON) is None


def test_after_an_hour_it_is_forgotten() -> None:
    sessions = Sessions()
    sessions.note("s", "big", NOON)
    assert sessions.last("s", NOON + EXPIRES_US - 1) == "big"
    assert sessions.last("s", NOON + EXPIRES_US) is None


def test_the_conversation_that_was_quiet_longest_makes_room() -> None:
    sessions = Sessions()
    for number in range(REMEMBERED):
        sessions.note(str(number), "big", NOON)
    sessions.note("0", "big", NOON)
    sessions.note("new", "big", NOON)
    assert sessions.last("1", NOON) is None
    assert sessions.last("0", NOON) == sessions.last("new", NOON) == "big"


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
