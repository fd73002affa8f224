"""Curves, cuts and errors are what a hand computes on few rows."""

from math import inf

import numpy as np
import pytest

from classifier import curve
from classifier.curve import Grades


def grades(small: list[float]) -> Grades:
    """Rows whose large answer is always right, each a question of its own."""
    n = len(small)
    ones = np.ones(n)
    return Grades(np.array(small), ones, 0 * ones, ones, np.arange(n, dtype=np.int64))


def test_a_cut_keeps_the_loss_over_all_requests_within_the_level() -> None:
    seen = grades([1, 1, 1, 0, 1, 0, 0, 0, 0, 0])
    ranking = curve.rank(np.arange(10.0))
    assert curve.cut(ranking, seen, 0.1, 0.0) == 4.0
    assert curve.cut(ranking, seen, 0.2, 0.0) == 5.0


def test_a_cut_with_a_margin_is_stricter() -> None:
    seen = grades([1, 1, 1, 0, 1, 0, 0, 0, 0, 0])
    assert curve.cut(curve.rank(np.arange(10.0)), seen, 0.1, 1.645) < 4.0


def test_the_same_questions_asked_again_make_no_cut_bolder() -> None:
    random = np.random.default_rng(3)
    small = (random.random(200) > np.linspace(0.0, 0.3, 200)).astype(float).tolist()
    once, score = grades(small), np.arange(200.0)
    ones, again_small = np.ones(1000), np.repeat(once.small, 5)
    again = Grades(again_small, ones, 0 * ones, ones, np.repeat(once.groups, 5))
    strict = curve.cut(curve.rank(score), once, 0.05, 1.645)
    assert curve.cut(curve.rank(np.repeat(score, 5)), again, 0.05, 1.645) == strict
    apart = Grades(again_small, ones, 0 * ones, ones, np.arange(1000))
    assert curve.cut(curve.rank(np.repeat(score, 5)), apart, 0.05, 1.645) > strict


def test_one_question_answered_by_two_small_models_at_two_scores_is_one_question() -> None:
    random = np.random.default_rng(5)
    right = random.random(400) > np.linspace(0.0, 0.2, 400)
    one, pair = np.arange(400), np.arange(800) // 2
    small = np.repeat(right, 2).astype(float)
    ones, ranking = np.ones(800), curve.rank(np.arange(800.0))
    by_question = curve.cut(ranking, Grades(small, ones, 0 * ones, ones, pair), 0.03, 1.645)
    by_row = curve.cut(ranking, Grades(small, ones, 0 * ones, ones, np.arange(800)), 0.03, 1.645)
    alone = curve.cut(curve.rank(one.astype(float)), grades(right.astype(float).tolist()), 0.03, 1.645)
    assert by_question == pytest.approx(2 * alone, abs=2)
    assert by_question < by_row


def test_a_question_asked_most_often_widens_the_margin_by_as_much_as_it_weighs() -> None:
    random = np.random.default_rng(6)
    groups = np.r_[np.zeros(300, dtype=np.int64), np.arange(1, 301)]  # half of the rows ask one question
    right = np.r_[np.ones(300), (random.random(300) > np.linspace(0.0, 0.3, 300)).astype(float)]
    score = np.r_[np.linspace(0.0, 300.0, 300) + 0.5, np.arange(300.0)]
    ones = np.ones(600)
    found = curve.cut(curve.rank(score), Grades(right, ones, 0 * ones, ones, groups), 0.05, 1.645)

    def bound(cut: float) -> float:
        z = np.where(score <= cut, 1 - right, 0.0) - 0.05
        by_question = np.bincount(groups, weights=z - z.mean())
        return float(z.mean() + 1.645 * (by_question**2).sum() ** 0.5 / 600)

    safe = [cut for cut in sorted(score) if bound(cut) <= 0]
    assert found == (safe[-1] if safe else -inf)


def test_where_no_row_is_safe_nobody_is_asked() -> None:
    assert curve.cut(curve.rank(np.zeros(4)), grades([0, 0, 0, 0]), 0.02, 0.0) == -inf


def test_equal_scores_stand_on_one_side_of_a_cut() -> None:
    seen = grades([1, 0, 1, 1])
    assert curve.cut(curve.rank(np.array([0.1, 0.1, 0.2, 0.3])), seen, 0.2, 0.0) == -inf


def test_a_ranking_that_knows_everything_recovers_more_than_a_blind_one() -> None:
    seen = grades([1.0, 0.0] * 50)
    weight = np.ones(100)
    oracle, _, _ = curve.gap_recovered(curve.rank(seen.gain), seen, weight)
    against, _, _ = curve.gap_recovered(curve.rank(-seen.gain), seen, weight)
    assert against < 0.5 < oracle


def test_without_a_gap_nothing_can_be_recovered() -> None:
    seen = grades([1.0] * 20)
    value, _, _ = curve.gap_recovered(curve.rank(np.arange(20.0)), seen, np.ones(20))
    assert np.isnan(value)
    assert curve.needed(np.array([0.0, 1.0]), np.array([1.0, 1.0]), seen, 0.5) is None


def test_auroc_is_the_chance_of_the_right_order() -> None:
    assert curve.auroc(np.array([1.0, 2.0, 3.0, 3.0]), np.array([False, True, False, True])) == pytest.approx(0.625)
    assert curve.auroc(np.array([1.0]), np.array([True])) is None


def test_calibration_error_is_the_gap_between_said_and_seen() -> None:
    assert curve.calibration_error(np.full(10, 0.9), np.arange(10) < 7) == pytest.approx(0.2)


def test_resampling_draws_whole_questions() -> None:
    groups = np.array([0, 0, 1, 1, 2, 2], dtype=np.int64)
    for weight in curve.resamples(groups, 20, 1):
        assert weight[::2].tolist() == weight[1::2].tolist()
        assert weight.sum() == 6
