"""A chat stream told as events: put together, they are the reply that was not streamed."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.dialects.dialect import Translated
from router.core.dialects.messages.messages import Messages
from router.core.reply import MessageParts
from router.core.stream import EventSplitter, data_of

DIALECT = Messages()
USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 30,
    "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
    "completion_tokens_details": {"reasoning_tokens": 20},
}


def request(**fields: Any) -> Translated:
    body = {"model": "auto", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], **fields}
    return DIALECT.parse(orjson.dumps(body))


def chunk(delta: dict[str, Any] | None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "chatcmpl-1", "model": "m1", "choices": choices, **more}


def call(index: int, arguments: str, name: str | None = None) -> dict[str, Any]:
    head = {} if name is None else {"id": f"call_{index}", "type": "function"}
    return {"index": index, **head, "function": {"name": name, "arguments": arguments}}


def written(chunks: Sequence[dict[str, Any]], asked: Translated) -> bytes:
    writer = DIALECT.writer(asked)
    return b"".join(map(writer.feed, chunks)) + writer.end()


def events(stream: bytes) -> list[dict[str, Any]]:
    found = EventSplitter().feed(stream)
    told = [orjson.loads(data_of(event)) for event in found]
    assert [event.split(b"\n")[0] for event in found] == [b"event: " + e["type"].encode() for e in told]
    return told


def put_together(told: list[dict[str, Any]]) -> dict[str, Any]:
    """What an SDK makes of the events; holds that one block is open at a time and all are closed."""
    message: dict[str, Any] = told[0]["message"]
    arguments: dict[int, str] = {}
    is_open: int | None = None
    for event in told[1:]:
        match event["type"]:
            case "content_block_start":
                assert (is_open, event["index"]) == (None, len(message["content"]))
                is_open = event["index"]
                message["content"].append(event["content_block"])
            case "content_block_delta":
                assert event["index"] == is_open
                block, delta = message["content"][-1], event["delta"]
                if delta["type"] == "input_json_delta":
                    arguments[event["index"]] = arguments.get(event["index"], "") + delta["partial_json"]
                else:
                    name = delta["type"].removesuffix("_delta")
                    block[name] += delta[name]
            case "content_block_stop":
                assert event["index"] == is_open
                is_open = None
            case "message_delta":
                message |= event["delta"]
                message["usage"] |= event["usage"]
    for index, written_arguments in arguments.items():
        message["content"][index]["input"] = orjson.loads(written_arguments)
    assert told[-1] == {"type": "message_stop"}
    return message


def whole(chunks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The completion that the same server would have sent unstreamed."""
    parts, finish, usage = MessageParts(), None, None
    for each in chunks:
        usage = each.get("usage") or usage
        for choice in each["choices"]:
            parts.add(choice["delta"])
            finish = choice["finish_reason"] or finish
    choice = {"index": 0, "message": parts.message(), "finish_reason": finish}
    return {"id": "chatcmpl-1", "model": "m1", "choices": [choice], "usage": usage}


PIECES = st.lists(st.text(max_size=5), max_size=4)
ARGUMENTS = st.dictionaries(st.text(max_size=3), st.integers(-(2**53), 2**53) | st.text(max_size=3), max_size=3)


@st.composite
def chat_streams(draw: st.DrawFn) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in draw(PIECES)]
    deltas += [{"content": piece} for piece in draw(PIECES)]
    fragments: list[dict[str, Any]] = []
    count = draw(st.integers(0, 3))
    for index in range(count):
        arguments = orjson.dumps(draw(ARGUMENTS)).decode() if draw(st.booleans()) else ""
        cut = draw(st.integers(0, len(arguments)))
        fragments += [call(index, ""), call(index, arguments[:cut]), call(index, arguments[cut:])]
    if draw(st.booleans()):  # mixed, each call's own fragments still in order
        fragments = [fragments[3 * index + part] for part in range(3) for index in range(count)]
    seen: set[int] = set()
    for fragment in fragments:
        if fragment["index"] not in seen:
            seen.add(fragment["index"])
            fragment = call(fragment["index"], fragment["function"]["arguments"], f"f{fragment['index']}")
        deltas.append({"tool_calls": [fragment]})
    finish = "tool_calls" if count else draw(st.sampled_from(["stop", "length", "content_filter"]))
    return [*map(chunk, deltas), chunk({}, finish), chunk(None, usage=USAGE)]


