"""Figures are measured on questions not seen, and the order proposed is the strongest first."""

from dataclasses import replace

import numpy as np
import pytest

from classifier import panel, panel_train, stopping
from classifier.evaluate import LEVELS, Options
from classifier.panel_train import Plan
from classifier.questions import Question, gather
from classifier.stopping import Outcome
from classifier.verifier_train import Recipe
from tests.standins.graded_panel import MEMBERS, graded_labels

PLAN = Plan(recipe=Recipe(trees=30, rate=0.1), task_from="none")
TRAIN = gather(graded_labels(300), MEMBERS, None)
TEST = gather(graded_labels(150, seed=4), MEMBERS, None)
OPTIONS = Options(draws=50)


def test_a_panel_keeps_more_than_its_strongest_alone() -> None:
    whole = panel.evaluate(TRAIN, TEST, PLAN, OPTIONS)
    alone = panel.evaluate(
        [panel.reordered(q, (0,)) for q in TRAIN], [panel.reordered(q, (0,)) for q in TEST], PLAN, OPTIONS
    )
    assert (whole["stage"], alone["stage"]) == ("panel", "answer")
    level = "0.05"
    assert whole["at"][level]["share_small"]["value"] > alone["at"][level]["share_small"]["value"] + 0.2
    assert whole["at"][level]["local_calls"] <= 3
    assert whole["at_once"][level]["local_calls"] == 3
    assert set(whole["controls"]) == {"always_small", "always_big", "random_mix", "length", "task_mean", "oracle"}
    assert set(whole["at"]) == set(LEVELS) == set(whole["hindsight"])


def trusted(question: Question, trust: float) -> Question:
    """The question with all its labels trusted so far."""
    labels = tuple(replace(label, trust=trust) for label in question.labels)
    return replace(question, label=replace(question.label, trust=trust), labels=labels)


def test_how_far_a_grader_is_believed_changes_no_figure_of_what_was_measured() -> None:
    doubted = [trusted(question, 0.1 if k % 3 else 1.0) for k, question in enumerate(TEST)]
    one, other = (panel.evaluate(TRAIN, test, PLAN, Options(draws=5)) for test in (TEST, doubted))
    assert one == other


def test_cuts_and_what_they_keep_of_learned_questions_leave_trust_out() -> None:
    doubted = [trusted(question, 0.1 if k % 3 else 1.0) for k, question in enumerate(TRAIN)]
    stages = panel_train.learn(doubted, PLAN).best.stages
    assert (stages.weight, stages.belief is None) == (None, False)
    assert stopping.in_sequence(stages, 0.02, 1.0) == stopping.in_sequence(replace(stages, belief=None), 0.02, 1.0)


def test_the_order_proposed_has_the_strongest_first() -> None:
    mixed = [panel.reordered(question, (2, 0, 1)) for question in TRAIN]
    assert panel.propose(mixed, PLAN, 0.05)[0] == 1


def test_every_call_is_paid_for_kept_or_not() -> None:
    seen = panel.side(TEST, panel_train.learn(TRAIN, PLAN).unseen(TEST).stages, OPTIONS)
    n = len(TEST)
    nothing = Outcome(np.zeros(n, dtype=np.bool_), np.zeros(n), np.full(n, 3.0))
    figures = panel.figures_of(nothing, seen, OPTIONS)
    assert figures["share_small"]["value"] == 0
    assert figures["loss"] == 0
    assert figures["harm_interval"]["high"] == pytest.approx(1 - 0.025 ** (1 / n), abs=1e-4)
    assert figures["cost_saved"] == pytest.approx(-seen.costs.small.sum() / seen.costs.large.sum(), abs=1e-4)
