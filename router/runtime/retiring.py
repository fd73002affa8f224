"""Upstreams that a reload has replaced: closed once no request that uses them can still be under way."""

import asyncio
from collections.abc import Mapping

from router.core.ports import Upstream


class Retired:
    """Replaced upstreams that are still open."""

    def __init__(self) -> None:
        self._closing: dict[asyncio.Task[None], Upstream] = {}

    @property
    def upstreams(self) -> tuple[Upstream, ...]:
        """Those not closed yet, in the order in which they were replaced."""
        return tuple(self._closing.values())

    def retire(self, upstream: Upstream) -> None:
        """Close it later: after the longest time that a request to it may take."""
        closing = asyncio.create_task(_close_after(upstream.spec.timeouts.total_s, upstream))
        self._closing[closing] = upstream
        closing.add_done_callback(lambda done: self._closing.pop(done, None))

    def replaced(self, old: Mapping[str, Upstream], new: Mapping[str, Upstream]) -> None:
        """Retire what is in `old` and, under the same name, not in `new`."""
        for name, upstream in old.items():
            if new.get(name) is not upstream:
                self.retire(upstream)

    async def aclose(self) -> None:
        """Close all of them now."""
        closing = dict(self._closing)
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, return_exceptions=True)
        for upstream in closing.values():
            await upstream.aclose()


async def _close_after(seconds: float, upstream: Upstream) -> None:
    await asyncio.sleep(seconds)
    await upstream.aclose()
