"""A trained second stage knows its panels: their level, their cuts, and how it was made."""

from dataclasses import replace

import numpy as np
import pytest

from classifier import panel_train, verifier_train
from classifier.evidence import KNOWN
from classifier.panel_train import Plan
from classifier.questions import gather
from classifier.stopping import Stages
from classifier.train import TrainingError
from classifier.verifier_train import Recipe
from tests.standins.graded_panel import MEMBERS, graded_labels

PLAN = Plan(recipe=Recipe(trees=20, rate=0.1), task_from="none")


def test_the_same_questions_give_the_same_bytes() -> None:
    questions = gather(graded_labels(80), MEMBERS, None)
    (one, trees), (other, same) = (panel_train.finish(panel_train.learn(questions, PLAN)) for _ in range(2))
    assert (one, trees) == (other, same)


def test_the_account_names_panels_with_their_licence() -> None:
    told = panel_train.account(panel_train.learn(gather(graded_labels(60), MEMBERS, None), PLAN))
    panel = told["panels"][0]
    assert (panel["members"], panel["big"], panel["licence"]) == (list(MEMBERS), "grand", "our own")


def test_too_few_questions_are_refused() -> None:
    with pytest.raises(TrainingError, match="label at least 40"):
        panel_train.learn(gather(graded_labels(20), MEMBERS, None), PLAN)


def test_calibration_rises_with_the_expected_gain_so_that_cuts_on_one_are_cuts_on_the_other() -> None:
    draw = np.random.default_rng(1)
    score = draw.normal(0, 0.2, (2, 400))
    grade = (draw.uniform(size=(2, 400)) < 0.5 + score).astype(np.float64)
    curve = panel_train.calibrate(Stages(score, grade, np.ones(400)))
    for stage in ("1", "2"):
        chances = [curve.p_good(-gain, stage) for gain in np.sort(score[0])]
        assert chances == sorted(chances)
        assert len(set(chances)) > 300


def test_a_margin_makes_cuts_stricter() -> None:
    questions = gather(graded_labels(200), MEMBERS, None)
    bold, careful = (
        panel_train.finish(panel_train.learn(questions, replace(PLAN, deviations=margin)))[0].levels[0].at_once["0.05"]
        for margin in (0.0, 1.645)
    )
    assert (careful.keep[-1] or 1.0) > (bold.keep[-1] or 1.0)


def test_the_recipe_that_errs_less_on_other_folds_is_taken() -> None:
    questions = gather(graded_labels(120), MEMBERS, None)
    learned = panel_train.learn(questions, PLAN)
    every, table = np.arange(len(questions)), learned.lessons
    recipe = learned.plan.recipe

    def error(one: Recipe) -> float:
        return float(np.mean((verifier_train.out_of_fold(table, every, one) - table.target) ** 2))

    plain = tuple(name for name in KNOWN if not name.startswith("ask_"))
    tried = [replace(PLAN.recipe, columns=columns) for columns in (KNOWN, plain)]
    assert recipe in tried
    assert error(recipe) == min(map(error, tried))


def test_many_rows_bear_more_trees() -> None:
    plan = replace(PLAN, recipe=replace(PLAN.recipe, many_rows=100))
    assert panel_train.learn(gather(graded_labels(80), MEMBERS, None), plan).plan.recipe.trees == 53
