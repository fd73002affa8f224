"""An hour of dollars, its clock wound by hand: what is held, what is forgotten, and when it is said."""

from decimal import Decimal

from router.core.spill import HOUR_US, QUIET_US, SECOND_US, Hour

ONE, TEN = Decimal(1), Decimal(10)
START = 1_800_000_000 * SECOND_US


def test_what_is_under_way_counts_as_if_it_cost_the_most_it_may() -> None:
    hour = Hour()
    assert [hour.hold(str(n), Decimal(4), TEN, START) for n in range(3)] == [None, None, 5.0]
    hour.settle("0", ONE, START)
    assert hour.hold("3", Decimal(4), TEN, START) is None
    assert hour.paid(START) == ONE


def test_what_was_paid_is_forgotten_after_an_hour_and_the_wait_is_told_till_then() -> None:
    hour = Hour()
    assert hour.hold("a", TEN, TEN, START) is None
    hour.settle("a", TEN, START)
    assert hour.hold("b", ONE, TEN, START + HOUR_US // 2) == 1800.0
    assert hour.hold("b", ONE, TEN, START + HOUR_US) is None
    assert hour.paid(START + HOUR_US) == 0


def test_a_call_that_could_never_fit_is_told_to_come_back_in_an_hour() -> None:
    assert Hour().hold("a", TEN, ONE, START) == 3600.0


def test_a_cost_that_is_unknown_counts_as_the_most_it_may_be() -> None:
    hour = Hour()
    hour.hold("a", Decimal(3), TEN, START)
    hour.settle("a", None, START)
    assert hour.paid(START) == 3


def test_a_plan_that_goes_on_to_another_who_costs_holds_for_both() -> None:
    hour = Hour()
    assert (hour.hold("a", ONE, TEN, START), hour.hold("a", ONE, TEN, START)) == (None, None)
    assert hour.held == {"a": Decimal(2)}


def test_the_rate_is_over_the_time_of_the_trouble_and_at_least_a_minute() -> None:
    hour = Hour()
    hour.hold("a", ONE, TEN, START)
    hour.settle("a", ONE, START + SECOND_US)
    assert hour.rate(START + SECOND_US) == 60
    assert hour.rate(START + HOUR_US // 4) == 4


def test_it_is_said_once_a_trouble_after_a_minute_or_when_the_budget_is_spent() -> None:
    hour = Hour()
    hour.hold("a", ONE, TEN, START)
    assert not hour.to_be_said(START + 59 * SECOND_US, spent=False)
    assert hour.to_be_said(START + 60 * SECOND_US, spent=False)
    assert not hour.to_be_said(START + 61 * SECOND_US, spent=True)
    later = START + QUIET_US + 62 * SECOND_US
    hour.hold("b", ONE, TEN, later)
    assert hour.to_be_said(later, spent=True)
