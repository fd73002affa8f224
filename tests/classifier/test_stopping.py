"""A panel stops where its cuts say, and cuts stay within the loss they were found for."""

from dataclasses import replace

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


def cut_by_rows(stages: Stages, loss: float, deviations: float) -> float:
    """The one cut of a panel asked at once, found one after another, where every row is a question."""
    best = NEVER
    for cut in sorted(set(stages.score[-1].tolist()), reverse=True):
        z = np.where(stages.score[-1] >= cut, stages.big - stages.grade[-1], 0.0) - loss * stages.big
        if z.mean() + deviations * z.std() / np.sqrt(stages.n) <= 0:
            best = cut
    return best


@pytest.mark.parametrize("loss", [0.021, 0.053, 0.207])
@pytest.mark.parametrize("deviations", [0.0, 1.0, 1.645])
def test_where_every_question_has_one_row_cuts_are_those_of_rows(loss: float, deviations: float) -> None:
    stages = random_stages(700)
    mixed = replace(stages, groups=np.random.default_rng(2).permutation(700))
    assert at_once(stages, loss, deviations).keep[-1] == cut_by_rows(stages, loss, deviations)
    assert at_once(mixed, loss, deviations) == at_once(stages, loss, deviations)
    assert in_sequence(mixed, loss, deviations) == in_sequence(stages, loss, deviations)


def repeated(stages: Stages, times: int) -> Stages:
    """Every question asked so many times, each time with the same outcome."""
    groups = np.tile(np.arange(stages.n), times)
    return Stages(np.tile(stages.score, times), np.tile(stages.grade, times), np.tile(stages.big, times), groups=groups)


@pytest.mark.parametrize("deviations", [1.0, 1.645])
def test_a_question_asked_ten_times_makes_no_cut_bolder(deviations: float) -> None:
    stages = random_stages(300)
    often = repeated(stages, 10)
    assert at_once(often, 0.1, deviations) == at_once(stages, 0.1, deviations)
    alone = replace(often, groups=None)
    assert at_once(alone, 0.1, deviations).keep[-1] < at_once(often, 0.1, deviations).keep[-1]


def test_a_weight_of_two_is_two_rows_of_one_question() -> None:
    stages = random_stages(300)
    twice = np.r_[np.arange(300), np.arange(0, 300, 2)]
    rows = Stages(stages.score[:, twice], stages.grade[:, twice], stages.big[twice], groups=twice)
    heavy = replace(stages, weight=np.bincount(twice).astype(np.float64))
    assert at_once(rows, 0.1, 1.0) == at_once(heavy, 0.1, 1.0)


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
