"""The clock: microseconds UTC, never backwards."""

import sys
import time
from datetime import UTC, datetime

import pytest

from router.runtime.clock import SINCE_BOOT, steady_clock_us


def test_it_tells_the_time_of_day_in_utc() -> None:
    before = datetime.now(UTC).timestamp()
    told = steady_clock_us()() / 1e6
    after = datetime.now(UTC).timestamp()
    assert before - 1 <= told <= after + 1


def test_it_never_runs_backwards() -> None:
    clock = steady_clock_us()
    told = [clock() for _ in range(1000)]
    assert told == sorted(told)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the monotonic clock of the system itself counts sleep")
def test_it_counts_the_time_that_a_laptop_sleeps() -> None:
    assert SINCE_BOOT == time.CLOCK_BOOTTIME
