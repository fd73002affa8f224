"""Responses as a dialect: a whole conversation there and back, and errors in its shape."""

import json
from typing import Any

import orjson
import pytest
from openai.types.responses import Response

from router.core.dialects.dialect import Dialect
from router.core.dialects.responses.dialect import Responses
from router.core.errors import BadRequest, NotReady

USER = {"role": "user", "content": [{"type": "input_text", "text": "weather in both?"}]}


def answer(message: dict[str, Any], reason: str) -> dict[str, Any]:
    choices = [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}]
    return {"id": "chatcmpl-7", "object": "chat.completion", "created": 5, "model": "m", "choices": choices}


def asked(*items: Any) -> bytes:
    tool = {"type": "function", "name": "look", "parameters": {"type": "object"}, "strict": False}
    return orjson.dumps({"model": "auto", "input": items, "tools": [tool], "store": False})


def test_a_conversation_with_parallel_calls_goes_there_and_back() -> None:
    dialect: Dialect = Responses()
    calls = [
        {"id": f"call_{city}", "type": "function", "function": {"name": "look", "arguments": f'{{ "city":"{city}"}}'}}
        for city in ("rome", "oslo")
    ]
    said = {"content": "I look.", "reasoning_content": "two calls", "tool_calls": calls}
    request = dialect.parse(asked(USER))
    first = Response.model_validate_json(dialect.reply(request, answer(said, "tool_calls")))
    assert [item.type for item in first.output] == ["reasoning", "message", "function_call", "function_call"]
    history = json.loads(dialect.reply(request, answer(said, "tool_calls")))["output"]
    results = [{"type": "function_call_output", "call_id": call["id"], "output": "rain"} for call in calls]
    chat = dialect.parse(asked(USER, *history, *results)).chat["messages"]
    assert chat[1] == {"role": "assistant", **said}
    assert [(message["role"], message.get("tool_call_id")) for message in chat[2:]] == [
        ("tool", "call_rome"),
        ("tool", "call_oslo"),
    ]
    last = Response.model_validate_json(dialect.reply(request, answer({"content": "Rain in both."}, "stop")))
    assert (last.output_text, last.status) == ("Rain in both.", "completed")


def test_a_reply_cut_by_its_limit_is_incomplete() -> None:
    dialect = Responses()
    reply = Response.model_validate_json(dialect.reply(dialect.parse(asked(USER)), answer({"content": "a"}, "length")))
    assert (reply.status, reply.incomplete_details and reply.incomplete_details.reason) == (
        "incomplete",
        "max_output_tokens",
    )


def test_a_native_dialect_lets_state_through() -> None:
    raw = orjson.dumps({"model": "auto", "input": "hi", "previous_response_id": "resp_1"})
    assert Responses(native=True).parse(raw).stripped == ("previous_response_id",)
    with pytest.raises(BadRequest):
        Responses().parse(raw)


def test_an_error_has_openais_four_fields() -> None:
    error = json.loads(Responses().http_error(BadRequest("no", param="input", code="invalid_type"))[2])["error"]
    assert error == {"message": "no", "type": "invalid_request_error", "param": "input", "code": "invalid_type"}


def test_an_error_in_a_stream_is_an_event_that_sdks_raise() -> None:
    name, data = Responses().error_event(NotReady("later", upstream="small")).decode().split("\n", 1)
    told = json.loads(data.removeprefix("data: "))
    assert (name, told["type"], told["code"], told["error"]["message"]) == (
        "event: error",
        "error",
        "not_ready",
        "later",
    )
