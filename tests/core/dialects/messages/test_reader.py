"""An Anthropic reply told as a chat completion, whole and streamed, and the two agree."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.dialects.messages.events import added, closed, ended, event, opened, started
from router.core.dialects.messages.incoming import error_from_anthropic, from_anthropic
from router.core.dialects.messages.messages import Messages
from router.core.dialects.messages.reader import Reader
from router.core.reply import MessageParts, usage_of
from router.core.stream import ChatTap, EventSplitter, Seen, data_of

USAGE = {
    "input_tokens": 30,
    "cache_creation_input_tokens": 10,
    "cache_read_input_tokens": 60,
    "output_tokens": 30,
    "output_tokens_details": {"thinking_tokens": 20},
}


def reply(*content: dict[str, Any], stop: str = "end_turn", sequence: str | None = None) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": sequence,
        "usage": USAGE,
    }


def streamed(message: dict[str, Any], cut: int = 2) -> bytes:
    """The same reply as Anthropic streams it, its texts cut after `cut` characters."""
    stream = started({**message, "content": [], "stop_reason": None, "usage": {**USAGE, "output_tokens": 1}})
    for index, block in enumerate(message["content"]):
        stream += _block(index, block, cut) + closed(index)
    stop = {name: message[name] for name in ("stop_reason", "stop_sequence")}
    return stream + ended(stop, {"output_tokens": 30, "output_tokens_details": {"thinking_tokens": 20}})


def _block(index: int, block: dict[str, Any], cut: int) -> bytes:
    match block["type"]:
        case "text":
            head, kind, name, text = {**block, "text": ""}, "text_delta", "text", block["text"]
        case "thinking":
            head, kind, name, text = (
                {**block, "thinking": "", "signature": ""},
                "thinking_delta",
                "thinking",
                block["thinking"],
            )
        case "tool_use":
            head, kind, name = {**block, "input": {}}, "input_json_delta", "partial_json"
            text = orjson.dumps(block["input"]).decode()
        case _:
            return opened(index, block)
    stream = opened(index, head) + added(index, kind, name, text[:cut]) + added(index, kind, name, text[cut:])
    signature = block.get("signature")
    return stream + (added(index, "signature_delta", "signature", signature) if signature else b"")


def chunks(stream: bytes) -> list[dict[str, Any]]:
    reader = Reader(created=7)
    written = b"".join(map(reader.read, EventSplitter().feed(stream)))
    assert reader.done
    *told, done = EventSplitter().feed(written)
    assert done == b"data: [DONE]\n\n"
    return [orjson.loads(data_of(one)) for one in told]


TEXT = st.text(min_size=1, max_size=6)
BLOCKS = st.one_of(
    st.builds(lambda t: {"type": "text", "text": t}, TEXT),
    st.builds(lambda t, s: {"type": "thinking", "thinking": t, "signature": s}, TEXT, TEXT),
    st.builds(lambda d: {"type": "redacted_thinking", "data": d}, TEXT),
    st.builds(
        lambda i, n: {"type": "tool_use", "id": i, "name": "f", "input": {"n": n} if n else {}},
        TEXT,
        st.integers(0, 9),
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(BLOCKS, max_size=4), st.integers(0, 5))
def test_chunks_put_together_are_the_completion_that_was_not_streamed(blocks: list[dict[str, Any]], cut: int) -> None:
    message = reply(*blocks, stop="tool_use")
    told, whole = chunks(streamed(message, cut)), from_anthropic(message, 7)
    parts, thoughts = MessageParts(), []
    for chunk in told[:-1]:
        delta = chunk["choices"][0]["delta"]
        parts.add(delta)
        thoughts += delta.get("thinking_blocks", [])
    expected = dict(whole["choices"][0]["message"])
    assert thoughts == expected.pop("thinking_blocks", [])
    expected.pop("refusal")
    assert {**parts.message(), "content": parts.message()["content"] or None} == expected
    assert told[-2]["choices"][0]["finish_reason"] == "tool_calls"
    assert (told[-1]["choices"], told[-1]["usage"]) == ([], whole["usage"])


def test_the_tap_of_the_house_reads_the_chunks_as_a_complete_answer() -> None:
    reader, tap = Reader(created=7), ChatTap(gather=True)
    seen = []
    for each in EventSplitter().feed(streamed(reply({"type": "text", "text": "four"}))):
        seen += [tap.feed(one) for one in EventSplitter().feed(reader.read(each))]
    assert tap.complete
    assert tap.answer().message["content"] == "four"
    assert seen[-2:] == [Seen.USAGE, Seen.DONE]


def test_a_stream_that_was_cut_is_not_done() -> None:
    reader = Reader(created=7)
    stream = streamed(reply({"type": "text", "text": "four"}))
    written = b"".join(map(reader.read, EventSplitter().feed(stream)[:-2]))
    assert not reader.done
    assert b"[DONE]" not in written
    assert b'"finish_reason":"' not in written


def test_buckets_of_tokens_are_the_same_from_either_side() -> None:
    usage = usage_of(from_anthropic(reply(), 7)["usage"])
    assert (usage.input, usage.cached, usage.cache_write, usage.output, usage.reasoning) == (30, 60, 10, 10, 20)


@pytest.mark.parametrize(
    ("stop", "finish"),
    [
        ("end_turn", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("pause_turn", "stop"),
        ("something_new", "stop"),
    ],
)
def test_why_it_ended_is_told_in_openais_words(stop: str, finish: str) -> None:
    assert from_anthropic(reply(stop=stop), 7)["choices"][0]["finish_reason"] == finish


def test_there_and_back_a_reply_is_what_it_was() -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "text", "text": "so"},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}},
    ]
    asked = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "stop_sequences": ["END"]}
    request = Messages().parse(orjson.dumps(asked))
    for message in (reply(*blocks, stop="tool_use"), reply(blocks[1], stop="stop_sequence", sequence="END")):
        assert orjson.loads(Messages().reply(request, from_anthropic(message, 7))) == message


def test_an_error_event_is_the_error_that_openais_sdks_raise() -> None:
    sent = event("error", error={"type": "overloaded_error", "message": "busy"})
    assert orjson.loads(data_of(Reader(created=7).read(sent))) == {
        "error": {"message": "busy", "type": "overloaded_error", "param": None, "code": "overloaded"}
    }


def test_a_prompt_that_is_too_long_has_the_code_that_agents_branch_on() -> None:
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 8"}}
    assert error_from_anthropic(body)["error"]["code"] == "context_length_exceeded"
    assert error_from_anthropic({"error": 7})["error"]["type"] == "api_error"


@pytest.mark.parametrize(
    "sent", [b": ping\n\n", b'event: ping\ndata: {"type":"ping"}\n\n', b'data: {"type":"new"}\n\n']
)
def test_pings_and_what_nobody_knows_become_nothing(sent: bytes) -> None:
    assert Reader(created=7).read(sent) == b""


@pytest.mark.parametrize("sent", [b"data: oops\n\n", b"data: [1]\n\n"])
def test_what_is_no_event_is_an_error(sent: bytes) -> None:
    assert b'"error"' in Reader(created=7).read(sent)
