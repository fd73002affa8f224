"""The bench that counts how often reports hold the truth goes through a ledger, and can tell when they do not."""

import pytest

from bench.reports_coverage import RATED, SAVED, Tally, tallied
from bench.reports_days import Graded, Traffic
from router.reports.intervals import Estimate


def test_every_figure_of_a_day_is_set_beside_its_truth() -> None:
    told = tallied(Traffic(120, held=0.3, retried=0.3, samples=3), days=2)
    assert {name: tally.inside + tally.above + tally.below for name, tally in told.items()} == {
        "saved": 2,
        "saved share": 2,
        "answered small": 2,
    }
    assert tallied(Graded(40, kept=1.0), days=1)["loss among kept"].inside == 1


def test_a_price_that_is_not_known_leaves_days_without_an_interval() -> None:
    assert tallied(Traffic(120, held=0.3, unknown=1.0), days=1)["saved"].none == 1


def test_where_nothing_is_kept_the_baseline_is_what_was_spent() -> None:
    day = Traffic(50, kept=0.0).day(0, (1, 1))
    assert day.truth["saved"] == pytest.approx(0.0, abs=1e-12)
    assert day.truth["answered small"] == 0.0


def test_a_truth_outside_is_counted_on_its_side() -> None:
    tally = Tally()
    for truth in (0.5, 1.5, -0.5):
        tally.add(Estimate(0.5, 0.0, 1.0, 9), truth)
    assert (tally.inside, tally.above, tally.below, tally.none) == (1, 1, 1, 0)
    tally.add(Estimate(0.5), 0.5)
    assert str(tally) == "33.3 | 33.3 | 33.3 | 1 | 1"


def test_each_case_has_a_truth_for_each_figure() -> None:
    cases: list[Traffic | Graded] = [*SAVED.values(), *RATED.values()]
    assert all(case.day(0, (1, 1)).truth for case in cases if case.conversations < 1000)
