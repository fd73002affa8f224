"""No interval is narrower than what so many questions cannot rule out."""

import numpy as np
import pytest

from classifier.bounds import at_least, effective, exact, unseen


def test_where_nothing_varies_the_exact_binomial_bound_stands() -> None:
    assert at_least(0.0, (0.0, 0.0), (0.0, 1.0), 59) == pytest.approx((0.0, 1 - 0.025 ** (1 / 59)))


def test_a_difference_with_one_event_is_not_bounded_closer_than_one_with_none() -> None:
    none = at_least(0.0, (0.0, 0.0), (-1.0, 1.0), 59)
    one = at_least(1 / 59, (0.0, 3 / 59), (-1.0, 1.0), 59)
    assert none == pytest.approx((-unseen(59), unseen(59)))
    assert one[1] > none[1]


def test_no_bound_lies_beyond_what_can_be() -> None:
    assert at_least(0.9, (0.8, 0.95), (-1.0, 1.0), 2)[1] == 1.0


def test_what_varies_enough_keeps_its_bootstrap() -> None:
    assert at_least(0.0, (-0.2, 0.2), (-1.0, 1.0), 100) == (-0.2, 0.2)


def test_unequal_weights_are_worth_fewer() -> None:
    assert effective(np.ones(40)) == 40
    assert effective(np.array([20.0] + [1.0] * 20)) == pytest.approx(40**2 / 420)
    assert unseen(effective(np.zeros(3))) == 1


@pytest.mark.parametrize(
    ("count", "n", "known"),
    [(0, 59, 0.06061), (1, 59, 0.09086), (3, 200, 0.04321), (4000, 10_000, 0.40968), (5, 5, 1.0)],
)
def test_the_exact_binomial_bound_is_clopper_and_pearsons(count: int, n: int, known: float) -> None:
    assert exact(count, n) == pytest.approx(known, abs=1e-5)
