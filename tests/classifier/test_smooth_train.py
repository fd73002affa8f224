"""Tables and curves are least squares with an even pull, each row by its weight."""

import numpy as np
import pytest

from classifier import smooth_train
from classifier.lessons import paths_of, tabulate
from classifier.questions import gather, strengths
from tests.standins.graded_panel import MEMBERS, graded_labels

QUESTIONS = gather(graded_labels(200), MEMBERS, None)
LESSONS = tabulate(QUESTIONS, strengths(QUESTIONS), paths_of(QUESTIONS, "none", b""))
LEARNED = smooth_train.fit(LESSONS.xs, LESSONS.target, None)


def test_tables_and_curves_say_what_least_squares_says() -> None:
    scores, target = smooth_train.score(LEARNED, LESSONS.xs), LESSONS.target
    assert scores.mean() == pytest.approx(target.mean(), abs=1e-6)
    assert ((scores - target) ** 2).mean() < 0.8 * target.var()


def test_agreement_adds_more_than_one_answer() -> None:
    scores, last = smooth_train.score(LEARNED, LESSONS.xs), LESSONS.stage == 3
    assert scores[last & (LESSONS.support >= 2)].mean() > scores[last & (LESSONS.support == 1)].mean() + 0.3


def test_a_row_of_weight_two_counts_as_two_rows() -> None:
    weight = np.where(np.arange(len(LESSONS.xs)) < 100, 2.0, 1.0)
    twice = np.r_[np.arange(100), np.arange(len(LESSONS.xs))]
    one = smooth_train.fit(LESSONS.xs, LESSONS.target, weight)
    other = smooth_train.fit(LESSONS.xs[twice], LESSONS.target[twice], None)
    assert one.patterns == pytest.approx(other.patterns, abs=0.01)


def test_scaled_adds_so_many_times_as_much() -> None:
    half = smooth_train.scaled(LEARNED, 0.5)
    for one in LESSONS.xs[:50].tolist():
        assert half.adds(one) == pytest.approx(0.5 * LEARNED.adds(one), abs=1e-6)
