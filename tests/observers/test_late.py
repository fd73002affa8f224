"""An answer that went out on its beginning and failed as a whole is a label to learn from; nothing else is."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from router.core.exchange import ACCEPT, ESCALATE, TOO_LATE, Exchange, Verdict
from router.observers.late import Late
from router.store.memory import MemoryStore
from tests.store.records import Clock, closed


def streamed(*verdicts: Verdict, stream: bool = True) -> Exchange:
    return closed("small", stream=stream, verdicts=list(verdicts))


async def labelled(*exchanges: Exchange) -> list[dict[str, Any]]:
    """What an observer of these leaves in the ledger."""
    store, written = MemoryStore(clock_us=Clock()), asyncio.Event()
    loop = asyncio.get_running_loop()

    def put(table: Any, row: Mapping[str, Any]) -> None:
        store.put(table, row)
        loop.call_soon_threadsafe(written.set)

    late = Late(put)
    for exchange in exchanges:
        late.observe(exchange)
    await written.wait()
    rows = store.find("labels")
    store.close()
    return rows


LOOPS = Verdict("loops", ESCALATE, f"{TOO_LATE}ends in 12 characters repeated 9 times", 0.0)


async def test_a_late_objection_says_that_the_answer_was_worth_nothing_and_may_only_train() -> None:
    exchange = streamed(Verdict("structure", ACCEPT, f"{TOO_LATE}well formed", 1.0), LOOPS)
    (row,) = await labelled(exchange, exchange)  # seen twice it is one label
    told = [row[name] for name in ("exchange", "who", "judge", "small_quality", "big_quality", "use")]
    assert told == [exchange.id, "structure", "loops", 0.0, None, "train"]
    assert row["comment"] == LOOPS.reason


@pytest.mark.parametrize(
    "exchange",
    [
        streamed(Verdict("loops", ACCEPT, f"{TOO_LATE}no loop", 1.0)),
        streamed(Verdict("loops", ESCALATE, "ends in 12 characters repeated 9 times", 0.0)),
        streamed(LOOPS, stream=False),
    ],
    ids=["accepted", "in time", "whole"],
)
async def test_nothing_else_becomes_one(exchange: Exchange) -> None:
    rows = await labelled(exchange, streamed(LOOPS))
    assert exchange.id not in {row["exchange"] for row in rows}
