"""Replaced upstreams: open as long as a request may take, and closed at the latest when all ends."""

import asyncio
from dataclasses import replace

from router.core.upstream import Timeouts, UpstreamSpec
from router.runtime.retiring import Retired


class Door:
    """An upstream of which only the closing matters."""

    def __init__(self, total_s: float) -> None:
        self.spec = replace(UpstreamSpec("small", "openai", "m"), timeouts=Timeouts(total_s=total_s))
        self.closed = asyncio.Event()

    async def aclose(self) -> None:
        self.closed.set()


async def test_one_is_closed_after_the_longest_time_a_request_to_it_may_take() -> None:
    retired, brief, long = Retired(), Door(0.01), Door(600)
    retired.retire(brief)  # type: ignore[arg-type]
    retired.retire(long)  # type: ignore[arg-type]
    assert len(retired.upstreams) == 2
    await asyncio.wait_for(brief.closed.wait(), 5)
    await asyncio.sleep(0)
    assert len(retired.upstreams) == 1
    assert not long.closed.is_set()
    await retired.aclose()


async def test_at_the_end_all_are_closed_at_once() -> None:
    retired, door = Retired(), Door(600)
    retired.retire(door)  # type: ignore[arg-type]
    await retired.aclose()
    assert door.closed.is_set()
    assert retired.upstreams == ()


async def test_only_what_was_replaced_is_retired() -> None:
    retired, kept, old, new = Retired(), Door(600), Door(600), Door(600)
    retired.replaced({"a": kept, "b": old}, {"a": kept, "b": new})  # type: ignore[dict-item]
    await retired.aclose()
    assert [door.closed.is_set() for door in (kept, old, new)] == [False, True, False]
