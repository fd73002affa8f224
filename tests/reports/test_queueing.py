"""The queueing formulas against cases that are known exactly."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.reports.queueing import Station, TandemQueue, carried, waits

MIDDLES = (np.arange(200) + 0.5) / 200
EXPONENTIAL = tuple(float(-math.log1p(-u)) for u in MIDDLES)  # mean 1, variation 1
CONSTANT = (1.0,) * 20


@pytest.mark.parametrize(
    ("slots", "load", "chance"), [(1, 0.3, 0.3), (1, 0.9, 0.9), (2, 1.0, 1 / 3), (5, 4.0, 0.5541), (3, 3.0, 1.0)]
)
def test_erlangs_c_is_what_the_tables_say(slots: int, load: float, chance: float) -> None:
    assert waits(slots, load) == pytest.approx(chance, abs=1e-4)


def test_many_slots_do_not_overflow() -> None:
    assert 0 <= waits(5000, 4900.0) <= 1


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.8])
def test_one_slot_with_exponential_answers_is_m_m_1(rate: float) -> None:
    exact = math.log(20) / (1 - rate)  # the response of M/M/1 is exponential with rate 1 − ρ
    assert TandemQueue((Station(1, EXPONENTIAL),)).p95_s(rate) == pytest.approx(exact, rel=0.12)


def test_the_highest_rate_is_that_of_m_m_1() -> None:
    assert TandemQueue((Station(1, EXPONENTIAL),)).most(6.0) == pytest.approx(1 - math.log(20) / 6.0, abs=0.06)


def test_answers_that_always_take_the_same_wait_half_as_long() -> None:
    random, constant = TandemQueue((Station(1, EXPONENTIAL),)), TandemQueue((Station(1, CONSTANT),))
    assert Station(1, CONSTANT).variation == 0
    assert constant.p95_s(0.8) < random.p95_s(0.8)
    assert constant.p95_s(0.0) == 1.0


def test_what_idle_slots_cannot_keep_nobody_can() -> None:
    assert TandemQueue((Station(4, CONSTANT),)).most(0.9) == 0.0


def test_nothing_is_carried_beyond_what_keeps_it_busy() -> None:
    queue = TandemQueue((Station(2, CONSTANT),))
    assert queue.p95_s(2.0) == float("inf")
    assert queue.most(1000.0) <= 2.0


def test_stations_asked_one_after_the_other_add_up_and_the_fullest_decides() -> None:
    queue = TandemQueue((Station(4, CONSTANT), Station(1, CONSTANT, asks=0.5)))
    assert queue.p95_s(0.0) == 2.0
    assert queue.tightest == 1
    assert queue.most(100.0) <= 2.0


@given(st.floats(0.01, 0.95), st.floats(0.01, 0.95), st.integers(1, 8))
def test_more_traffic_is_never_quicker_and_more_slots_never_slower(one: float, other: float, slots: int) -> None:
    low, high = sorted((one * slots, other * slots))
    queue = TandemQueue((Station(slots, EXPONENTIAL),))
    assert queue.p95_s(low) <= queue.p95_s(high) + 1e-9
    assert TandemQueue((Station(slots + 1, EXPONENTIAL),)).p95_s(high) <= queue.p95_s(high) + 1e-9


def test_a_share_counts_what_came_while_the_rate_was_kept() -> None:
    assert carried([100, 300], 200) == 0.75
    assert carried([100, 300], 1000) == 1.0
    assert carried([], 5) == 0.0
