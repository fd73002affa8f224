"""Who speaks: roles that a target does not know, or not there, or not twice in a row."""

from collections.abc import Callable, Mapping, Sequence
from operator import is_not
from typing import Any

from router.core.sanitise.target import Target

Message = Mapping[str, Any]
Messages = Sequence[Message]
TEXT_ONLY = ("user", "assistant")
JOINER = "\n\n"


def each(messages: Messages, change: Callable[[Message], Message]) -> Messages:
    """Every message through `change`; the same sequence where all came back as they were."""
    changed = list(map(change, messages))
    return changed if any(map(is_not, changed, messages)) else messages


def developer_to_system(messages: Messages, target: Target) -> Messages:
    """OpenAI's newer name for the same role."""
    if target.developer:
        return messages
    return each(messages, lambda m: {**m, "role": "system"} if m.get("role") == "developer" else m)


def system_to_front(messages: Messages, target: Target) -> Messages:
    """One system message at the start: many chat templates raise on any other."""
    if not target.system_first or "system" not in [message.get("role") for message in messages[1:]]:
        return messages
    places = [index for index, message in enumerate(messages) if message.get("role") == "system"]
    head = messages[places[0]]
    for index in places[1:]:
        head = joined(head, messages[index])
    return [head, *(message for message in messages if message.get("role") != "system")]


def merge_neighbours(messages: Messages, target: Target) -> Messages:
    """Neighbours of one role as one message, where a template wants them in turn."""
    if not target.alternate:
        return messages
    merged: list[Message] = []
    for message in messages:
        if merged and _mergeable(merged[-1], message):
            merged[-1] = joined(merged[-1], message)
        else:
            merged.append(message)
    return messages if len(merged) == len(messages) else merged


def _mergeable(first: Message, second: Message) -> bool:
    """Calls stay where they are: their results must follow them."""
    role = first.get("role")
    return role in TEXT_ONLY and role == second.get("role") and not first.get("tool_calls")


def joined(first: Message, second: Message) -> Message:
    """Both as one message, what only one of them says kept: two texts by a blank line, else their parts."""
    one, other = first.get("content"), second.get("content")
    if not one or not other:
        content: Any = one or other
    elif isinstance(one, str) and isinstance(other, str):
        content = one + JOINER + other
    else:
        content = [*parts_of(one), *parts_of(other)]
    return {**first, **second, "content": content}


def parts_of(content: Any) -> list[Any]:
    """A content as parts."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
