"""The clock: UTC, read from the system once and then counted by a clock that never jumps."""

import time
from collections.abc import Callable


def steady_clock_us() -> Callable[[], int]:
    """A clock of microseconds since 1970, UTC, that neither jumps nor runs backwards while the process runs."""
    since_boot_ns = time.monotonic_ns
    anchor_ns = time.time_ns() - since_boot_ns()
    return lambda: (anchor_ns + since_boot_ns()) // 1000
