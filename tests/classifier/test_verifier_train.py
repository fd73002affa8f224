"""Trees learn who to believe from other folds only, and the best candidate is the best-scored one."""

from dataclasses import replace

import numpy as np
import pytest

from classifier import verifier_train
from classifier.lessons import paths_of, tabulate
from classifier.questions import gather, strengths
from classifier.verifier_train import Recipe
from tests.standins.graded_panel import MEMBERS, graded_labels

QUESTIONS = gather(graded_labels(200), MEMBERS, None)
LESSONS = tabulate(QUESTIONS, strengths(QUESTIONS), paths_of(QUESTIONS, "none", b""))
EVERY = np.arange(len(QUESTIONS), dtype=np.int64)
QUICK = Recipe(trees=30, rate=0.1)


def test_agreement_is_believed_more_than_one_answer() -> None:
    scores = verifier_train.out_of_fold(LESSONS, EVERY, QUICK)
    last = LESSONS.stage == 3
    assert scores[last & (LESSONS.support >= 2)].mean() > scores[last & (LESSONS.support == 1)].mean() + 0.3


def test_equal_questions_are_in_one_fold() -> None:
    fold = verifier_train.folds(np.array([0, 1, 0, 2]), QUICK)
    assert fold[0] == fold[2]


def test_the_same_lessons_give_the_same_trees() -> None:
    one, other = (verifier_train.fit(LESSONS, EVERY, QUICK).trees.model_to_string() for _ in range(2))
    assert one == other


def test_the_best_candidate_is_the_best_scored_and_then_the_best_supported() -> None:
    scores = np.where(LESSONS.support == 1, 0.0, 1.0)
    found = verifier_train.best(LESSONS, EVERY, scores)
    for i, question in enumerate(QUESTIONS):
        agreed = len({answer.value for answer in question.answers}) < 3
        assert found.stages.score[2, i] == float(agreed)


def test_fits_and_curves_together_err_no_more_than_either_where_no_row_was_seen() -> None:
    first = verifier_train.out_of_fold(LESSONS, EVERY, QUICK)
    ranker, scores = verifier_train.blended(LESSONS, EVERY, QUICK, first)
    plain, mean = verifier_train.blended(LESSONS, EVERY, replace(QUICK, smooth=False), first)
    assert 0 <= ranker.trees_weigh <= 1 == plain.trees_weigh
    assert np.mean((scores - LESSONS.target) ** 2) <= np.mean((mean - LESSONS.target) ** 2) + 1e-6
    assert ranker.trees.num_trees() == QUICK.fits * QUICK.trees
    assert plain.smooth is None


def test_the_blend_says_the_share_of_the_trees_and_of_the_curves() -> None:
    ranker, _ = verifier_train.blended(LESSONS, EVERY, QUICK, verifier_train.out_of_fold(LESSONS, EVERY, QUICK))
    rows, fits = np.arange(60), [replace(QUICK, seed=QUICK.seed + i) for i in range(QUICK.fits)]
    trees = np.mean([verifier_train.fit(LESSONS, EVERY, one).score(LESSONS, rows) for one in fits], axis=0)
    alone = replace(ranker, smooth=None).score(LESSONS, rows)
    offsets = ranker.fitted.encode(LESSONS.codes, LESSONS.question[rows])
    assert alone - offsets == pytest.approx(ranker.trees_weigh * (trees - offsets), abs=1e-9)
    assert np.ptp(ranker.score(LESSONS, rows) - alone) > 0
