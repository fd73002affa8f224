"""An Anthropic reply as a chat completion."""

from collections.abc import Mapping
from typing import Any

import orjson

from router.core.dialects.messages.checks import mapping_or_empty, mappings_in
from router.core.dialects.messages.stops import finish_of
from router.core.dialects.messages.usage import openai_usage

CODES: Mapping[str, str] = {
    "authentication_error": "invalid_api_key",
    "billing_error": "insufficient_quota",
    "not_found_error": "model_not_found",
    "rate_limit_error": "rate_limit_exceeded",
    "request_too_large": "request_too_large",
    "overloaded_error": "overloaded",
}
TOO_LONG = ("prompt is too long", "exceed context limit", "context window")
THOUGHTS = ("thinking", "redacted_thinking")


def from_anthropic(message: Mapping[str, Any], created: int) -> dict[str, Any]:
    """The chat completion for a Messages reply. `created` is in Unix seconds, which Anthropic does not tell.

    Thinking comes twice: as `reasoning_content` to be read, and whole, with its signatures, in
    `thinking_blocks`, so that a client which sends the message back loses nothing.
    """
    choice = {"index": 0, "message": _message(message), "logprobs": None, **finish_of(message)}
    return {
        "id": message.get("id"),
        "object": "chat.completion",
        "created": created,
        "model": message.get("model"),
        "choices": [choice],
        "usage": openai_usage(mapping_or_empty(message.get("usage"))),
    }


def error_from_anthropic(body: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAI's error object for Anthropic's, with the codes that clients branch on."""
    error = mapping_or_empty(body.get("error"))
    kind, message = str(error.get("type") or "api_error"), str(error.get("message") or "The upstream gave no reason.")
    code = CODES.get(kind)
    if kind == "invalid_request_error" and any(words in message.lower() for words in TOO_LONG):
        code = "context_length_exceeded"
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    blocks = mappings_in(message.get("content"))
    text = "".join(_word(block, "text") for block in blocks if block.get("type") == "text")
    thinking = "".join(_word(block, "thinking") for block in blocks if block.get("type") == "thinking")
    made: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
    if calls := [_call(block) for block in blocks if block.get("type") == "tool_use"]:
        made["tool_calls"] = calls
    if thinking:
        made["reasoning_content"] = thinking
    if thoughts := [block for block in blocks if block.get("type") in THOUGHTS]:
        made["thinking_blocks"] = thoughts
    return made


def _call(block: Mapping[str, Any]) -> dict[str, Any]:
    arguments = orjson.dumps(block.get("input") or {}).decode()
    return {
        "id": block.get("id"),
        "type": "function",
        "function": {"name": block.get("name"), "arguments": arguments},
    }


def _word(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value if isinstance(value, str) else ""
