"""What is learned from attempts: speed, times, and how far the token estimate is off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.exchange import Attempt
from router.core.pace import MIN_RATIOS, Bound, Pace
from router.core.prices import Usage
from tests.store.records import NOON, opened


def ended(ms: int = 1000, *, prompt: int = 1000, out: int = 100, **more: object) -> Attempt:
    usage = Usage(input=prompt, output=out)
    return opened("x", "small").finished(NOON + ms * 1000, **{"status": 200, "usage": usage, **more})


def test_nothing_is_claimed_before_anything_was_measured() -> None:
    pace = Pace()
    assert (pace.tokens_per_s, pace.first_token_s, pace.answer_s) == (None, None, None)
    assert (pace.bound.n, pace.bound.confidence) == (0, 0.0)


def test_speed_is_that_of_writing_and_times_are_medians() -> None:
    pace = Pace()
    for ms in (1000, 2000, 9000):
        pace.note(ended(ms, ttft_ms=500.0), 1000)
    assert pace.tokens_per_s == pytest.approx(100 / 1.5)
    assert (pace.first_token_s, pace.answer_s) == (0.5, 2.0)


def test_an_answer_that_was_not_streamed_counts_from_its_beginning() -> None:
    pace = Pace()
    pace.note(ended(2000), 1000)
    assert (pace.tokens_per_s, pace.first_token_s) == (50.0, None)


@pytest.mark.parametrize("attempt", [ended(error="truncated"), ended(error="429"), ended(usage=None), opened("x")])
def test_what_went_wrong_teaches_nothing(attempt: Attempt) -> None:
    pace = Pace()
    pace.note(attempt, 1000)
    assert pace == Pace()


def test_a_few_words_say_nothing_of_the_speed_and_a_short_prompt_nothing_of_the_estimate() -> None:
    pace = Pace()
    for _ in range(MIN_RATIOS):
        pace.note(ended(out=3, prompt=40), 9)
    assert (pace.tokens_per_s, pace.bound.n) == (None, 0)


def test_the_bound_is_assumed_until_thirty_ratios_were_seen_and_measured_from_then_on() -> None:
    pace = Pace()
    for number in range(MIN_RATIOS):
        assert pace.bound == Bound()
        pace.note(ended(prompt=900 + 10 * number), 1000)
    assert pace.bound == Bound(0.9, 1.19, MIN_RATIOS)
    assert pace.bound.confidence == pytest.approx(1 - 2 / 31)


def test_old_ratios_are_forgotten() -> None:
    pace = Pace()
    pace.note(ended(prompt=5000), 1000)
    for _ in range(256):
        pace.note(ended(prompt=1000), 1000)
    assert pace.bound == Bound(1.0, 1.0, 256)


def test_an_estimate_from_no_upstream_is_no_ratio() -> None:
    pace = Pace()
    for _ in range(MIN_RATIOS):
        pace.note(ended(usage=Usage(input=1000, output=9, source="estimate")), 1000)
        pace.note(ended(), None)
    assert pace.bound.n == 0


@pytest.mark.parametrize(("counted", "cut"), [(2050, True), (5000, False), (6999, False), (0, True)])
def test_a_count_far_below_what_was_sent_is_a_cut(counted: int, cut: bool) -> None:
    assert Bound(0.5, 1.2, 100).cut(7000, counted, 4096) is cut


def test_what_could_not_have_been_cut_is_not_called_so() -> None:
    assert not Bound(0.9, 1.1, 100).cut(1000, 200, 4096)  # many spaces are few tokens
    assert not Bound().cut(100, 0, None)
    assert Bound().cut(1000, 200, None)


@given(st.floats(0.1, 1), st.floats(1, 4), st.integers(1, 100_000), st.integers(64, 100_000))
def test_no_prompt_surely_fits_and_is_surely_too_long(low: float, high: float, estimate: int, window: int) -> None:
    bound = Bound(low, high, 50)
    assert not (bound.surely_fits(estimate, window) and bound.surely_too_long(estimate, window))
