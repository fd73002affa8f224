"""Event streams: cut anywhere they give the same events, and a tap knows what it must."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.stream import MAX_GATHERED, ChatTap, EventSplitter, Seen, data_of

ENDINGS = st.sampled_from([b"\n", b"\r\n", b"\r"])
LINES = st.sampled_from(
    [b": ping", b"event: x", b"data: {}", b"data:1", "data: é€😀".encode(), b"data", b"id: 7", b"x"]
)
EVENTS = st.lists(st.tuples(st.lists(LINES, min_size=1, max_size=3), ENDINGS), max_size=6).map(
    lambda events: b"".join(b"".join(line + end for line in lines) + end for lines, end in events)
)


def event(data: Any) -> bytes:
    return b"data: " + orjson.dumps(data) + b"\n\n"


def delta(finish: str | None = None, index: int = 0, **delta: Any) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return event({"id": "chatcmpl-1", "model": "m", "choices": [choice]})


def fed(*events: bytes, gather: bool = False) -> ChatTap:
    tap = ChatTap(gather=gather)
    for one in events:
        tap.feed(one)
    return tap


def split(stream: bytes, cuts: list[int]) -> list[bytes]:
    splitter, events, at = EventSplitter(), list[bytes](), 0
    for cut in [*sorted(cuts), len(stream)]:
        events += splitter.feed(stream[at:cut])
        at = max(at, cut)
    return [*events, splitter.rest()]


@given(EVENTS, st.data())
def test_wherever_a_stream_is_cut_the_events_are_the_same(stream: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    assert split(stream, cuts) == split(stream, []) == split(stream, list(range(len(stream))))


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=5))
def test_the_events_put_together_are_the_bytes_that_came(stream: bytes, cuts: list[int]) -> None:
    assert b"".join(split(stream, [min(cut, len(stream)) for cut in cuts])) == stream


def test_an_event_comes_out_with_the_feed_that_completes_it() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: 1\n\nda") == [b"data: 1\n\n"]
    assert splitter.feed(b"ta: 2\r\n") == []
    assert splitter.feed(b"\r\n: ping\r\n\r\n") == [b"data: 2\r\n\r\n", b": ping\r\n\r\n"]
    assert splitter.feed(b"data: 3\r\n\r") == []
    assert splitter.feed(b"\n") == [b"data: 3\r\n\r\n"]


@pytest.mark.parametrize(
    ("before", "last"),
    [([], b"data: 12345678\n\n"), ([b"data: "], b"12345678"), ([b"data: 1\n\nda"], b"ta: 1234567")],
)
def test_an_event_over_the_limit_is_an_error(before: list[bytes], last: bytes) -> None:
    splitter = EventSplitter(limit=10)
    for feed in before:
        splitter.feed(feed)
    with pytest.raises(ValueError, match="longer than 10 bytes"):
        splitter.feed(last)


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"data: {}\n\n", b"{}"),
        (b"data:{}\r\n\r\n", b"{}"),
        (b"data: a\ndata:  b\n\n", b"a\n b"),
        (b"data: a\rdata: b\n\n", b"a\nb"),
        (b": ping\n\n", b""),
        (b"event: x\nid: 1\ndata: {}\n\n", b"{}"),
        (b"\xef\xbb\xbfdata: {}\n\n", b"{}"),
        (b"data: {}", b"{}"),
        (b"\n\n", b""),
    ],
)
def test_the_payload_is_what_the_data_lines_say(raw: bytes, data: bytes) -> None:
    assert data_of(raw) == data


def test_a_plain_answer_is_followed_to_its_end() -> None:
    tap = ChatTap(gather=True)
    assert tap.feed(delta(role="assistant", content="")) is Seen.DELTA
    assert not tap.first_token
    assert tap.feed(delta(content="Hel")) is Seen.DELTA
    assert tap.first_token
    assert not tap.complete
    tap.feed(delta(content="lo"))
    tap.feed(delta("stop"))
    assert tap.complete
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    assert tap.feed(event({"choices": [], "usage": usage})) is Seen.USAGE
    assert tap.feed(b"data: [DONE]\n\n") is Seen.DONE
    assert (tap.usage, tap.reply_id, tap.chars) == (usage, "chatcmpl-1", 5)
    answer = tap.answer()
    assert answer.message == {"role": "assistant", "content": "Hello"}
    assert (answer.finish_reason, answer.complete) == ("stop", True)


def test_usage_beside_an_empty_delta_is_usage_alone_but_not_beside_an_end() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    empty = {"choices": [{"index": 0, "delta": {}, "finish_reason": None}], "usage": usage}
    ending = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
    assert ChatTap().feed(event(empty)) is Seen.USAGE
    assert ChatTap().feed(event(ending)) is Seen.DELTA
    assert ChatTap().feed(event({"choices": [], "usage": None})) is Seen.DELTA


def test_done_without_a_finish_reason_completes_nothing() -> None:
    assert not fed(delta(content="x"), b"data: [DONE]\n\n").complete


def test_an_end_without_done_is_complete() -> None:
    assert fed(delta(content="x"), delta("stop")).complete


def test_every_choice_that_began_must_end() -> None:
    half = (delta(content="x"), delta(content="y", index=1), delta("stop"))
    assert not fed(*half).complete
    assert fed(*half, delta("stop", index=1)).complete


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (event({"error": {"message": "out of slots"}}), "out of slots"),
        (event({"error": "out of slots"}), "out of slots"),
        (event({"object": "error", "message": "out of slots", "code": 503}), "out of slots"),
        (b"data: <html>\n\n", "the upstream sent something that is not a JSON object"),
        (b"data: 7\n\n", "the upstream sent something that is not a JSON object"),
    ],
)
def test_an_error_inside_the_stream_is_seen_and_nothing_is_complete_then(raw: bytes, message: str) -> None:
    tap = ChatTap()
    assert tap.feed(raw) is Seen.ERROR
    assert tap.error is not None
    assert tap.error["message"] == message
    tap.feed(delta("stop"))
    assert not tap.complete


def test_tool_calls_are_put_together_by_index_with_every_byte_of_their_arguments() -> None:
    def part(index: int, arguments: str, **more: Any) -> dict[str, Any]:
        return {"index": index, "function": {"arguments": arguments, **more.pop("function", {})}, **more}

    answer = fed(
        delta(tool_calls=[part(0, "", id="a", type="function", function={"name": "one"})]),
        delta(tool_calls=[part(0, '{"x": 1.0'), part(1, "{", id="b", function={"name": "two"})]),
        delta(tool_calls=[part(1, "}"), part(0, "e5 }")]),
        delta("tool_calls"),
        gather=True,
    ).answer()
    assert answer.message["content"] is None
    assert answer.message["tool_calls"] == [
        {"id": "a", "type": "function", "function": {"name": "one", "arguments": '{"x": 1.0e5 }'}},
        {"id": "b", "type": "function", "function": {"name": "two", "arguments": "{}"}},
    ]


def test_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    first, rest = {"id": "a", "function": {"name": "f", "arguments": "{"}}, {"function": {"arguments": "}"}}
    second = {"id": "b", "function": {"name": "f", "arguments": "[]"}}
    calls = fed(*(delta(tool_calls=[c]) for c in (first, rest, second)), gather=True).answer().message["tool_calls"]
    assert [(call["id"], call["function"]["arguments"]) for call in calls] == [("a", "{}"), ("b", "[]")]


def test_refusal_reasoning_and_logprobs_are_gathered() -> None:
    entry = {"token": "x", "logprob": -0.1}
    choice = {"index": 0, "delta": {"refusal": "no"}, "logprobs": {"content": [entry]}}
    answer = fed(delta(reasoning_content="hm"), event({"choices": [choice]}), gather=True).answer()
    assert answer.message == {"role": "assistant", "content": None, "reasoning_content": "hm", "refusal": "no"}
    assert list(answer.logprobs) == [entry]


def test_a_tap_that_does_not_gather_has_no_answer() -> None:
    with pytest.raises(ValueError, match="gather=True"):
        ChatTap().answer()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "index", "usage", "tool_calls", "function", "arguments", "error", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=4), st.binary(max_size=20))
def test_no_event_makes_a_tap_raise(chunks: list[Any], junk: bytes) -> None:
    tap = ChatTap(gather=True)
    for chunk in chunks:
        tap.feed(b"data: " + json.dumps({"choices": [chunk, {"delta": chunk}]}).encode() + b"\n\n")
    tap.feed(b"data:" + junk)
    assert tap.answer().message["role"] == "assistant"


def test_what_is_longer_than_anybody_keeps_is_no_longer_put_together() -> None:
    tap = ChatTap(gather=True)
    tap.feed(delta(content="x" * MAX_GATHERED))
    assert tap.gathers
    tap.feed(delta(content="y"))
    assert (tap.gathers, tap.chars) == (False, MAX_GATHERED + 1)


@pytest.mark.parametrize(
    ("choice", "unmeasured"),
    [
        ({"delta": {"content": "hi"}}, True),
        ({"delta": {"content": "hi"}, "logprobs": {"content": [{"token": "hi", "logprob": -0.1}]}}, False),
        ({"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}}, False),
    ],
)
def test_words_without_the_log_probabilities_that_were_sought_are_unmeasured(
    choice: dict[str, Any], unmeasured: bool
) -> None:
    tap = ChatTap()
    tap.sought = True
    tap.note({"choices": [{"index": 0, "finish_reason": "stop", **choice}]})
    assert tap.unmeasured is unmeasured


def test_the_choices_of_a_stream_are_counted_once_it_is_whole() -> None:
    tap = ChatTap(gather=True)
    tap.note({"choices": [{"index": 0, "delta": {"content": "a"}}, {"index": 1, "delta": {"content": "b"}}]})
    assert tap.answer().choices == 0
    for index in (0, 1):
        tap.note({"choices": [{"index": index, "delta": {}, "finish_reason": "stop"}]})
    assert tap.answer().choices == 2
