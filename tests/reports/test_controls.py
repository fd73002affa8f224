"""Controls: what other ways of choosing would have made of the same requests."""

import pytest

from classifier.bounds import exact
from router.store.memory import MemoryStore
from tests.reports.grades import ask, play, world
from tests.store.records import closed


def test_controls_stand_on_the_same_rows(ledger: MemoryStore) -> None:
    world(ledger, wise=True)
    controls = {control.name: control for control in ask(ledger).controls}
    assert controls["always small"].quality.value == 0.5
    assert controls["always big"].quality.value == 1.0
    assert controls["random mix"].quality.value == pytest.approx(0.75)
    assert controls["task mean"].quality.value == pytest.approx(1.0)
    assert controls["prompt length"].quality.value == pytest.approx(0.75)
    assert (controls["oracle"].quality.value, controls["oracle"].share_small) == (1.0, 0.5)


def test_a_control_that_cannot_be_computed_says_why(ledger: MemoryStore) -> None:
    for _ in range(4):
        play(ledger, closed("small", signals={}), 1.0, 1.0)
    controls = {control.name: control for control in ask(ledger).controls}
    assert controls["prompt length"].why == "not recorded for every request"
    assert controls["task mean"].why == "only one group"


def test_a_mean_grade_allows_for_one_more_of_the_part_that_is_graded_least(ledger: MemoryStore) -> None:
    for n in range(90):
        play(ledger, closed("small"), float(n > 1), 1.0)
    (small,) = (control.quality for control in ask(ledger).controls if control.name == "always small")
    assert small.low == pytest.approx(1 - exact(2, 90), abs=0.01)
