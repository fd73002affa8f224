"""The clock: UTC, read from the system once and then counted by a clock that never jumps."""

import time
from collections.abc import Callable

# Python's own monotonic clock stands still while a laptop sleeps, and every later row would be early by that.
SINCE_BOOT: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_clock_us() -> Callable[[], int]:
    """A clock of microseconds since 1970, UTC, that neither jumps nor runs backwards while the process runs."""
    clock_ns, since_boot = time.clock_gettime_ns, SINCE_BOOT
    anchor_ns = time.time_ns() - clock_ns(since_boot)
    return lambda: (anchor_ns + clock_ns(since_boot)) // 1000
