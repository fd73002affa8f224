"""The whole line without HTTP: a request in, bytes and rows out, whatever happens between."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pytest

from router.core.errors import BadRequest, LedgerUnwritable
from router.core.exchange import Attempt, Exchange, Outcome, Verdict
from router.core.ports import Answer
from router.pipeline.options import RequestOptions
from router.pipeline.pipeline import Pipeline
from router.store.memory import MemoryStore
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import Client, chat
from tests.store.records import Clock


class Watcher:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.seen: list[Exchange] = []

    def observe(self, exchange: Exchange) -> None:
        self.seen.append(exchange)


class Broken:
    """A judge with a bug."""

    name = "structure"

    def judge(self, request: Mapping[str, Any], answer: Answer, evidence: Sequence[Verdict]) -> Verdict:
        raise ZeroDivisionError


class FullDisk(MemoryStore):
    """A ledger that takes no record."""

    def append(self, record: Attempt | Exchange, ended: Sequence[Attempt] = ()) -> None:
        raise LedgerUnwritable("the disk is full")


async def test_a_request_becomes_a_reply_a_row_and_an_observation(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, client, watcher = scripted(), Client(), Watcher()
    small.says("42")
    pipeline = Pipeline(make_deps(small, scripted(), observers=(watcher,)))
    exchange = pipeline.open()
    await pipeline.handle(exchange, chat(user="ada"), RequestOptions(traceparent="00-ab-cd-01"), client)
    assert orjson.loads(client.body)["choices"][0]["message"]["content"] == "42"
    assert watcher.seen == [exchange]
    (row,) = pipeline.deps.store.find("exchanges")
    assert (row["id"], row["outcome"], row["upstream"], row["rule"]) == (exchange.id, "answered", "small", "otherwise")
    assert exchange.user == "ada"
    assert small.requests[-1].headers["traceparent"].startswith("00-ab")


async def test_the_times_of_a_row_are_those_of_the_clock(scripted: Scripted, make_deps: MakeDeps) -> None:
    pipeline = Pipeline(make_deps(scripted(), scripted()))
    clock = pipeline.deps.clock_us
    assert isinstance(clock, Clock)
    exchange = pipeline.open()
    clock.advance(0.25)
    pipeline.close(exchange)
    assert (exchange.total_ms, exchange.overhead_ms) == (250, 250)
    assert exchange.outcome is Outcome.INTERRUPTED


async def test_a_request_that_cannot_be_served_is_refused_with_the_usual_headers(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    pipeline, client = Pipeline(make_deps(scripted(), scripted())), Client()
    exchange = pipeline.open()
    await pipeline.handle(exchange, chat(model="nope"), RequestOptions(), client)
    assert client.started.status == 404
    assert client.started.headers["x-request-id"] == exchange.id
    assert client.started.length == len(client.body)
    assert orjson.loads(client.body)["error"]["code"] == "model_not_found"
    (row,) = pipeline.deps.store.find("exchanges")
    assert (row["outcome"], row["error"], row["status"]) == ("refused", "model_not_found", 404)


async def test_the_headers_of_an_error_go_out_with_it(scripted: Scripted, make_deps: MakeDeps) -> None:
    pipeline, client = Pipeline(make_deps(scripted(), scripted())), Client()
    await pipeline.refuse(pipeline.open(), BadRequest("no", headers={"retry-after": "7"}), client)
    assert client.started.headers["retry-after"] == "7"


async def test_when_all_failed_the_row_says_failed_and_keeps_every_attempt(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big, client = scripted(), scripted(), Client()
    small.fails(500)
    big.fails(500)
    pipeline = Pipeline(make_deps(small, big))
    await pipeline.handle(pipeline.open(), chat(), RequestOptions(), client)
    assert client.started.status == 502
    (row,) = pipeline.deps.store.find("exchanges")
    assert row["outcome"] == "failed"
    assert len(pipeline.deps.store.find("attempts")) == 2


async def test_a_bug_is_raised_and_the_row_is_written_all_the_same(scripted: Scripted, make_deps: MakeDeps) -> None:
    pipeline = Pipeline(make_deps(scripted(), scripted(), judges={"structure": Broken(), "refusal": Broken()}))
    with pytest.raises(ZeroDivisionError):
        await pipeline.handle(pipeline.open(), chat(), RequestOptions(), Client())
    (row,) = pipeline.deps.store.find("exchanges")
    assert (row["outcome"], row["status"], row["error"]) == ("failed", 500, "internal_error")
    assert [attempt["ended_at"] is not None for attempt in pipeline.deps.store.find("attempts")] == [True]


async def test_a_ledger_that_cannot_write_leaves_the_reply_alone_and_is_logged(
    scripted: Scripted, make_deps: MakeDeps, caplog: pytest.LogCaptureFixture
) -> None:
    store, client = FullDisk(clock_us=Clock()), Client()
    pipeline = Pipeline(make_deps(scripted(), scripted(), store=store))
    await pipeline.handle(pipeline.open(), chat(), RequestOptions(), client)
    store.close()
    assert client.started.status == 200
    assert "an exchange could not be journalled" in caplog.text


async def test_failing_closed_refuses_before_anything_is_sent(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, store, client = scripted(), FullDisk(clock_us=Clock()), Client()
    pipeline = Pipeline(make_deps(small, scripted(), store=store, settings={"fail_closed": True}))
    await pipeline.handle(pipeline.open(), chat(), RequestOptions(), client)
    store.close()
    assert (client.started.status, orjson.loads(client.body)["error"]["code"]) == (503, "ledger_unwritable")
    assert small.requests == []


async def test_an_upstreams_own_id_does_not_take_the_place_of_ours(scripted: Scripted, make_deps: MakeDeps) -> None:
    pipeline, client = Pipeline(make_deps(scripted(), scripted())), Client()
    exchange = pipeline.open()
    await pipeline.refuse(exchange, BadRequest("no", headers={"x-request-id": "theirs"}), client)
    assert client.started.headers["x-request-id"] == exchange.id
