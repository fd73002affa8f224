"""What is said: reasoning, marks, pictures and emptiness that a target cannot take."""

from collections.abc import Mapping
from operator import is_not
from typing import Any

from router.core.sanitise.roles import JOINER, Message, Messages, each
from router.core.sanitise.target import Target, Thinking

BLOCKS = frozenset({"thinking_blocks"})
REASONING = BLOCKS | {"reasoning_content", "reasoning", "reasoning_details", "reasoning_items"}
MARKS = frozenset({"cache_control", "is_error"})
UNSEEN = "[image left out: this model cannot see]"


def move_thinking(messages: Messages, target: Target) -> Messages:
    """Earlier reasoning in the one form that the target reads, or not at all.

    A block that nobody signed would be refused, so it goes where blocks are wanted too.
    """
    if target.thinking is Thinking.BLOCKS:
        return each(messages, _signed_only)
    return each(messages, _as_text if target.thinking is Thinking.TEXT else _without_thinking)


def _without_thinking(message: Message) -> Message:
    return _without(message, REASONING)


def _as_text(message: Message) -> Message:
    thoughts = message.get("reasoning_content") or message.get("reasoning") or _thoughts(message)
    kept = {"reasoning_content": thoughts} if isinstance(thoughts, str) and thoughts else {}
    if message.keys() & REASONING == kept.keys():
        return message
    return {**_without(message, REASONING), **kept}


def _thoughts(message: Message) -> str:
    blocks = message.get("thinking_blocks")
    blocks = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    return JOINER.join(block["thinking"] for block in blocks if isinstance(block.get("thinking"), str))


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


def hide_pictures(messages: Messages, target: Target) -> Messages:
    """Words in place of pictures, where the target is blind: the turn still says that one was there."""
    if target.vision:
        return messages
    return each(messages, lambda m: _in_lists(m, _unseen))


def _unseen(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "text", "text": UNSEEN} if part.get("type") == "image_url" else part


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


def flatten(messages: Messages, target: Target) -> Messages:
    """A list of texts as one string: templates of small models often read nothing else."""
    return messages if target.text_parts else each(messages, _flat)


def _flat(message: Message) -> Message:
    content = message.get("content")
    if not isinstance(content, list) or not all(_is_text(part) for part in content):
        return message
    return {**message, "content": JOINER.join(part["text"] for part in content)}


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)


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
