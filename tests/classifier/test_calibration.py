"""p_good is the chance that the small answer is no worse, as often as it says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.calibration import POOLED, fit


def drawn(n: int = 4000) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Expected gains, and outcomes that are good with chance 1 minus the gain."""
    random = np.random.default_rng(4)
    gains = random.uniform(0, 1, n)
    return gains, random.uniform(0, 1, n) < 1 - gains


def test_p_good_is_met_as_often_as_it_says() -> None:
    gains, good = drawn()
    known = fit(gains, good, ["a"] * len(gains))
    for gain in (0.1, 0.5, 0.9):
        assert known.p_good(gain, "a") == pytest.approx(1 - gain, abs=0.06)


def test_p_good_never_rises_with_the_expected_gain() -> None:
    gains, good = drawn(600)
    known = fit(gains, good, ["a"] * len(gains))
    chances = [known.p_good(gain, "a") for gain in np.linspace(-0.5, 1.5, 200)]
    assert chances == sorted(chances, reverse=True)
    assert 0 < chances[-1] <= chances[0] < 1


def test_a_model_with_rows_bends_the_curve_and_one_without_takes_the_pooled() -> None:
    gains, good = drawn()
    digests = ["weak" if n % 2 else "strong" for n in range(len(gains))]
    good = good & (np.arange(len(gains)) % 4 != 1)
    known = fit(gains, good, digests)
    assert known.p_good(0.3, "weak") < known.p_good(0.3, "unknown") < known.p_good(0.3, "strong")
    assert (known.head("weak"), known.head("unknown")) == ("weak", POOLED)


def test_few_rows_move_a_head_little() -> None:
    gains, good = drawn()
    digests = ["few" if n < 3 else "many" for n in range(len(gains))]
    good[:3] = False
    known = fit(gains, good, digests)
    assert known.p_good(0.1, "few") > 0.5
