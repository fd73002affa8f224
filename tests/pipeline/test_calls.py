"""One upstream call: checked and journalled before it is sent, settled in every case."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from router.core.dialects.chat import ChatRequest
from router.core.errors import Forbidden, LedgerUnwritable
from router.core.exchange import Attempt, Exchange, Reason
from router.core.moves import Began, Event, Failed, Replied
from router.core.ports import Table
from router.pipeline.calls import OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.planned_call import PlannedCall
from router.pipeline.sink import Start
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import Client, chat, opened_exchange


def call(
    deps: Dependencies, request: ChatRequest, upstream: str = "small", *, held: bool = True, **exchange: Any
) -> OpenCall:
    planned = PlannedCall(number=0, step=0, upstream=upstream, reason=Reason.FIRST, held=held)
    return OpenCall(deps, opened_exchange(**exchange), request, planned)


class Unwritable:
    """A ledger on a full disk."""

    def append(self, record: Attempt | Exchange) -> None:
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
    made = call(deps, chat())
    (row,) = deps.store.find("attempts")
    assert (row["id"], row["upstream"], row["ended_at"]) == (made.attempt.id, "small", None)
    assert small.requests == []


async def test_a_whole_answer_is_kept_read_and_settled(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says("42")
    made, told = call(make_deps(small, scripted()), chat()), list[Event]()
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


async def test_a_held_stream_is_gathered_until_someone_releases_it(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says("forty two")
    made, told = call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    assert told == [Began(0), Replied(0)]
    assert made.answer().message["content"] == "forty two"
    assert made.parts[-1] == b"data: [DONE]\n\n"
    assert (made.content_type, made.length) == ("text/event-stream", None)
    assert made.attempt.ttft_ms is not None


async def test_the_usage_chunk_reaches_only_those_who_asked_for_it(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted())
    silent, asked = call(deps, chat(stream=True)), call(deps, chat(stream=True, stream_options={"include_usage": True}))
    for made in (silent, asked):
        await made.run(lambda event: None)
        assert made.attempt.usage is not None
        assert made.attempt.usage.source == "upstream"
    assert b"prompt_tokens" not in b"".join(silent.parts)
    assert b"prompt_tokens" in b"".join(asked.parts)


async def test_a_stream_that_is_passed_through_waits_for_its_release_and_keeps_nothing(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    small.says("forty two")
    made, client = call(make_deps(small, scripted()), chat(stream=True), held=False), Client()
    began = asyncio.Event()
    running = asyncio.ensure_future(made.run(lambda event: began.set()))
    await began.wait()
    assert client.chunks == []
    await client.start(Start(200, "text/event-stream", {}))
    made.let_go(client)
    await running
    assert client.body.endswith(b"data: [DONE]\n\n")
    assert made.parts == []


async def test_a_failure_is_told_once_and_its_name_is_on_the_row(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.fails(429)
    made, told = call(make_deps(small, scripted()), chat()), list[Event]()
    await made.run(told.append)
    (failed,) = told
    assert isinstance(failed, Failed)
    assert (made.attempt.error, made.attempt.status, made.attempt.usage) == ("429", 429, None)


@pytest.mark.parametrize(("fault", "name"), [("cuts", "stream_interrupted"), ("errs_in_band", "in_band")])
async def test_a_stream_that_breaks_or_errs_is_a_failure(
    fault: str, name: str, scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    getattr(small, fault)()
    made, told = call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    assert isinstance(told[-1], Failed)
    assert made.attempt.error in (name, "upstream_failed")


async def test_a_stream_without_an_end_is_no_answer(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    chunk = b'data: {"choices":[{"index":0,"delta":{"content":"4"},"finish_reason":null}]}\n\n'
    small.sends(chunk, content_type="text/event-stream")
    made, told = call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    assert isinstance(told[-1], Failed)
    assert made.attempt.error == "stream_interrupted"
    assert made.attempt.usage is not None
    assert made.attempt.usage.source == "estimate"


async def test_text_without_a_count_is_estimated_and_says_so(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says("x" * 40, usage=None)
    made = call(make_deps(small, scripted()), chat("y" * 400))
    await made.run(lambda event: None)
    usage = made.attempt.usage
    assert usage is not None
    assert (usage.input, usage.output, usage.source) == (104, 10, "estimate")


async def test_a_cancelled_call_is_a_settled_one(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.hangs()
    made = call(make_deps(small, scripted()), chat())
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
        call(deps, chat(), "big", local_only=True)
    assert raised.value.code == "local_only"
    assert deps.store.find("attempts") == []
    assert big.requests == []


async def test_a_ledger_that_cannot_write_stops_nobody_unless_the_operator_said_so(
    scripted: Scripted, make_deps: MakeDeps, caplog: pytest.LogCaptureFixture
) -> None:
    deps = make_deps(scripted(), scripted(), store=Unwritable())
    made = call(deps, chat())
    await made.run(lambda event: None)
    assert made.attempt.error is None
    assert "could not be journalled" in caplog.text
    with pytest.raises(LedgerUnwritable):
        call(replace(deps, settings=replace(deps.settings, fail_closed=True)), chat())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_the_reply_can_carry_the_name_the_client_wrote(
    stream: bool, scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps = make_deps(scripted(), scripted(), settings={"reply_model": "requested"})
    made = call(deps, chat(stream=stream))
    await made.run(lambda event: None)
    assert b'"auto"' in b"".join(made.parts)
    assert b"small-model" not in b"".join(made.parts)


async def test_an_error_inside_a_stream_is_told_in_our_words(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.errs_in_band("Incorrect API key provided: sk-secret \ud800")
    made, told = call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    (failed,) = told
    assert isinstance(failed, Failed)
    assert "sk-secret" not in failed.error.message


async def test_a_stream_that_is_held_has_an_end(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.streams(["y" * 2**20] * 70)
    made, told = call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    assert isinstance(told[-1], Failed)
    assert made.attempt.error == "answer_too_large"
    assert (made.parts, made.tap.gathers) == ([], False)  # another step may take long, and this call stays beside it


async def test_a_reply_whose_id_is_no_text_still_has_its_row(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    chunk = b'data: {"id":"\\ud800%s","choices":[{"index":0,"delta":{"content":"4"},"finish_reason":"stop"}]}\n\n'
    small.sends(chunk % (b"x" * 5000), content_type="text/event-stream")
    deps = make_deps(small, scripted())
    made = call(deps, chat(stream=True))
    await made.run(lambda event: None)
    made.exchange.reply_id = made.reply_id
    deps.store.append(made.exchange)
    (row,) = deps.store.find("exchanges")
    assert row["reply_id"] == "?" + "x" * 199
