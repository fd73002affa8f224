"""Chat chunks to typed events: each as OpenAI's own client reads it, together the reply that was not streamed."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import ResponseStreamEvent
from pydantic import TypeAdapter

from router.core.dialects.responses.request import parse
from router.core.dialects.responses.writer import ResponsesWriter
from router.core.errors import UpstreamFailed

EVENT: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
SPACE = {"type": "namespace", "name": "mcp__a", "description": "d", "tools": [{"type": "function", "name": "look"}]}
REQUEST = parse(orjson.dumps({"model": "auto", "input": "hi", "stream": True, "tools": [SPACE]}))
USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13, "prompt_tokens_details": {"cached_tokens": 5}}


def chunk(delta: dict[str, Any], reason: str | None = None, **choice: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": reason, **choice}]
    return {"id": "chatcmpl-7", "object": "chat.completion.chunk", "created": 5, "model": "m", "choices": choices}


def usage() -> dict[str, Any]:
    return {"id": "chatcmpl-7", "created": 5, "model": "m", "choices": [], "usage": USAGE}


def read(stream: bytes) -> list[dict[str, Any]]:
    """The events in `stream`, each checked against OpenAI's own types and its name against its type."""
    found = []
    for event in stream.decode().split("\n\n")[:-1]:
        name, data = event.split("\n", 1)
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
        EVENT.validate_python(found[-1])
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


def streamed(*chunks: dict[str, Any]) -> list[dict[str, Any]]:
    writer = ResponsesWriter(REQUEST)
    return read(b"".join([*map(writer.feed, chunks), writer.end()]))


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events]


def call(index: int, call_id: str | None, name: str | None, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments} if name else {"arguments": arguments}
    return {"index": index, "id": call_id, "type": "function", "function": function}


def test_a_text_is_told_from_its_creation_to_its_completion() -> None:
    events = streamed(chunk({"role": "assistant", "content": ""}), chunk({"content": "a"}), chunk({}, "stop"), usage())
    assert (
        kinds(events)
        == (
            "created in_progress output_item.added content_part.added output_text.delta "
            "output_text.done content_part.done output_item.done completed"
        ).split()
    )
    final = events[-1]["response"]
    assert (final["id"], final["model"], final["created_at"], final["status"]) == ("resp_7", "m", 5, "completed")
    assert final["output"][0]["content"][0]["text"] == "a"
    assert final["usage"]["input_tokens_details"]["cached_tokens"] == 5


def test_the_first_chunk_brings_the_first_event_at_once() -> None:
    assert kinds(read(ResponsesWriter(REQUEST).feed(chunk({"role": "assistant"})))) == ["created", "in_progress"]


def test_thoughts_end_before_the_words_begin() -> None:
    events = streamed(chunk({"reasoning_content": "h"}), chunk({"reasoning": "m"}), chunk({"content": "a"}, "stop"))
    items = [item["type"] for item in events[-1]["response"]["output"]]
    assert (items, events[-1]["response"]["output"][0]["content"][0]["text"]) == (["reasoning", "message"], "hm")
    order = [(event["type"], event["item"]["type"]) for event in events if "item" in event]
    assert order.index(("response.output_item.done", "reasoning")) < order.index(
        ("response.output_item.added", "message")
    )


def test_parallel_calls_sent_by_turns_are_kept_apart() -> None:
    events = streamed(
        chunk({"tool_calls": [call(0, "c1", "mcp__a__look", "{"), call(1, "c2", "other", "")]}),
        chunk({"tool_calls": [call(1, None, None, '{"b": 1}')]}),
        chunk({"tool_calls": [call(0, None, None, "}")]}, "tool_calls"),
    )
    first, second = events[-1]["response"]["output"]
    assert (first["call_id"], first["namespace"], first["name"], first["arguments"]) == ("c1", "mcp__a", "look", "{}")
    assert (second["call_id"], second["arguments"], "namespace" in second) == ("c2", '{"b": 1}', False)


