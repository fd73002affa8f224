"""The retry budget: a tenth of the requests, what is worth another try, and after how long."""

import pytest

from router.core.errors import NotReady, UpstreamError, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from router.core.retries import Retries, worth_another

DOWN = UpstreamFailed("down", upstream="big", upstream_status=500)


def limited(seconds: str) -> UpstreamRefused:
    return UpstreamRefused("slow down", upstream="big", upstream_status=429, headers={"retry-after": seconds})


def test_an_outage_is_met_with_at_most_a_tenth_more_calls() -> None:
    budget, again = Retries(), 0
    for _ in range(1000):
        budget.asked()
        again += budget.wait_s(DOWN, 0.5) is not None
    assert 95 <= again <= 100


def test_a_quiet_time_saves_up_ten_and_no_more() -> None:
    budget = Retries()
    for _ in range(1000):
        budget.asked()
    assert sum(budget.wait_s(DOWN, 0.5) is not None for _ in range(50)) == 10


def test_a_retry_that_is_no_choice_is_a_debt() -> None:
    budget = Retries()
    for _ in range(10):
        budget.asked()
    budget.owe()
    assert budget.wait_s(DOWN, 0.5) is None
    for _ in range(100):
        budget.owe()
    assert budget.tokens == -10


@pytest.mark.parametrize(
    ("error", "draw", "wait_s"),
    [
        (DOWN, 0.0, 0.1),
        (DOWN, 0.99, 0.298),
        (limited("1"), 0.5, 1.1),
        (limited("2"), 0.0, 2.0),
        (limited("3"), 0.0, None),
    ],
    ids=["soonest", "latest", "as asked", "longest", "too long"],
)
def test_it_waits_a_moment_of_its_own_or_as_long_as_it_is_asked_to(
    error: UpstreamError, draw: float, wait_s: float | None
) -> None:
    assert Retries(5.0).wait_s(error, draw) == (None if wait_s is None else pytest.approx(wait_s))


def test_what_is_not_tried_again_costs_no_token() -> None:
    budget = Retries(5.0)
    budget.wait_s(limited("3"), 0.5)
    budget.wait_s(UpstreamTimeout("slow", upstream="big"), 0.5)
    assert budget.tokens == 5


@pytest.mark.parametrize(
    ("error", "worth"),
    [
        (DOWN, True),
        (UpstreamFailed("no", upstream="s", code="unreachable"), True),
        (UpstreamFailed("no", upstream="s", code="in_band", upstream_status=200), False),
        (UpstreamRefused("no", upstream="s", upstream_status=400), False),
        (UpstreamTimeout("slow", upstream="s"), False),
        (NotReady("full", upstream="s", code="full"), False),
    ],
    ids=["500", "unreachable", "in band", "400", "timeout", "full"],
)
def test_only_what_may_succeed_in_a_moment_is_tried_again(error: UpstreamError, worth: bool) -> None:
    assert worth_another(error) is worth


def test_a_call_of_ones_own_choice_takes_a_token_where_there_is_one() -> None:
    budget = Retries(tokens=1.0)
    assert (budget.take(), budget.take(), budget.tokens) == (True, False, 0.0)
