"""One timer for many calls: each ends in its time, and nobody else's cancelling is taken for it."""

import asyncio

import pytest

from router.upstreams.budget import Budget


async def forever(budget: Budget) -> None:
    with budget.spent():
        await asyncio.Event().wait()


async def test_every_call_that_takes_too_long_is_ended() -> None:
    budget = Budget(0.01)
    ends = await asyncio.gather(*(forever(budget) for _ in range(3)), return_exceptions=True)
    assert [type(end) for end in ends] == [TimeoutError] * 3


async def test_a_later_call_is_ended_by_the_timer_of_an_earlier_one() -> None:
    budget = Budget(0.01)
    with budget.spent():
        pass
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await forever(budget)


async def test_what_ends_in_time_is_left_alone() -> None:
    budget = Budget(10)
    with budget.spent():
        await asyncio.sleep(0)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    budget.close()


async def test_an_error_of_the_body_comes_through() -> None:
    budget = Budget(10)
    with pytest.raises(KeyError), budget.spent():
        raise KeyError
    budget.close()


async def test_cancelling_from_outside_is_no_timeout() -> None:
    budget = Budget(10)
    task = asyncio.ensure_future(forever(budget))
    await asyncio.wait((task,), timeout=0)
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    budget.close()


async def test_cancelling_from_outside_stands_even_when_time_is_up() -> None:
    budget = Budget(10)
    task = asyncio.ensure_future(forever(budget))
    await asyncio.wait((task,), timeout=0)
    for spell in tuple(budget._running):
        spell.end()
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()
    budget.close()


async def test_after_a_timeout_the_task_goes_on_as_if_never_cancelled() -> None:
    budget = Budget(0.01)
    with pytest.raises(TimeoutError):
        await forever(budget)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    async with asyncio.timeout(10):
        await asyncio.wait_for(asyncio.sleep(0), 10)
