"""Who said what in a chat body, all messages in one go: each loop here is C's, however long the conversation."""

from collections.abc import Mapping
from operator import methodcaller
from typing import Any

_ROLE, _CONTENT, _CALLS = (methodcaller("get", name) for name in ("role", "content", "tool_calls"))
_TEXTS = frozenset((str, type(None)))


def roles(body: Mapping[str, Any]) -> list[str]:
    """The role of every message, in order."""
    return list(map(_ROLE, body["messages"]))


def contents(body: Mapping[str, Any]) -> list[Any]:
    """The content of every message, in order: a text, a list of parts, or None."""
    return list(map(_CONTENT, body["messages"]))


def tool_calls(body: Mapping[str, Any]) -> list[Any]:
    """The tool calls of the messages that hold some."""
    return list(filter(None, map(_CALLS, body["messages"])))


def texts_only(contents: list[Any]) -> bool:
    """Whether no content is made of parts."""
    return _TEXTS.issuperset(map(type, contents))
