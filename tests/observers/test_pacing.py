"""Each upstream's pace learns from its own attempts."""

from router.core.exchange import Exchange
from router.core.pace import Pace
from router.observers.pacing import Pacing
from tests.core.test_pace import ended
from tests.store.records import NOON, opened


def test_finished_attempts_are_noted_with_the_estimate_of_their_prompt() -> None:
    small = Pace()
    pacing = Pacing({"small": small})
    for _ in range(30):
        attempts = [ended(prompt=1100), opened("x", "small"), opened("x", "big")]
        pacing.observe(Exchange("x", NOON, signals={"prompt_tokens": 1000}, attempts=attempts))
    assert (small.bound.n, small.bound.high) == (30, 1.1)


def test_a_request_without_signals_teaches_speed_alone() -> None:
    small = Pace()
    Pacing({"small": small}).observe(Exchange("x", NOON, attempts=[ended()]))
    assert (small.answer_s, small.bound.n) == (1.0, 0)
