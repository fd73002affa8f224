"""The turns of a Messages conversation as chat messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from router.core.dialects.messages.blocks import Part, block_parts, content_of, parts_of
from router.core.dialects.messages.checks import mapping, sequence, text
from router.core.errors import BadRequest

MAX_MESSAGES = 10_000
Turn = dict[str, Any]


def chat_messages(body: Mapping[str, Any]) -> list[Turn]:
    """System prompt and turns, in order. Raises BadRequest naming the place."""
    turns = sequence(body.get("messages"), "messages")
    if not turns:
        raise BadRequest("`messages` must hold at least one message.", param="messages", code="invalid_value")
    if len(turns) > MAX_MESSAGES:
        raise BadRequest(
            f"`messages` may have at most {MAX_MESSAGES} entries.", param="messages", code="array_above_max_length"
        )
    messages: list[Turn] = []
    if body.get("system"):
        messages.append({"role": "system", "content": content_of(parts_of(body["system"], "system"))})
    for index, turn in enumerate(turns):
        place = f"messages[{index}]"
        messages += _turn(mapping(turn, place), place)
    return messages


def _turn(turn: Mapping[str, Any], place: str) -> list[Turn]:
    content, at = turn.get("content"), f"{place}.content"
    match turn.get("role"):
        case "user":
            return _user(content, at)
        case "assistant":
            return [_assistant(content, at)]
        case "system":
            return [{"role": "system", "content": content_of(parts_of(content, at))}]
    raise BadRequest(f"`{place}.role` must be user or assistant.", param=f"{place}.role", code="invalid_value")


def _user(content: object, place: str) -> list[Turn]:
    """Results first, each a tool message; then what else was said, and the pictures that came in results.

    A tool message of the chat dialect holds text alone, and must follow its call at once.
    """
    if isinstance(content, str):
        return [{"role": "user", "content": content}]
    results: list[Turn] = []
    parts: list[Part] = []
    for index, block in enumerate(sequence(content, place)):
        at = f"{place}[{index}]"
        block = mapping(block, at)
        if block.get("type") == "tool_result":
            result, pictures = _result(block, at)
            results.append(result)
            parts += pictures
        else:
            parts += block_parts(block, at)
    said = [{"role": "user", "content": content_of(parts)}] if parts or not results else []
    return [*results, *said]


def _result(block: Mapping[str, Any], place: str) -> tuple[Turn, list[Part]]:
    parts = parts_of(block.get("content") or "", f"{place}.content")
    texts = [part for part in parts if part["type"] == "text"]
    call = text(block.get("tool_use_id"), f"{place}.tool_use_id")
    result: Turn = {"role": "tool", "tool_call_id": call, "content": content_of(texts)}
    for name in ("is_error", "cache_control"):
        if block.get(name):
            result[name] = block[name]
    return result, [part for part in parts if part["type"] != "text"]


@dataclass(slots=True)
class _Said:
    """What an assistant's turn holds, by kind, while its blocks are read."""

    parts: list[Part] = field(default_factory=list)
    calls: list[Turn] = field(default_factory=list)
    thinking: list[Mapping[str, Any]] = field(default_factory=list)


def _assistant(content: object, place: str) -> Turn:
    """One message; thinking blocks ride along whole, for a model that can read their signatures."""
    if isinstance(content, str):
        return {"role": "assistant", "content": content}
    said = _Said()
    for index, block in enumerate(sequence(content, place)):
        _sort(said, mapping(block, f"{place}[{index}]"), f"{place}[{index}]")
    message: Turn = {"role": "assistant", "content": content_of(said.parts)}
    if said.calls:
        message["content"] = message["content"] or None
        message["tool_calls"] = said.calls
    if said.thinking:
        message["thinking_blocks"] = said.thinking
    return message


def _sort(said: _Said, block: Mapping[str, Any], place: str) -> None:
    match block.get("type"):
        case "tool_use":
            said.calls.append(_call(block, place))
        case "thinking":
            text(block.get("thinking"), f"{place}.thinking")
            said.thinking.append(block)
        case "redacted_thinking":
            text(block.get("data"), f"{place}.data")
            said.thinking.append(block)
        case _:
            said.parts += block_parts(block, place)


def _call(block: Mapping[str, Any], place: str) -> Turn:
    arguments = orjson.dumps(mapping(block.get("input"), f"{place}.input")).decode()
    call: Turn = {
        "id": text(block.get("id"), f"{place}.id"),
        "type": "function",
        "function": {"name": text(block.get("name"), f"{place}.name"), "arguments": arguments},
    }
    if block.get("cache_control"):
        call["cache_control"] = block["cache_control"]
    return call
