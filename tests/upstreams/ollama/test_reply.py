"""Native answers become chat completions, whole and streamed, wherever the stream is cut."""

from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.reply import read_reply, usage_of
from router.core.stream import ChatTap, EventSplitter
from router.upstreams.ollama.reply import EventWriter, Frame, Lines, error_object, whole

FRAME = Frame("chatcmpl-0198abcdef012345", "qwen3:4b", 1)
LINES = [
    {"message": {"role": "assistant", "content": "", "thinking": "hm"}, "done": False},
    {"message": {"role": "assistant", "content": "Grüße"}, "logprobs": [{"token": "Grüße", "logprob": -0.1}]},
    {"message": {"content": "", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}},
    {"message": {"content": "", "tool_calls": [{"id": "own", "function": {"name": "g", "arguments": {}}}]}},
    {"message": {"content": ""}, "done": True, "done_reason": "stop", "prompt_eval_count": 9, "eval_count": 4},
]
STREAM = b"".join(orjson.dumps(line) + b"\n" for line in LINES)


def told(cuts: list[int] | None = None, stream: bytes = STREAM) -> tuple[ChatTap, list[bytes]]:
    lines, writer, tap, events = Lines(), EventWriter(FRAME), ChatTap(gather=True), EventSplitter()
    edges = [0, *sorted(cut % len(stream) for cut in cuts or ()), len(stream)]
    came = []
    for start, end in pairwise(edges):
        for line in lines.feed(stream[start:end]):
            came += [event for piece in writer.events(line) for event in events.feed(piece)]
    for event in came:
        tap.feed(event)
    return tap, came


def test_a_stream_is_told_in_openais_events() -> None:
    tap, events = told()
    assert (tap.complete, tap.done, tap.finish_reasons) == (True, True, {0: "tool_calls"})
    message = tap.answer().message
    assert (message["content"], message["reasoning_content"]) == ("Grüße", "hm")
    assert [call["function"]["name"] for call in message["tool_calls"]] == ["f", "g"]
    assert message["tool_calls"][0]["function"]["arguments"] == '{"a":1}'
    assert message["tool_calls"][0]["id"] != message["tool_calls"][1]["id"] == "own"
    assert [entry["token"] for entry in tap.answer().logprobs] == ["Grüße"]
    assert tap.usage == {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    assert orjson.loads(events[0][6:])["choices"][0]["delta"]["role"] == "assistant"


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_the_events_are_the_same_wherever_the_stream_is_cut(cuts: list[int]) -> None:
    assert told(cuts)[1] == told()[1]


def test_a_line_that_only_lacks_its_end_still_counts_and_half_a_line_does_not() -> None:
    lines = Lines()
    assert list(lines.feed(STREAM[:-1])) == LINES[:-1]
    assert list(lines.rest()) == LINES[-1:]
    with pytest.raises(ValueError, match="unexpected end"):
        list(Lines().feed(b'{"done": tr\n'))


def test_a_line_without_an_end_does_not_take_all_memory() -> None:
    lines = Lines()
    for _ in range(8):
        assert list(lines.feed(b"x" * 2**20)) == []
    with pytest.raises(ValueError, match="longer than"):
        lines.feed(b"x")


def test_a_whole_answer_has_everything() -> None:
    said: dict[str, Any] = {
        "message": {"content": "42", "thinking": "six times seven"},
        "done_reason": "length",
        "prompt_eval_count": 40,
        "prompt_eval_cached_count": 32,
        "eval_count": 2,
        "logprobs": [{"token": "42", "logprob": -0.5, "top_logprobs": [{"token": "41", "logprob": -3}]}],
    }
    reply = read_reply(whole(FRAME, said))
    assert (reply.answer.message["content"], reply.answer.finish_reason) == ("42", "length")
    assert reply.answer.message["reasoning_content"] == "six times seven"
    usage = usage_of(reply.usage or {})
    assert (usage.input, usage.cached, usage.output) == (8, 32, 2)
    (entry,) = reply.answer.logprobs
    assert entry["bytes"] == [52, 50]
    assert entry["top_logprobs"][0]["bytes"] == [52, 49]


def test_a_call_alone_has_no_content_and_says_tool_calls() -> None:
    said = {"message": {"content": "", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}, "eval_count": 1}
    body = orjson.loads(whole(FRAME, said))
    assert body["choices"][0]["message"]["content"] is None
    assert body["choices"][0]["finish_reason"] == "tool_calls"
    assert "usage" not in body  # the prompt was not counted, so nothing is claimed


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("the prompt is longer than the context length currently available to the model", "context_length_exceeded"),
        ({"type": "exceed_context_size_error", "message": "request (9) exceeds"}, "context_length_exceeded"),
        ("request (5000 tokens) exceeds the available context size (4096 tokens)", "context_length_exceeded"),
        ("model runner has unexpectedly stopped", None),
    ],
)
def test_its_words_for_too_long_become_openais_code(error: object, code: str | None) -> None:
    assert error_object({"error": error})["code"] == code


@pytest.mark.parametrize("line", [{"error": "model runner has unexpectedly stopped"}, [1], "x", None])
def test_an_error_inside_the_stream_is_an_error_event(line: Any) -> None:
    (event,) = EventWriter(FRAME).events(line)
    assert ChatTap().feed(event).name == "ERROR"
