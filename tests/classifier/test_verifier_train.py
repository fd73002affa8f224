"""Trees learn who to believe from other folds only, and the best candidate is the best-scored one."""

import numpy as np

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
