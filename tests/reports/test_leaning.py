"""Where a few carry a sum, its interval leans to where there may be more of them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from router.reports.intervals import Conversations, ratio
from router.reports.leaning import leaning, quantile


def test_what_leans_to_no_side_has_the_interval_of_the_textbook() -> None:
    even = np.linspace(-1.0, 1.0, 101)
    low, high = leaning(5.0, even)
    assert (low + high) / 2 == pytest.approx(5.0)
    assert high - 5.0 == pytest.approx(quantile(100) * even.std(ddof=1) * 101**0.5, rel=1e-6)


@pytest.mark.parametrize(("degrees", "known"), [(3, 3.1824), (10, 2.2281), (29, 2.0452), (1000, 1.9623)])
def test_the_quantile_is_that_of_the_table(degrees: float, known: float) -> None:
    assert quantile(degrees) == pytest.approx(known, rel=0.01)


def test_the_interval_leans_to_the_long_tail() -> None:
    low, high = leaning(0.0, np.array([1.0] * 29 + [20.0]))
    assert high > -2 * low


def test_what_no_conversation_shows_widens_it_and_nothing_known_has_none() -> None:
    even = np.linspace(-1.0, 1.0, 101)
    narrow, wide = leaning(0.0, even), leaning(0.0, even, unseen=3 * 101 * float(even.var(ddof=1)))
    assert wide[1] == pytest.approx(2 * narrow[1])
    assert leaning(1.0, np.ones(9)) == (1.0, 1.0)


def test_a_mean_of_thirty_answers_of_very_unequal_length_is_held_as_often_as_it_says() -> None:
    random, held, days = np.random.default_rng(4), 0, 400
    for _ in range(days):
        values = random.lognormal(-np.log(2) / 2, np.log(2) ** 0.5, 30)  # mean 1, coefficient of variation 1
        low, high = leaning(values.mean(), values / 30)
        held += low <= 1.0 <= high
    assert held >= 0.93 * days  # a percentile bootstrap holds it in 90 of 100


def test_the_influence_of_a_conversation_is_what_leaving_it_out_would_change() -> None:
    def mean(t: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        return ratio(t["x"], t["n"])

    values = [1.0, 2.0, 6.0, 11.0]
    seen = Conversations([{"x": value, "n": 1} for value in values], ("x", "n"))
    estimate = seen.estimate(mean, leans=0.0)  # type: ignore[arg-type]
    low, high = leaning(5.0, (np.array(values) - 5.0) / 4)
    assert estimate.low is not None
    assert estimate.low == pytest.approx(low)
    assert estimate.high == pytest.approx(high)


def test_a_guessed_error_leans_as_far_where_most_of_it_is_of_what_nobody_saw() -> None:
    random, held, days = np.random.default_rng(3), 0, 600
    for _ in range(days):
        values = random.lognormal(-np.log(3.25) / 2, np.log(3.25) ** 0.5, 120)  # coefficient of variation 1.5
        seen, rest = values[:30], float(values[30:].sum())
        influence = np.concatenate([3 * (seen - seen.mean()), np.zeros(90)])
        low, high = leaning(90 * float(seen.mean()), influence, 90 * float(seen.var(ddof=1)))
        held += low <= rest <= high
    assert held >= 0.92 * days  # by the skewness over the whole error in 91 of 100
