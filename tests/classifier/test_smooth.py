"""What stands beside the trees is a sum of readable terms, by patterns of votes and by curves."""

import math

import pytest

from classifier import smooth_train
from classifier.evidence import FEATURES, TASK
from classifier.lessons import paths_of, tabulate
from classifier.questions import gather, strengths
from classifier.smooth import CURVED, Smooth, patterns_of
from tests.standins.graded_panel import MEMBERS, graded_labels

QUESTIONS = gather(graded_labels(200), MEMBERS, None)
LESSONS = tabulate(QUESTIONS, strengths(QUESTIONS), paths_of(QUESTIONS, "none", b""))
LEARNED = smooth_train.fit(LESSONS.xs, LESSONS.target, None)


def row(**known: float) -> list[float]:
    return [known.get(name, math.nan) for name in FEATURES]


SEEN = row(asked=3, lead=1, distinct=2, abstained=0, support=2, who_0=1, who_1=0, who_2=1, tokens=0)


def test_the_terms_add_up_to_what_is_added() -> None:
    for one in LESSONS.xs[:50].tolist():
        assert LEARNED.adds(one) == pytest.approx(LEARNED.base + sum(adds for _, adds in LEARNED.terms(one)), abs=1e-9)
        assert len(list(LEARNED.terms(one))) == 3 + len(CURVED)


def test_patterns_say_who_supports_and_how_the_votes_lie() -> None:
    assert patterns_of(SEEN) == ("3 who +-+.....", "3 lead 1 of 2", "3 abstain 0")


def test_an_unseen_pattern_and_an_unknown_feature_add_nothing_of_their_own() -> None:
    flat = ((0.0, 1.0), (0.0, 0.0), (0.0, 0.0))
    model = Smooth(0.25, {"2 abstain 0": 1.0}, dict.fromkeys(CURVED, flat))
    assert model.adds(SEEN) == 0.25


def test_a_curve_is_straight_between_its_points_level_beyond_and_another_where_answers_agree() -> None:
    flat = ((0.0,), (0.0,), (0.0,))
    curves = dict.fromkeys(CURVED, flat) | {TASK: ((0.0, 1.0), (0.0, 0.5), (1.0, 3.0))}
    model = Smooth(0.0, {}, curves)
    alone, agreed = row(asked=1, lead=1, distinct=1, abstained=0, support=1), SEEN
    for x, one, several in ((-1.0, 0.0, 1.0), (0.5, 0.25, 2.0), (1.0, 0.5, 3.0), (9.0, 0.5, 3.0)):
        at = FEATURES.index(TASK)
        assert model.adds([*alone[:at], x, *alone[at + 1 :]]) == pytest.approx(one)
        assert model.adds([*agreed[:at], x, *agreed[at + 1 :]]) == pytest.approx(several)