def test_a_call_without_id_or_index_can_still_be_answered() -> None:
    events = streamed(chunk({"tool_calls": [{"function": {"name": "look", "arguments": {"a": 1}}}]}, "tool_calls"))
    item = events[-1]["response"]["output"][0]
    assert (item["call_id"], item["arguments"]) == (item["id"], '{"a":1}')


def test_arguments_before_a_name_wait_for_it() -> None:
    events = streamed(
        chunk({"tool_calls": [call(0, "c1", None, "{")]}),
        chunk({"tool_calls": [call(0, None, "look", "}")]}, "tool_calls"),
    )
    assert [event["delta"] for event in events if event["type"].endswith(".delta")] == ["{}"]


def test_a_custom_call_has_an_input() -> None:
    fragments = [
        {"index": 0, "id": "c1", "type": "custom", "custom": {"name": "patch", "input": "***"}},
        {"index": 0, "custom": {"input": " \n"}},
    ]
    events = streamed(*(chunk({"tool_calls": [fragment]}) for fragment in fragments), chunk({}, "tool_calls"))
    item = events[-1]["response"]["output"][0]
    assert (item["type"], item["input"]) == ("custom_tool_call", "*** \n")
    assert kinds(events)[-3:] == ["custom_tool_call_input.done", "output_item.done", "completed"]


def test_a_refusal_is_a_part_of_its_own() -> None:
    events = streamed(chunk({"refusal": "N"}), chunk({"refusal": "o."}, "stop"))
    assert events[-1]["response"]["output"][0]["content"] == [{"type": "refusal", "refusal": "No."}]


def test_log_probabilities_and_annotations_belong_to_the_text() -> None:
    token = {"token": "a", "bytes": [97], "logprob": -0.1, "top_logprobs": []}
    cited = {"url": "https://x", "title": "t", "start_index": 0, "end_index": 1}
    annotations = [{"type": "url_citation", "url_citation": cited}]
    events = streamed(
        chunk({"content": "a"}, logprobs={"content": [token]}), chunk({"annotations": annotations}, "stop")
    )
    part = events[-1]["response"]["output"][0]["content"][0]
    assert (part["logprobs"], part["annotations"]) == ([token], [{"type": "url_citation", **cited}])
    assert "output_text.annotation.added" in kinds(events)


