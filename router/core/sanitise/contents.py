"""What a target cannot take of a message's content: reasoning, marks, and nothing at all."""

from collections.abc import Mapping
from operator import is_not
from typing import Any

from router.core.sanitise.roles import Message, Messages, each
from router.core.sanitise.target import Target

BLOCKS = frozenset({"thinking_blocks"})
REASONING = BLOCKS | {"reasoning_content", "reasoning", "reasoning_details", "reasoning_items"}
MARKS = frozenset({"cache_control", "is_error"})


def move_thinking(messages: Messages, target: Target) -> Messages:
    """Without earlier reasoning, but for the signed blocks of a target that reads them."""
    return each(messages, _signed_only if target.signed_thinking else _without_thinking)


def _without_thinking(message: Message) -> Message:
    return _without(message, REASONING)


def _signed_only(message: Message) -> Message:
    blocks = message.get("thinking_blocks")
    signed = [block for block in blocks if _signed(block)] if isinstance(blocks, list) else []
    if blocks is not None and signed != blocks:
        message = _without(message, BLOCKS)
        message = {**message, "thinking_blocks": signed} if signed else message
    return _without(message, REASONING - BLOCKS)


def _signed(block: Any) -> bool:
    return isinstance(block, dict) and bool(block.get("signature") or block.get("data"))


def strip_marks(messages: Messages, target: Target) -> Messages:
    """Without Anthropic's marks on messages, their parts and their calls."""
    if target.marks:
        return messages
    return each(messages, lambda m: _in_lists(_without(m, MARKS), lambda item: _without(item, MARKS)))


def fill_empty(messages: Messages, target: Target) -> Messages:
    """Without empty parts and messages, where the target refuses them.

    A result must stay beside its call, and a conversation must have something in it; those stay.
    """
    if target.empty:
        return messages
    trimmed = each(messages, _without_empty_parts)
    kept = [message for message in trimmed if _says(message)]
    return kept if kept and len(kept) < len(trimmed) else trimmed


def _without_empty_parts(message: Message) -> Message:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    kept = [part for part in content if not (isinstance(part, dict) and part.get("text") == "")]
    return message if len(kept) == len(content) else {**message, "content": kept or ""}


def _says(message: Message) -> bool:
    return bool(message.get("content") or message.get("role") == "tool") or any(
        message.get(name) for name in ("tool_calls", "refusal", "audio", "function_call", "thinking_blocks")
    )


def _in_lists(message: Message, change: Any) -> Message:
    """The message with `change` done to the objects in its content and its calls."""
    for name in ("content", "tool_calls"):
        items = message.get(name)
        if isinstance(items, list):
            changed = [change(item) if isinstance(item, dict) else item for item in items]
            if any(map(is_not, changed, items)):
                message = {**message, name: changed}
    return message


def _without(record: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    if names.isdisjoint(record):
        return record
    return {key: value for key, value in record.items() if key not in names}
