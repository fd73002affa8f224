"""The clock: microseconds UTC, never backwards."""

from datetime import UTC, datetime

from router.runtime.clock import steady_clock_us


def test_it_tells_the_time_of_day_in_utc() -> None:
    before = datetime.now(UTC).timestamp()
    told = steady_clock_us()() / 1e6
    after = datetime.now(UTC).timestamp()
    assert before - 1 <= told <= after + 1


def test_it_never_runs_backwards() -> None:
    clock = steady_clock_us()
    told = [clock() for _ in range(1000)]
    assert told == sorted(told)
