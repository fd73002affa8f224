"""A panel stops where its cuts say, and cuts stay within the loss they were found for."""

import numpy as np
import pytest

from classifier.stopping import NEVER, Cuts, Stages, at_once, in_sequence, play

STAGES = Stages(
    score=np.array([[0.9, 0.1, 0.2], [0.9, 0.8, 0.3]]),
    grade=np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]),
    big=np.array([1.0, 1.0, 1.0]),
)


def random_stages(n: int) -> Stages:
    draw = np.random.default_rng(5)
    chance = draw.uniform(0.3, 1.0, n)
    grade = (draw.uniform(size=(3, n)) < chance).astype(np.float64)
    score = np.stack([chance + draw.normal(0, noise, n) for noise in (0.4, 0.2, 0.1)])
    return Stages(score, grade, np.ones(n))


def test_the_first_stage_at_its_cut_keeps_and_asks_no_more() -> None:
    outcome = play(STAGES, Cuts((0.5, 0.5)))
    assert outcome.kept.tolist() == [True, True, False]
    assert outcome.calls.tolist() == [1, 2, 2]
    assert outcome.lost(STAGES.big).tolist() == [0, 0, 0]


def test_a_hopeless_panel_asks_no_more() -> None:
    later = np.array([[0.9, 0.9, 0.05], [0.0, 0.0, 0.0]])
    stages = Stages(STAGES.score, STAGES.grade, STAGES.big, later)
    assert play(stages, Cuts((0.5, 0.5), hopeless=0.1)).calls.tolist() == [1, 2, 1]


@pytest.mark.parametrize("loss", [0.0, 0.02, 0.05, 0.2])
def test_cuts_stay_within_the_loss_on_the_rows_they_were_found_on(loss: float) -> None:
    stages = random_stages(2_000)
    for cuts in (in_sequence(stages, loss, 0.0), at_once(stages, loss, 0.0)):
        assert play(stages, cuts).lost(stages.big).sum() <= loss * stages.big.sum() + 1e-9


def test_free_cuts_keep_at_least_what_asking_all_keeps_with_fewer_calls() -> None:
    stages = random_stages(2_000)
    turns, once = play(stages, in_sequence(stages, 0.1, 0.0)), play(stages, at_once(stages, 0.1, 0.0))
    assert turns.kept.mean() >= once.kept.mean()
    assert turns.calls.mean() <= 3


def test_a_margin_keeps_less() -> None:
    stages = random_stages(500)
    bold, careful = (play(stages, in_sequence(stages, 0.05, margin)).kept.mean() for margin in (0.0, 1.645))
    assert careful < bold


def test_where_nothing_is_safe_nothing_is_kept() -> None:
    stages = Stages(np.ones((2, 50)), np.zeros((2, 50)), np.ones(50))
    assert in_sequence(stages, 0.02, 0.0).keep == (NEVER, NEVER)


def test_where_little_can_be_kept_the_early_cuts_still_find_it() -> None:
    """A twentieth of the answers is sure at once, the rest is worthless: a coarser grid asks all three about it."""
    n = 2_000
    sure = np.arange(n) < n // 20
    score = np.tile(np.where(sure, 1.0, 0.5) - np.linspace(0.0, 0.4, n), (3, 1))
    stages = Stages(score, np.tile(sure.astype(np.float64), (3, 1)), np.ones(n))
    outcome = play(stages, in_sequence(stages, 0.0, 0.0))
    assert outcome.kept.tolist() == sure.tolist()
    assert outcome.calls[sure].mean() < 1.5
