"""litellm's answers in OpenAI's shape."""

import json

import pytest

from router.core.reply import usage_of
from router.upstreams.litellm.reply import event, usage, usage_event, whole

pytestmark = pytest.mark.without_litellm

COUNTED = {"prompt_tokens": 1050, "completion_tokens": 25, "total_tokens": 1075, "cache_creation_input_tokens": 50,
           "prompt_tokens_details": {"cached_tokens": 900, "audio_tokens": None},
           "completion_tokens_details": {"reasoning_tokens": 5}, "cost": 0.01}  # fmt: skip


def test_content_stays_when_it_is_null_and_litellms_own_fields_do_not() -> None:
    call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message: dict[str, object] = {
        "content": None,
        "role": "assistant",
        "tool_calls": [call],
        "images": [],
        "provider_specific_fields": {},
    }
    answer = {
        "id": "x",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": message}],
    }
    said = json.loads(whole(answer))
    del call["index"]
    assert said["object"] == "chat.completion"
    assert said["choices"][0]["message"] == {"role": "assistant", "content": None, "tool_calls": [call]}


def test_every_token_is_in_one_bucket() -> None:
    counts = usage({"usage": COUNTED})
    assert counts is not None
    spent = usage_of(counts)
    assert (spent.input, spent.cached, spent.cache_write, spent.output, spent.reasoning) == (100, 900, 50, 20, 5)


@pytest.mark.parametrize("answer", [{}, {"usage": None}, {"usage": {"prompt_tokens": 0, "completion_tokens": 0}}])
def test_usage_that_nobody_counted_is_none(answer: dict[str, object]) -> None:
    assert usage(answer) is None


def test_the_first_delta_has_the_role_and_the_others_have_not() -> None:
    chunk = {"id": "x", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "6", "tool_calls": None}}]}
    first, second = (json.loads(event(chunk, first=n)[6:])["choices"][0]["delta"] for n in (True, False))
    assert first == {"role": "assistant", "content": "6"}
    assert second == {"content": "6"}


def test_a_later_piece_of_a_call_repeats_neither_id_nor_name() -> None:
    piece = {"index": 0, "id": None, "type": "function", "function": {"name": None, "arguments": '{"a"'}}
    chunk = {"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]}
    delta = json.loads(event(chunk, first=False)[6:])["choices"][0]["delta"]
    assert delta == {"tool_calls": [{"index": 0, "function": {"arguments": '{"a"'}}]}


def test_the_usage_chunk_has_no_choices() -> None:
    said = json.loads(usage_event({"id": "x", "choices": [{"delta": {}}], "usage": COUNTED})[6:])
    assert (said["choices"], said["usage"]["prompt_tokens"]) == ([], 1050)
