"""Controls: what other ways of choosing would have made of the same requests."""

import pytest

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