@pytest.mark.parametrize(("reason", "why"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_an_answer_cut_short_is_incomplete_and_says_why(reason: str, why: str) -> None:
    last = streamed(chunk({"content": "a"}), chunk({}, reason))[-1]
    assert (last["type"], last["response"]["incomplete_details"]) == ("response.incomplete", {"reason": why})
    assert last["response"]["output"][-1]["status"] == "incomplete"


def test_an_answer_that_says_nothing_has_no_items() -> None:
    assert streamed(chunk({"role": "assistant", "content": ""}, "stop"))[-1]["response"]["output"] == []


def test_other_choices_are_nobodys_answer_here() -> None:
    assert streamed(chunk({"content": "b"}, index=1), chunk({}, "stop"))[-1]["response"]["output"] == []


def test_a_failure_is_an_error_that_sdks_raise_and_then_a_failed_response() -> None:
    writer = ResponsesWriter(REQUEST)
    begun = writer.feed(chunk({"content": "a"}))
    events = read(begun + writer.fail(UpstreamFailed("broke off", upstream="small")))
    assert kinds(events)[-2:] == ["error", "failed"]
    assert events[-2]["error"]["message"] == events[-2]["message"] == "broke off"
    assert events[-1]["response"]["output"][0]["content"][0]["text"] == "a"


def test_a_failure_before_the_first_chunk_is_a_whole_stream_too() -> None:
    events = read(ResponsesWriter(REQUEST).fail(UpstreamFailed("broke off", upstream="small")))
    assert kinds(events) == ["created", "in_progress", "error", "failed"]


TEXT = st.text(max_size=12)
CALLS = st.lists(st.tuples(st.booleans(), TEXT, TEXT), max_size=3)
REASONS = st.sampled_from(["stop", "length", "tool_calls", "content_filter"])


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    """A chat message as an upstream may answer it."""
    calls = []
    for number, (custom, first, second) in enumerate(draw(CALLS)):
        said = {"name": "mcp__a__look", "input" if custom else "arguments": first + second}
        kind = "custom" if custom else "function"
        calls.append({"id": f"call_{number}", "type": kind, kind: said})
    found = {"role": "assistant", "content": draw(st.none() | TEXT), "tool_calls": calls or None}
    return found | {"reasoning_content": draw(TEXT), "refusal": draw(st.none() | TEXT)}


@st.composite
def chunks_of(draw: st.DrawFn, message: dict[str, Any], reason: str) -> list[dict[str, Any]]:
    """The message as a stream: texts cut anywhere, calls one after the other, their arguments in two."""
    found = [chunk({"role": "assistant"})]
    for name in ("reasoning_content", "content", "refusal"):
        text = message[name] or ""
        cut = draw(st.integers(0, len(text)))
        found += [chunk({name: text[:cut]}), chunk({name: text[cut:]})]
    for index, whole in enumerate(message["tool_calls"] or ()):
        kind, key = whole["type"], "input" if whole["type"] == "custom" else "arguments"
        text = whole[kind][key]
        cut = draw(st.integers(0, len(text)))
        found.append(chunk({"tool_calls": [{**whole, "index": index, kind: {**whole[kind], key: text[:cut]}}]}))
        found.append(chunk({"tool_calls": [{"index": index, kind: {key: text[cut:]}}]}))
    return [*found, chunk({}, reason), usage()]


def completion(message: dict[str, Any], reason: str) -> dict[str, Any]:
    choices = [{"index": 0, "message": message, "finish_reason": reason}]
    return {"id": "chatcmpl-7", "created": 5, "model": "m", "choices": choices, "usage": USAGE}


@settings(max_examples=60, deadline=None)
@given(data=st.data(), message=messages(), reason=REASONS)
def test_a_stream_put_together_is_the_reply(data: st.DataObject, message: dict[str, Any], reason: str) -> None:
    events = streamed(*data.draw(chunks_of(message, reason)))
    final = events[-1]["response"]
    assert final == ResponsesWriter(REQUEST).whole(completion(message, reason))
    done = {event["output_index"]: event["item"] for event in events if event["type"] == "response.output_item.done"}
    assert [done[index] for index in range(len(done))] == final["output"]
    for index, item in enumerate(final["output"]):
        deltas = [e["delta"] for e in events if e.get("output_index") == index and e["type"].endswith(".delta")]
        texts = [part.get("text", part.get("refusal")) for part in item.get("content", [])]
        assert "".join(deltas) == item.get("arguments", item.get("input", "".join(texts)))


@settings(max_examples=30, deadline=None)
@given(data=st.data(), message=messages())
def test_a_stream_that_breaks_off_is_never_told_as_complete(data: st.DataObject, message: dict[str, Any]) -> None:
    chunks = data.draw(chunks_of(message, "stop"))
    events = streamed(*chunks[: data.draw(st.integers(0, len(chunks) - 2))])
    assert kinds(events)[-2:] == ["error", "failed"]
    assert "response.completed" not in kinds(events)


@settings(max_examples=60, deadline=None)
@given(message=messages())
def test_what_was_answered_comes_back_as_it_was_said(message: dict[str, Any]) -> None:
    output = ResponsesWriter(REQUEST).whole(completion(message, "stop"))["output"]
    spoken = [item for item in output if item["type"] != "reasoning"]
    again = parse(orjson.dumps({"model": "auto", "input": [*output, {"role": "user", "content": "go on"}]}))
    first = again.chat["messages"][0]
    if not spoken:
        assert first["role"] == "user"
        return
    assert first.get("tool_calls") == message["tool_calls"]
    assert first.get("reasoning_content", "") == message["reasoning_content"]
    assert said(first) == (message["content"] or "") + (message["refusal"] or "")


def said(message: dict[str, Any]) -> str:
    """Everything in the content, refusals too."""
    content = message["content"] or []
    parts = [{"text": content}] if isinstance(content, str) else content
    texts: list[str] = [part.get("text", part.get("refusal", "")) for part in parts]
    return "".join([*texts, message.get("refusal", "")])