@settings(max_examples=60, deadline=None)
@given(chat_streams())
def test_events_put_together_are_the_reply_that_was_not_streamed(chunks: list[dict[str, Any]]) -> None:
    asked = request()
    assert put_together(events(written(chunks, asked))) == orjson.loads(DIALECT.reply(asked, whole(chunks)))


def test_a_stream_of_text_is_the_events_that_anthropic_sends() -> None:
    chunks = [chunk({"role": "assistant", "content": ""}), chunk({"content": "hi"}), chunk({}, "stop")]
    told = events(written([*chunks, chunk(None, usage=USAGE)], request()))
    assert [event["type"] for event in told] == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert told[0]["message"]["id"] == "msg_chatcmpl-1"
    assert told[-2] == {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {
            "input_tokens": 30,
            "cache_creation_input_tokens": 10,
            "cache_read_input_tokens": 60,
            "output_tokens": 30,
            "output_tokens_details": {"thinking_tokens": 20},
        },
    }


def test_fragments_of_arguments_go_on_byte_for_byte() -> None:
    pieces = ['{"a" ', ": 1.0", ',"é":"\\u00e9"}']
    chunks = [chunk({"tool_calls": [call(0, "", "f")]}), *(chunk({"tool_calls": [call(0, piece)]}) for piece in pieces)]
    told = events(written([*chunks, chunk({}, "tool_calls")], request()))
    assert [e["delta"]["partial_json"] for e in told if e["type"] == "content_block_delta"] == pieces


def test_arguments_that_never_get_whole_end_with_the_stream_as_they_came() -> None:
    chunks = [chunk({"tool_calls": [call(0, '{"a', "f")]}), chunk({"content": "oh"}), chunk({}, "length")]
    told = events(written(chunks, request()))
    assert [e["delta"] for e in told if e["type"] == "content_block_delta"] == [
        {"type": "input_json_delta", "partial_json": '{"a'},
        {"type": "text_delta", "text": "oh"},
    ]
    assert told[-2]["delta"]["stop_reason"] == "max_tokens"


def test_calls_without_an_index_or_an_id_are_told_apart() -> None:
    chunks = [
        chunk({"tool_calls": [{"id": "a", "function": {"name": "f", "arguments": {"x": 1}}}]}),
        chunk({"tool_calls": [{"id": "b", "function": {"name": "g", "arguments": "{}"}}]}, "stop"),
    ]
    message = put_together(events(written(chunks, request())))
    assert [(b["id"], b["name"], b["input"]) for b in message["content"]] == [("a", "f", {"x": 1}), ("b", "g", {})]
    assert message["stop_reason"] == "tool_use"


def test_signed_and_redacted_thinking_keep_their_blocks() -> None:
    signed = {"type": "thinking", "thinking": "hm", "signature": "s=="}
    redacted = {"type": "redacted_thinking", "data": "xx"}
    chunks = [
        chunk({"reasoning_content": "h"}),
        chunk({"reasoning_content": "m"}),
        chunk({"thinking_blocks": [signed]}),
    ]
    chunks += [chunk({"thinking_blocks": [redacted]}), chunk({"content": "so"}, "stop")]
    message = put_together(events(written(chunks, request())))
    assert message["content"] == [signed, redacted, {"type": "text", "text": "so"}]


@pytest.mark.parametrize("thinking", [{"type": "disabled"}, {"type": "adaptive", "display": "omitted"}])
def test_thinking_that_was_not_wanted_is_not_shown(thinking: dict[str, Any]) -> None:
    chunks = [chunk({"reasoning_content": "hm"}), chunk({"content": "so"}, "stop")]
    asked = request(thinking=thinking)
    assert put_together(events(written(chunks, asked)))["content"] == [{"type": "text", "text": "so"}]
    assert orjson.loads(DIALECT.reply(asked, whole(chunks)))["content"] == [{"type": "text", "text": "so"}]


def test_a_refusal_is_told_as_one() -> None:
    message = put_together(events(written([chunk({"refusal": "No."}), chunk({}, "stop")], request())))
    assert (message["content"], message["stop_reason"]) == ([{"type": "text", "text": "No."}], "refusal")


def test_another_choice_is_not_told() -> None:
    other = {"id": "x", "choices": [{"index": 1, "delta": {"content": "no"}, "finish_reason": "length"}]}
    message = put_together(events(written([other, chunk({"content": "yes"}, "stop")], request())))
    assert (message["content"], message["stop_reason"]) == ([{"type": "text", "text": "yes"}], "end_turn")


def test_a_stream_of_nothing_still_begins_and_ends() -> None:
    assert put_together(events(written([], request())))["content"] == []
