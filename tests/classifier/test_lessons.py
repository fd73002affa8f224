"""Lessons are one row for each question, number of answers so far and distinct value."""

import numpy as np

from classifier.evidence import FEATURES
from classifier.lessons import paths_of, slots_of, tabulate
from classifier.questions import gather, strengths
from tests.standins.graded_panel import MEMBERS, graded_labels

QUESTIONS = gather(graded_labels(60), MEMBERS, None)
STRENGTH = strengths(QUESTIONS)
LESSONS = tabulate(QUESTIONS, STRENGTH, paths_of(QUESTIONS, "none", b""))


def test_a_question_has_a_row_for_every_distinct_value_at_every_stage() -> None:
    for i, question in enumerate(QUESTIONS):
        distinct = [len({answer.value for answer in question.answers[:stage]}) for stage in (1, 2, 3)]
        own = LESSONS.stage[LESSONS.question == i]
        assert [int((own == stage).sum()) for stage in (1, 2, 3)] == distinct


def test_the_target_is_what_the_candidate_is_better_by() -> None:
    assert np.array_equal(LESSONS.target, LESSONS.grade - LESSONS.big[LESSONS.question])


def test_who_was_not_asked_yet_is_missing() -> None:
    last = FEATURES.index("who_0") + slots_of(STRENGTH)[QUESTIONS[0].answers[2].digest]
    first_stage = LESSONS.xs[LESSONS.stage == 1]
    assert np.isnan(first_stage[:, last]).all()
    assert not np.isnan(LESSONS.xs[LESSONS.stage == 3][:, last]).any()


def test_the_strongest_models_have_the_first_slots() -> None:
    assert slots_of({"a": 0.5, "b": 0.9}) == {"b": 0, "a": 1}
