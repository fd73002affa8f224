"""Kind `recorded`: it plays what it holds and never invents."""

import gzip
import json
from pathlib import Path

import pytest

from router.core.errors import NotReady, SetupError
from router.core.recording import Recording, recording_key
from tests.upstreams.conftest import Built, asked

TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]
CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1,  "b": 2}'}}


async def test_a_question_it_does_not_hold_is_refused_with_the_way_out(built: Built) -> None:
    upstream = built(kind="recorded", recordings={})
    for ask in (upstream.send, upstream.stream):
        with pytest.raises(NotReady, match=r"recording.*smallfirst init") as refused:
            await ask(asked("Who won?"))
        assert (refused.value.code, refused.value.status) == ("not_recorded", 503)


async def test_model_sampling_and_streaming_do_not_change_the_question(built: Built) -> None:
    answer = Recording({"role": "assistant", "content": "42"}, "stop", {"total_tokens": 3})
    upstream = built(kind="recorded", recordings={recording_key(asked().request): answer})
    reply = await upstream.send(asked(temperature=1, max_tokens=5, stream=False))
    assert json.loads(reply.body)["choices"][0]["message"]["content"] == "42"
    with pytest.raises(NotReady):
        await upstream.send(asked(tools=TOOLS))


async def test_a_tool_call_is_streamed_with_its_arguments_untouched(built: Built) -> None:
    message = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    upstream = built(
        kind="recorded",
        recordings={recording_key(asked(tools=TOOLS).request): Recording(message, "tool_calls", {})},
    )
    stream = await upstream.stream(asked(tools=TOOLS, stream=True))
    events = [json.loads(chunk[6:]) async for chunk in stream.chunks if b"[DONE]" not in chunk]
    deltas = [event["choices"][0]["delta"] for event in events]
    assert deltas[0] == {"role": "assistant", "content": None}
    assert deltas[1]["tool_calls"] == [{"index": 0, **CALL}]
    assert [event["choices"][0]["finish_reason"] for event in events] == [None, None, "tool_calls"]


@pytest.mark.parametrize("text", ["one  two", " led by a space", "three\nlines\n", "", "word"])
async def test_the_words_of_a_stream_add_up_to_the_text(built: Built, text: str) -> None:
    answer = Recording({"role": "assistant", "content": text}, "stop", {"total_tokens": 3})
    upstream = built(kind="recorded", recordings={recording_key(asked().request): answer})
    stream = await upstream.stream(asked(stream=True))
    events = [json.loads(chunk[6:]) async for chunk in stream.chunks if b"[DONE]" not in chunk]
    assert "".join(event["choices"][0]["delta"].get("content") or "" for event in events) == text


async def test_it_takes_its_time_when_told_to(built: Built) -> None:
    answer = Recording({"role": "assistant", "content": "42"}, "stop", {})
    held = {recording_key(asked().request): answer}
    upstream = built(kind="recorded", recordings=held, options={"delay_ms": 1})
    assert (await upstream.send(asked())).status == 200


@pytest.mark.parametrize("packed", [False, True])
async def test_recordings_are_read_from_a_file_plain_or_packed(built: Built, tmp_path: Path, packed: bool) -> None:
    response = {"message": {"role": "assistant", "content": "42"}, "finish_reason": "stop", "usage": {}}
    lines = [{"request": asked("a").request, "response": response}, {"key": "k", "response": response}]
    text = "\n\n".join(map(json.dumps, lines)).encode()
    path = tmp_path / ("sheet.jsonl.gz" if packed else "sheet.jsonl")
    path.write_bytes(gzip.compress(text) if packed else text)
    upstream = built(kind="recorded", options={"recording": str(path)})
    assert (await upstream.send(asked("a"))).status == 200
    assert "2 answers" in (await upstream.state()).detail


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"key": "k", "response": {}}', '{"response": {"message": {}}}'])
def test_a_line_that_is_no_recording_is_named(built: Built, tmp_path: Path, line: str) -> None:
    path = tmp_path / "sheet.jsonl"
    path.write_text('{"key": "k", "response": {"message": {}}}\n' + line)
    with pytest.raises(SetupError, match="line 2"):
        built(kind="recorded", options={"recording": str(path)})


def test_a_file_that_cannot_be_read_is_named(built: Built, tmp_path: Path) -> None:
    broken = tmp_path / "sheet.jsonl.gz"
    broken.write_bytes(b"not packed")
    for path in (tmp_path / "missing.jsonl", broken):
        with pytest.raises(SetupError, match=path.name):
            built(kind="recorded", options={"recording": str(path)})
