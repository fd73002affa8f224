"""A chat completion told as a Messages reply."""

from typing import Any

import orjson
import pytest

from router.core.dialects.messages.messages import Messages, count_tokens
from router.core.errors import BadRequest

DIALECT = Messages()
ASKED: dict[str, Any] = {
    "model": "auto",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "x" * 36}],
    "stop_sequences": ["END"],
}
REQUEST = DIALECT.parse(orjson.dumps(ASKED))


def raw(message: dict[str, Any], **choice: Any) -> bytes:
    choices = [{"index": 0, "message": message, "finish_reason": "stop", **choice}]
    return DIALECT.reply(REQUEST, {"id": "chatcmpl-1", "model": "m1", "choices": choices})


def told(message: dict[str, Any], **choice: Any) -> dict[str, Any]:
    return dict(orjson.loads(raw(message, **choice)))


def test_a_whole_reply() -> None:
    assert told({"role": "assistant", "content": "four"}) == {
        "id": "msg_chatcmpl-1",
        "type": "message",
        "role": "assistant",
        "model": "m1",
        "content": [{"type": "text", "text": "four"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 13,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 1,
        },
    }


def test_parallel_calls_keep_their_ids_and_the_bytes_of_their_arguments() -> None:
    big = '{ "n" : 123456789012345678901234, "x":1.0 }'
    calls = [{"id": f"call_{n}", "type": "function", "function": {"name": "f", "arguments": big}} for n in (1, 2)]
    body = raw({"content": None, "tool_calls": calls}, finish_reason="tool_calls")
    assert body.count(b'"input":' + big.encode()) == 2
    message = orjson.loads(body)
    assert [block["id"] for block in message["content"]] == ["call_1", "call_2"]
    assert message["stop_reason"] == "tool_use"


@pytest.mark.parametrize(
    ("arguments", "given"), [("", {}), ("{", {"INVALID_JSON": "{"}), ("[1]", {"INVALID_JSON": "[1]"})]
)
def test_arguments_that_are_no_object_are_wrapped_so_that_the_model_is_told(arguments: str, given: object) -> None:
    message = told({"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]})
    assert message["content"] == [{"type": "tool_use", "id": "toolu_0", "name": "f", "input": given}]


@pytest.mark.parametrize(
    ("choice", "reason", "sequence"),
    [
        ({"finish_reason": "length"}, "max_tokens", None),
        ({"finish_reason": "content_filter"}, "refusal", None),
        ({"finish_reason": "stop", "stop_reason": "END"}, "stop_sequence", "END"),
        ({"finish_reason": "stop", "stop_reason": 151645}, "end_turn", None),
        ({"finish_reason": None}, "end_turn", None),
    ],
)
def test_why_it_ended_is_told(choice: dict[str, Any], reason: str, sequence: str | None) -> None:
    message = told({"content": "x"}, **choice)
    assert (message["stop_reason"], message["stop_sequence"]) == (reason, sequence)


def test_reasoning_is_a_block_that_nobody_signed() -> None:
    assert told({"content": "x", "reasoning": "hm"})["content"][0] == {
        "type": "thinking",
        "thinking": "hm",
        "signature": "",
    }


def test_a_completion_without_choices_is_an_empty_reply() -> None:
    assert orjson.loads(DIALECT.reply(REQUEST, {}))["content"] == []


def test_tokens_are_counted_with_system_and_tools_and_without_a_limit() -> None:
    asked = {name: value for name, value in ASKED.items() if name != "max_tokens"}
    assert orjson.loads(count_tokens(orjson.dumps(asked))) == {"input_tokens": 13}
    more = {**asked, "system": "x" * 40, "tools": [{"name": "f", "input_schema": {}}]}
    assert orjson.loads(count_tokens(orjson.dumps(more)))["input_tokens"] > 13 + 14
    with pytest.raises(BadRequest):
        count_tokens(b"{}")


@pytest.mark.parametrize("usage", ["5", [5], 5])
def test_a_usage_that_is_none_loses_no_answer(usage: object) -> None:
    choices = [{"index": 0, "message": {"role": "assistant", "content": "4"}, "finish_reason": "stop"}]
    said = orjson.loads(DIALECT.reply(REQUEST, {"id": "chatcmpl-1", "choices": choices, "usage": usage}))
    assert (said["content"], said["usage"]["input_tokens"] > 0) == ([{"type": "text", "text": "4"}], True)
