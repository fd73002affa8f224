"""A day of mixed traffic in which every class of egress is tried, and what `report privacy` then says.

python -m bench.privacy_day

The servers are scripted and the clock is wound by hand; line, ledger and report are the real ones. The same day is
the test tests/stories/test_privacy_day.py.
"""

import asyncio

from tests.standins.day import day_deps, play_day, shown
from tests.store.records import Clock


async def main() -> None:
    """Play the day and print the report."""
    clock = Clock()
    async with day_deps(clock) as deps:
        print(shown(await play_day(deps, clock)))


if __name__ == "__main__":
    asyncio.run(main())
