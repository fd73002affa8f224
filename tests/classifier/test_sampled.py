"""Intervals over questions are exact where they can be, and hold the truth where a few were lost."""

import numpy as np
import pytest

from bench.losses_coverage import Case, bootstrap, covered, product
from classifier.bounds import exact, unseen
from classifier.sampled import Interval, Ratio, Sampled, of_all, of_money, of_quality


def interval(ratio: Ratio, groups: list[int] | None = None, weight: list[float] | None = None) -> Interval:
    n = len(ratio.above)
    rows = np.arange(n) if groups is None else np.array(groups)
    (found,) = Sampled(rows, np.ones(n) if weight is None else np.array(weight), 4000, 7).intervals([ratio])
    return found


@pytest.mark.parametrize("worse", [0, 1, 2, 4, 30])
def test_a_share_of_questions_has_clopper_and_pearsons_interval(worse: int) -> None:
    found = interval(of_all(np.r_[np.ones(worse), np.zeros(100 - worse)]))
    assert found["high"] == pytest.approx(exact(worse, 100), abs=1e-4)
    assert found["low"] == pytest.approx(1 - exact(100 - worse, 100), abs=1e-4)


def test_draws_come_to_the_same_where_nothing_is_exact() -> None:
    harm = np.r_[[1.0, 1.0], np.zeros(97), 1e-6]
    assert interval(of_all(harm))["high"] == pytest.approx(exact(2, 100), rel=0.03)


def test_the_same_question_thrice_is_one_question() -> None:
    once, thrice = np.r_[[1.0], np.zeros(49)], np.repeat(np.r_[[1.0], np.zeros(49)], 3)
    assert interval(of_all(thrice), groups=np.repeat(np.arange(50), 3).tolist()) == interval(of_all(once))


def test_unequal_weights_bound_as_little_as_they_are_worth() -> None:
    found = interval(of_all(np.zeros(30)), weight=[20.0] + [1.0] * 29)
    assert found["high"] is not None
    assert found["high"] >= round(unseen(49**2 / 429), 4) > exact(0, 30)


def test_a_loss_is_relative_to_the_big_ones_grades_and_no_better_than_they_leave_room_for() -> None:
    always_right = interval(of_quality(np.zeros(40), np.ones(40)))
    assert always_right["low"] == 0.0
    assert always_right["high"] == pytest.approx(unseen(40), abs=1e-4)
    half_right = interval(of_quality(np.zeros(40), np.r_[np.ones(20), np.zeros(20)]))
    assert half_right["low"] is not None
    assert half_right["low"] < -0.1


def test_what_a_few_saved_is_bounded_by_one_more_that_saves_nothing() -> None:
    found = interval(of_money(np.ones(2), np.ones(2), np.ones(2)))
    assert found["low"] == pytest.approx(0.025**0.5, abs=1e-4)
    assert found["high"] == 1.0
    dearer = interval(of_money(np.array([-1.0, 0.5]), np.ones(2), np.ones(2)))
    assert dearer["low"] is not None
    assert dearer["low"] < -0.5


def test_nothing_by_nothing_is_no_figure() -> None:
    nothing = np.zeros(3)
    assert interval(of_quality(nothing, nothing)) == {"value": None, "low": None, "high": None}


def test_many_questions_have_an_interval_as_wide_as_the_bootstraps() -> None:
    case = Case("right or wrong", 1000, 0.1, right=0.8)
    for figure in ("harm", "loss"):
        ours, plain = (covered(case, 10, way, figure)[2] for way in (product, bootstrap))
        assert ours == pytest.approx(plain, rel=0.06)


@pytest.mark.parametrize(
    "case",
    [Case("right or wrong", 100, 0.04), Case("graded", 100, 0.05, graded=True), Case("three rows", 60, 0.08, rows=3)],
    ids=lambda case: case.name,
)
def test_where_a_few_were_lost_the_truth_is_held_as_often_as_it_is_said(case: Case) -> None:
    held, above, _ = covered(case, 120, product, "harm")
    assert held >= 0.93
    assert above <= 0.04  # the bootstrap is, in 7 of 100 where 4 of 100 were lost
