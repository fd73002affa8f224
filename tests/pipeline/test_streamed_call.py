"""A call that streams: gathered while it is held, passed on once it is released, and settled however it ends."""

import asyncio

import pytest

from router.core.moves import Began, Event, Failed, Replied
from router.pipeline.sink import Start
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import Client, chat, open_call


async def test_a_held_stream_is_gathered_until_someone_releases_it(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says("forty two")
    made, told = open_call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    assert told == [Began(0), Replied(0)]
    assert made.answer().message["content"] == "forty two"
    assert made.parts[-1] == b"data: [DONE]\n\n"
    assert (made.content_type, made.length) == ("text/event-stream", None)
    assert made.attempt.ttft_ms is not None


async def test_the_usage_chunk_reaches_only_those_who_asked_for_it(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted())
    silent, asked = (
        open_call(deps, chat(stream=True)),
        open_call(deps, chat(stream=True, stream_options={"include_usage": True})),
    )
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
    made, client = open_call(make_deps(small, scripted()), chat(stream=True), held=False), Client()
    began = asyncio.Event()
    running = asyncio.ensure_future(made.run(lambda event: began.set()))
    await began.wait()
    assert client.chunks == []
    await client.start(Start(200, "text/event-stream", {}))
    made.release_to(client)
    await running
    assert client.body.endswith(b"data: [DONE]\n\n")
    assert made.parts == []


@pytest.mark.parametrize(("fault", "name"), [("cuts", "stream_interrupted"), ("errs_in_band", "in_band")])
async def test_a_stream_that_breaks_or_errs_is_a_failure(
    fault: str, name: str, scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    getattr(small, fault)()
    made, told = open_call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    assert isinstance(told[-1], Failed)
    assert made.attempt.error in (name, "upstream_failed")


async def test_a_stream_without_an_end_is_no_answer(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    chunk = b'data: {"choices":[{"index":0,"delta":{"content":"4"},"finish_reason":null}]}\n\n'
    small.sends(chunk, content_type="text/event-stream")
    made, told = open_call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    assert isinstance(told[-1], Failed)
    assert made.attempt.error == "stream_interrupted"
    assert made.attempt.usage is not None
    assert made.attempt.usage.source == "estimate"


async def test_an_error_inside_a_stream_is_told_in_our_words(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.errs_in_band("Incorrect API key provided: sk-secret \ud800")
    made, told = open_call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    (failed,) = told
    assert isinstance(failed, Failed)
    assert "sk-secret" not in failed.error.message


async def test_a_stream_that_is_held_has_an_end(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.streams(["y" * 2**20] * 70)
    made, told = open_call(make_deps(small, scripted()), chat(stream=True)), list[Event]()
    await made.run(told.append)
    assert isinstance(told[-1], Failed)
    assert made.attempt.error == "answer_too_large"
    assert (made.parts, made.tap.gathers) == ([], False)  # another step may take long, and this call stays beside it


async def test_a_reply_whose_id_is_no_text_still_has_its_row(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    chunk = b'data: {"id":"\\ud800%s","choices":[{"index":0,"delta":{"content":"4"},"finish_reason":"stop"}]}\n\n'
    small.sends(chunk % (b"x" * 5000), content_type="text/event-stream")
    deps = make_deps(small, scripted())
    made = open_call(deps, chat(stream=True))
    await made.run(lambda event: None)
    made.exchange.reply_id = made.reply_id
    deps.store.append(made.exchange)
    (row,) = deps.store.find("exchanges")
    assert row["reply_id"] == "?" + "x" * 199
