"""Responses' own events and objects read as chat."""

from typing import Any

import pytest

from router.core.dialects.native.items import ItemReader

USAGE = {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 3}, "output_tokens": 5, "total_tokens": 14}
CALL = {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"a":1}'}
WORDS = {"type": "message", "content": [{"type": "output_text", "text": "hi"}]}


def response(*output: Any, **fields: Any) -> dict[str, Any]:
    return {"id": "resp_1", "model": "m", "status": "completed", "output": list(output), "usage": USAGE} | fields


def test_words_come_as_they_are_said_and_the_end_brings_the_usage() -> None:
    reader = ItemReader()
    (first,) = reader.feed({"type": "response.created", "response": response(status="in_progress")})
    (word,) = reader.feed({"type": "response.output_text.delta", "delta": "hi"})
    assert (first["id"], first["choices"][0]["delta"]) == ("resp_1", {"role": "assistant"})
    assert word["choices"][0]["delta"] == {"content": "hi"}
    assert not reader.ended
    (last,) = reader.feed({"type": "response.completed", "response": response(WORDS)})
    assert reader.ended
    assert last["choices"][0]["finish_reason"] == "stop"
    assert last["usage"]["prompt_tokens_details"] == {"cached_tokens": 3}


def test_a_call_begins_with_its_name_and_grows_by_its_arguments() -> None:
    reader = ItemReader()
    (begun,) = reader.feed({"type": "response.output_item.added", "output_index": 1, "item": {**CALL, "arguments": ""}})
    (more,) = reader.feed({"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"a"'})
    assert begun["choices"][0]["delta"]["tool_calls"][0]["function"] == {"name": "weather", "arguments": ""}
    assert more["choices"][0]["delta"]["tool_calls"] == [{"index": 1, "function": {"arguments": '{"a"'}}]


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", "message": "boom", "code": "server_error"},
        {"type": "response.failed", "response": {"error": {"message": "boom", "code": "server_error"}}},
    ],
    ids=["error", "failed"],
)
def test_a_stream_that_fails_is_an_error(event: dict[str, Any]) -> None:
    (told,) = ItemReader().feed(event)
    assert told["error"]["message"] == "boom"


def test_a_whole_response_is_a_completion_with_words_calls_and_usage() -> None:
    told = ItemReader().whole(response(WORDS, CALL))
    choice = told["choices"][0]
    assert choice["message"]["content"] == "hi"
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"a":1}'
    assert choice["finish_reason"] == "tool_calls"
    assert told["usage"]["completion_tokens"] == 5


def test_what_was_cut_short_says_so_and_what_failed_is_an_error() -> None:
    cut = response(WORDS, status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    assert ItemReader().whole(cut)["choices"][0]["finish_reason"] == "length"
    assert ItemReader().whole(response(status="failed", error={"message": "no"}))["error"] == {"message": "no"}
