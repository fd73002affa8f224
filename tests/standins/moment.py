"""Something that happens in another thread, counted and waited for without sleeping."""

import asyncio
import threading

PATIENCE_S = 10.0


class Moment:
    """Counts its occurrences. A wait that lasts ten seconds fails the test instead of hanging it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._count = 0
        self._changed = threading.Condition()

    @property
    def count(self) -> int:
        """How often it has happened."""
        with self._changed:
            return self._count

    def happen(self) -> None:
        """Note one occurrence; from any thread."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait(self, times: int = 1) -> None:
        """Block until it has happened `times` times in all. For synchronous tests."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._count >= times, PATIENCE_S):
                raise AssertionError(f"{self.name}: {self._count} of {times} after {PATIENCE_S:.0f} s")

    async def happened(self, times: int = 1) -> None:
        """The same for asynchronous tests: the test's own loop goes on meanwhile."""
        await asyncio.to_thread(self.wait, times)
