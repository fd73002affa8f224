"""One reader gets everything, once, in order."""

import asyncio

import pytest

from router.pipeline.mailbox import Mailbox


async def test_what_was_put_before_anyone_waited_comes_in_order() -> None:
    box = Mailbox[int]()
    for item in (1, 2, 3):
        box.put(item)

    assert [await box.get() for _ in range(3)] == [1, 2, 3]


async def test_a_waiting_reader_wakes_for_each_item_even_when_several_come_at_once() -> None:
    box = Mailbox[int]()

    async def read() -> list[int]:
        return [await box.get() for _ in range(4)]

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    box.put(1)
    box.put(2)
    await asyncio.sleep(0)
    box.put(3)
    await asyncio.sleep(0)
    box.put(4)

    assert await reading == [1, 2, 3, 4]


async def test_a_cancelled_reader_takes_nothing_with_it() -> None:
    box = Mailbox[int]()
    reading = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    reading.cancel()
    box.put(7)

    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await box.get() == 7
