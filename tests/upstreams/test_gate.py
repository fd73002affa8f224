"""Slots are counted; when all are taken callers go on, wait in order, or are sent away."""

import asyncio

import pytest

from router.core.errors import NotReady
from router.core.upstream import Timeouts, UpstreamSpec
from router.upstreams.gate import Gate


def gate(full: str, slots: int | None = 1, queue_s: float = 60) -> Gate:
    return Gate(UpstreamSpec("small", "openai", "m", slots=slots, full=full, timeouts=Timeouts(queue_s=queue_s)))


async def test_by_default_everybody_goes_in_and_is_counted() -> None:
    door = gate("send")
    for _ in range(3):
        await door.enter()
    assert (door.inside, door.queue) == (3, 0)
    door.leave()
    assert door.inside == 2


async def test_overflow_sends_the_next_one_away_at_once() -> None:
    door = gate("overflow")
    await door.enter()
    with pytest.raises(NotReady) as full:
        await door.enter()
    assert (full.value.code, door.inside) == ("full", 1)
    door.leave()
    await door.enter()


async def test_who_waits_comes_in_in_order() -> None:
    door, order = gate("wait"), []

    async def come(name: str) -> None:
        await door.enter()
        order.append(name)

    await door.enter()
    coming = [asyncio.ensure_future(come(name)) for name in "abc"]
    await asyncio.sleep(0)
    assert door.queue == 3
    for _ in coming:
        door.leave()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await asyncio.gather(*coming)
    assert (order, door.inside) == (["a", "b", "c"], 1)


async def test_nobody_overtakes_the_queue() -> None:
    door = gate("wait")
    await door.enter()
    waiting = asyncio.ensure_future(door.enter())
    await asyncio.sleep(0)
    door.leave()
    assert not door.passed()
    await waiting


async def test_who_waited_too_long_is_told_the_budget() -> None:
    door = gate("wait", queue_s=0.01)
    await door.enter()
    with pytest.raises(NotReady, match=r"queue_s = 0\.01 s"):
        await door.enter()
    assert (door.inside, door.queue) == (1, 0)


async def test_who_leaves_the_queue_takes_nothing_along() -> None:
    door = gate("wait")
    await door.enter()
    leaving, staying = (asyncio.ensure_future(door.enter()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait((leaving,))
    door.leave()
    await staying
    assert (door.inside, door.queue) == (1, 0)


async def test_a_slot_given_to_one_who_leaves_in_that_moment_goes_to_the_next() -> None:
    door = gate("wait")
    await door.enter()
    leaving, staying = (asyncio.ensure_future(door.enter()) for _ in range(2))
    await asyncio.sleep(0)
    door.leave()
    leaving.cancel()
    await asyncio.wait((leaving,))
    await staying
    assert (door.inside, door.queue) == (1, 0)


async def test_without_known_slots_there_is_no_limit() -> None:
    door = gate("overflow", slots=None)
    for _ in range(100):
        await door.enter()
    assert door.inside == 100


@pytest.mark.parametrize("full", ["send", "wait", "overflow"])
async def test_whoever_finds_no_slot_free_has_the_guests_leave_and_comes_in(full: str) -> None:
    door, left = gate(full), asyncio.Event()

    async def visit() -> None:
        await door.enter()
        end = door.lend(left.set)
        await left.wait()
        end()
        door.leave()

    visiting = asyncio.ensure_future(visit())
    await asyncio.sleep(0)
    assert not door.idle
    await door.enter()
    await visiting
    assert (door.inside, door.queue, left.is_set()) == (1, 0, True)


async def test_a_guest_stays_while_there_is_room_and_leaves_no_trace() -> None:
    door, recalled = gate("overflow", slots=2), []
    end = door.lend(lambda: recalled.append(True))
    await door.enter()
    assert (door.idle, recalled) == (True, [])
    end()
    await door.enter()
    assert not door.idle
    with pytest.raises(NotReady):
        await door.enter()
    assert recalled == []


async def test_where_slots_are_not_known_it_is_idle_when_nobody_is_inside() -> None:
    door = gate("send", slots=None)
    assert door.idle
    await door.enter()
    assert not door.idle
