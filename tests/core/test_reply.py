"""Replies as read: usage in disjoint buckets, errors found, and no body too strange."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.prices import Usage
from router.core.reply import chars_of, estimate, read_reply, usage_of


def body(**changes: Any) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    return orjson.dumps({"id": "chatcmpl-1", "model": "m", "choices": [choice], **changes})


def test_a_reply_gives_its_answer_usage_and_id() -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 2}
    reply = read_reply(body(usage=usage))
    assert (reply.usage, reply.error, reply.reply_id) == (usage, None, "chatcmpl-1")
    assert reply.answer.message["content"] == "Hello"
    assert (reply.answer.finish_reason, reply.answer.complete) == ("stop", True)


def test_choice_zero_is_the_answer_wherever_it_stands() -> None:
    choices = [{"index": 1, "message": {"content": "b"}}, {"index": 0, "message": {"content": "a"}}]
    assert read_reply(body(choices=choices)).answer.message == {"content": "a"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"error": {"message": "busy"}}', "busy"),
        (b'{"error": "busy"}', "busy"),
        (b'{"object": "error", "message": "busy"}', "busy"),
        (b"", "the upstream sent something that is not a JSON object"),
        (b"<html>", "the upstream sent something that is not a JSON object"),
        (b'{"choices": []}', "the reply has no choices"),
    ],
)
def test_an_error_sent_as_an_answer_is_found(raw: bytes, message: str) -> None:
    reply = read_reply(raw)
    assert reply.error is not None
    assert reply.error["message"] == message
    assert not reply.answer.complete


def test_a_number_that_is_none_and_half_a_character_do_not_hide_the_answer() -> None:
    raw = b'{"choices":[{"message":{"content":"caf\xc3"},"logprobs":{"content":[{"logprob":NaN}]}}]}'
    assert read_reply(raw).answer.message["content"] == "caf�"


@given(st.binary(max_size=40))
def test_no_body_makes_it_raise(raw: bytes) -> None:
    assert not read_reply(raw).answer.message


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({}, Usage()),
        ({"prompt_tokens": 10, "completion_tokens": 5}, Usage(input=10, output=5)),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens_details": {"reasoning_tokens": 3},
            },
            Usage(input=6, cached=4, output=2, reasoning=3),
        ),
        (
            {
                "prompt_tokens": 20,
                "completion_tokens": 5,
                "total_tokens": 1025,
                "completion_tokens_details": {"reasoning_tokens": 1000},
            },
            Usage(input=20, output=5, reasoning=1000),
        ),
        ({"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 99}}, Usage(cached=10)),
        ({"prompt_tokens": -1, "completion_tokens": "7", "prompt_tokens_details": None}, Usage()),
        ({"prompt_tokens": float("nan"), "completion_tokens": float("inf")}, Usage()),
    ],
)
def test_counts_are_put_into_disjoint_buckets(usage: dict[str, Any], expected: Usage) -> None:
    assert usage_of(usage) == expected


COUNTS = st.integers(-5, 50) | st.floats() | st.none() | st.text(max_size=2)
DETAILS = st.none() | st.dictionaries(st.sampled_from(["cached_tokens", "reasoning_tokens"]), COUNTS)


@given(COUNTS, COUNTS, DETAILS, DETAILS)
def test_buckets_are_never_negative_and_sum_to_what_was_said(prompt: Any, out: Any, into: Any, of: Any) -> None:
    raw = {"prompt_tokens": prompt, "completion_tokens": out}
    usage = usage_of({**raw, "prompt_tokens_details": into, "completion_tokens_details": of})
    whole = usage_of(raw)
    assert (usage.prompt, usage.completion) == (whole.prompt, whole.completion)
    assert min(usage.input, usage.cached, usage.output, usage.reasoning) >= 0


def test_an_estimate_says_so() -> None:
    assert estimate(9, 4) == Usage(input=3, output=1, source="estimate")
    assert estimate(-1, 0) == Usage(source="estimate")


def test_characters_are_counted_in_texts_and_arguments() -> None:
    call = {"id": "abc", "function": {"name": "f", "arguments": "{}"}}
    assert chars_of({"role": "assistant", "content": "four", "refusal": None, "tool_calls": [call]}) == 6


def test_a_count_whose_price_would_fit_no_row_is_none() -> None:
    assert usage_of({"prompt_tokens": 2**52, "completion_tokens": 3}) == Usage(0, 0, 0, 3, 0)
