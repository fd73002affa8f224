"""Every figure of a way has its interval beside it, and stays the number it was."""

import numpy as np

from classifier.bounds import exact
from classifier.curve import Grades
from classifier.outcome import Measured, measured


def test_every_figure_has_an_interval_that_holds_it() -> None:
    random = np.random.default_rng(2)
    small, large, ones = random.random(60), random.random(60), np.ones(60)
    seen = Grades(small, large, 0.1 * ones, random.random(60) + 0.2, np.arange(60))
    kept = (random.random(60) < 0.5).astype(float)
    told = measured(Measured(kept, kept * seen.gain, kept * (seen.large_cost - 0.1)), seen, 100, 7)
    for name in ("loss", "harm", "cost_saved"):
        beside = told[f"{name}_interval"]
        assert isinstance(told[name], float)
        assert beside["value"] == told[name]
        assert beside["low"] < told[name] < beside["high"]
    assert told["share_small"]["low"] < kept.mean() < told["share_small"]["high"]


def test_the_same_seed_tells_the_same() -> None:
    ones = np.ones(20)
    seen = Grades(0.5 * ones, ones, ones, 2 * ones, np.arange(20) // 2)
    way = Measured(ones, 0.5 * ones, ones)
    assert measured(way, seen, 50, 7) == measured(way, seen, 50, 7)


def test_what_a_coin_does_is_so_whatever_is_asked() -> None:
    ones = np.ones(40)
    seen = Grades(np.r_[0.0, np.ones(39)], ones, 0 * ones, ones, np.arange(40))
    nobody, everybody = (
        measured(Measured(kept, kept * seen.gain, kept, True), seen, 100, 7) for kept in (0 * ones, ones)
    )
    for name in ("share_small", "harm_interval", "cost_saved_interval", "loss_interval"):
        assert nobody[name] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert everybody["share_small"] == everybody["cost_saved_interval"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert everybody["harm_interval"]["high"] > everybody["harm"] == 0.025
    half = measured(Measured(0.5 * ones, 0.5 * seen.gain, 0.5 * ones, True), seen, 100, 7)
    assert half["harm_interval"]["high"] == round(0.5 * exact(1, 40), 4)
