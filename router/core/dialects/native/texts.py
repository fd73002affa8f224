"""Legacy completions as they come from an upstream, read as chat."""

from collections.abc import Mapping, Sequence
from typing import Any


class TextReader:
    """Satisfies `NativeReader`: a choice's `text` is its content."""

    @property
    def ended(self) -> bool:
        """Always: the end is [DONE], which some servers leave out, so a finish reason is enough."""
        return True

    @property
    def begun(self) -> bool:
        """Never: there is nothing but text."""
        return False

    def feed(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The chat chunk for one chunk of text."""
        return [{**event, "choices": [_said(choice, "delta") for choice in _choices(event)]}]

    def whole(self, reply: Mapping[str, Any]) -> Mapping[str, Any]:
        """The chat completion for a text completion."""
        return {**reply, "choices": [_said(choice, "message") for choice in _choices(reply)]}


def _choices(reply: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    choices = reply.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


def _said(choice: Mapping[str, Any], name: str) -> dict[str, Any]:
    text = choice.get("text")
    content = text if isinstance(text, str) else None
    said = {"role": "assistant", "content": content} if name == "message" else {"content": content} if content else {}
    return {"index": choice.get("index", 0), name: said, "finish_reason": choice.get("finish_reason")}
