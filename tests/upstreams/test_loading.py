"""One load for all who wait, with a budget and an estimate of its own."""

import asyncio

import pytest

from router.core.errors import NotReady, UpstreamFailed
from router.core.upstream import Timeouts, UpstreamSpec
from router.upstreams.loading import Loading


class Order:
    """A load that ends when it is told to."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> None:
        self.begun += 1
        await self.may_end.wait()
        if self.error:
            raise self.error


def loading(order: Order, load_s: float = 60) -> Loading:
    return Loading(UpstreamSpec("small", "ollama", "m", timeouts=Timeouts(load_s=load_s)), order)


async def test_many_wait_for_one_load_and_none_who_leaves_ends_it() -> None:
    order = Order()
    load = loading(order)
    waiting = [asyncio.ensure_future(load.wait(60)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.wait(waiting[:1])
    assert load.running
    order.may_end.set()
    await asyncio.gather(*waiting[1:])
    assert (order.begun, load.running) == (1, False)


async def test_who_cannot_wait_is_told_how_long_it_will_take() -> None:
    order = Order()
    load = loading(order)
    load.size = 7_000_000_000
    with pytest.raises(NotReady) as raised:
        await load.wait(0)
    assert (raised.value.code, raised.value.headers) == ("loading", {"retry-after": "7"})
    assert "about 7 s to go" in raised.value.message
    assert load.left_s == pytest.approx(7, abs=0.5)
    await load.aclose()


async def test_without_size_and_experience_nothing_is_claimed() -> None:
    load = loading(Order())
    assert (load.takes_s, load.left_s) == (None, None)
    with pytest.raises(NotReady) as raised:
        await load.wait(0)
    assert "to go" not in raised.value.message
    await load.aclose()


async def test_a_load_that_was_timed_is_the_estimate_from_then_on() -> None:
    order = Order()
    order.may_end.set()
    load = loading(order)
    load.size = 10**12
    await load.wait(60)
    assert load.takes_s is not None
    assert load.takes_s < 60


async def test_a_load_has_its_own_budget() -> None:
    load = loading(Order(), load_s=0.01)
    with pytest.raises(NotReady) as raised:
        await load.wait(60)
    assert raised.value.code == "timeout_load"


async def test_a_failed_load_is_everybodys_failure_and_the_next_caller_begins_another() -> None:
    order = Order()
    order.error = UpstreamFailed("killed", upstream="small")
    order.may_end.set()
    load = loading(order)
    with pytest.raises(UpstreamFailed):
        await load.wait(60)
    order.error = None
    await load.wait(60)
    assert order.begun == 2


async def test_closing_ends_it() -> None:
    load = loading(Order())
    load.begin()
    await load.aclose()
    assert not load.running
    await load.aclose()
