"""Figures of held-out questions say no more than so many questions can."""

import numpy as np
import pytest

from classifier.curve import Grades
from classifier.evaluate import Options, at

OPTIONS = Options(draws=50)


def seen(n: int, weight: list[float] | None = None) -> Grades:
    """`n` questions that both models answer well."""
    same = np.ones(n)
    weights = None if weight is None else np.array(weight)
    return Grades(same, same, same, same, np.arange(n), weights)


def test_nothing_lost_among_ten_is_not_nothing_lost() -> None:
    found = at(np.ones(10), seen(10), OPTIONS)
    assert found["loss_interval"]["high"] == pytest.approx(1 - 0.025 ** (1 / 10), abs=1e-4)
    assert found["share_small"]["low"] == pytest.approx(0.025 ** (1 / 10), abs=1e-4)


def test_rows_of_one_question_and_rows_of_unequal_weight_count_for_what_they_are_worth() -> None:
    same = np.ones(10)
    twice = Grades(same, same, same, same, np.repeat(np.arange(5), 2))
    assert at(same, twice, OPTIONS)["loss_interval"] == at(np.ones(5), seen(5), OPTIONS)["loss_interval"]
    uneven = seen(10, [20.0] + [1.0] * 9)
    assert uneven.questions == pytest.approx(29**2 / 409)
    assert at(same, uneven, OPTIONS)["loss_interval"]["high"] > 0.8


def test_a_coins_share_is_known_and_its_loss_is_not() -> None:
    found = at(np.full(10, 0.5), seen(10), OPTIONS, fixed=True)
    assert (found["share_small"]["low"], found["share_small"]["high"]) == (0.5, 0.5)
    assert found["loss_interval"]["high"] == pytest.approx(0.5 * (1 - 0.025 ** (1 / 10)), abs=1e-4)
    assert at(np.zeros(10), seen(10), OPTIONS, fixed=True)["loss_interval"] == {"value": 0.0, "low": 0.0, "high": 0.0}
