"""One upstream call: checked and journalled before it is sent, settled in every case."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from router.core.errors import Forbidden, LedgerUnwritable
from router.core.exchange import Attempt, Exchange
from router.core.moves import Event, Failed, Replied
from router.core.ports import Table
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import chat, open_call


class Unwritable:
    """A ledger on a full disk."""

    def append(self, record: Attempt | Exchange, ended: Sequence[Attempt] = ()) -> None:
        raise LedgerUnwritable("the disk is full")

    def put(self, table: Table, row: Mapping[str, Any]) -> None:
        raise LedgerUnwritable("the disk is full")

    def find(self, table: Table, **where: Any) -> list[dict[str, Any]]:
        return []

    def aggregate(self, name: str, **params: Any) -> list[dict[str, Any]]:
        return []

    def close(self) -> None:
        """Nothing is open."""


async def test_an_attempt_is_on_disk_before_its_request_leaves(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    deps = make_deps(small, scripted())
    made = open_call(deps, chat())
    (row,) = deps.store.find("attempts")
    assert (row["id"], row["upstream"], row["ended_at"]) == (made.attempt.id, "small", None)
    assert small.requests == []


async def test_a_whole_answer_is_kept_read_and_settled(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says("42")
    made, told = open_call(make_deps(small, scripted()), chat()), list[Event]()
    await made.run(told.append)
    assert told == [Replied(0)]
    assert made.answer().message["content"] == "42"
    assert made.reply is not None
    assert made.parts == [made.reply.body]
    assert (made.content_type, made.length) == ("application/json", len(made.reply.body))
    assert (made.attempt.status, made.attempt.error, made.reply_id) == (200, None, "chatcmpl-standin")
    assert made.attempt.usage is not None
    assert (made.attempt.usage.input, made.attempt.usage.output, made.attempt.usage.source) == (7, 3, "upstream")
    assert made.exchange.attempts == [made.attempt]


async def test_a_failure_is_told_once_and_its_name_is_on_the_row(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.fails(429)
    made, told = open_call(make_deps(small, scripted()), chat()), list[Event]()
    await made.run(told.append)
    (failed,) = told
    assert isinstance(failed, Failed)
    assert (made.attempt.error, made.attempt.status, made.attempt.usage) == ("429", 429, None)


async def test_text_without_a_count_is_estimated_and_says_so(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says("x" * 40, usage=None)
    made = open_call(make_deps(small, scripted()), chat("y" * 400))
    await made.run(lambda event: None)
    usage = made.attempt.usage
    assert usage is not None
    assert (usage.input, usage.output, usage.source) == (104, 10, "estimate")


async def test_a_cancelled_call_is_a_settled_one(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.hangs()
    made = open_call(make_deps(small, scripted()), chat())
    running = asyncio.ensure_future(made.run(lambda event: None))
    await small.asked.happened()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (made.attempt.error, made.attempt.status) == ("cancelled", None)
    assert made.attempt.ended_at is not None
    await small.hangups.happened()


async def test_what_must_stay_local_is_checked_where_it_is_sent(scripted: Scripted, make_deps: MakeDeps) -> None:
    big = scripted()
    deps = make_deps(scripted(), big)
    with pytest.raises(Forbidden) as raised:
        open_call(deps, chat(), "big", local_only=True)
    assert raised.value.code == "local_only"
    assert deps.store.find("attempts") == []
    assert big.requests == []


async def test_a_ledger_that_cannot_write_stops_nobody_unless_the_operator_said_so(
    scripted: Scripted, make_deps: MakeDeps, caplog: pytest.LogCaptureFixture
) -> None:
    deps = make_deps(scripted(), scripted(), store=Unwritable())
    made = open_call(deps, chat())
    await made.run(lambda event: None)
    assert made.attempt.error is None
    assert "could not be journalled" in caplog.text
    with pytest.raises(LedgerUnwritable):
        open_call(replace(deps, settings=replace(deps.settings, fail_closed=True)), chat())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_the_reply_can_carry_the_name_the_client_wrote(
    stream: bool, scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps = make_deps(scripted(), scripted(), settings={"reply_model": "requested"})
    made = open_call(deps, chat(stream=stream))
    await made.run(lambda event: None)
    assert b'"auto"' in b"".join(made.parts)
    assert b"small-model" not in b"".join(made.parts)
