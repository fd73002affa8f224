"""The latest words of a person in a conversation, without what their tools wrapped around them."""

from collections.abc import Iterator, Mapping
from typing import Any

HARNESS_TAGS = (
    "system-reminder",
    "environment_context",
    "environment_details",
    "turn-context",
    "user_instructions",
    "INSTRUCTIONS",
    "command-name",
    "command-message",
    "command-args",
    "local-command-caveat",
    "local-command-stdout",
    "ide_opened_file",
    "ide_selection",
    "user-prompt-submit-hook",
    "task-notification",
    "tool_result",
    "function_results",
    "workspace_info",
    "reminderInstructions",
    "editorContext",
)
"""Blocks that coding agents write into a user's turn; nobody typed them."""

ENVELOPE_TAGS = ("user_query", "userRequest", "task")
"""Blocks that hold the person's own words; what is inside is the ask."""

_AGENTS_HEADING = "# AGENTS.md"


def last_ask(body: Mapping[str, Any]) -> str:
    """Returns the latest words of a person in a chat body, "" if there are none.

    Turns that are only tool results or only the harness's text are skipped, so that the tenth step of an agent is
    judged by what its user wanted, not by a reminder that never changes.
    """
    messages = body.get("messages")
    if not isinstance(messages, list):
        return text_of(body.get("prompt"))
    for message in reversed(messages):
        if isinstance(message, dict) and message.get("role") == "user":
            ask = strip_harness(text_of(message.get("content")))
            if ask:
                return ask
    return ""


def system_text(body: Mapping[str, Any]) -> str:
    """Returns the system and developer messages of a chat body, joined by newlines."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        return ""
    return "\n".join(
        text_of(message.get("content"))
        for message in messages
        if isinstance(message, dict) and message.get("role") in ("system", "developer")
    )


def text_of(content: Any) -> str:
    """Returns the text of a message's content, a string or a list of parts; other parts are skipped."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(_texts(content))


def _texts(parts: list[Any]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping) and isinstance(part.get("text"), str):
            yield part["text"]


def strip_harness(text: str) -> str:
    """Returns the text without known harness blocks; plain string searches, linear in its length.

    A tag that is opened and never closed is left alone: a person may well ask about one.
    """
    if text.startswith(_AGENTS_HEADING):
        start = text.find("<INSTRUCTIONS>")
        text = text[start:] if start >= 0 else ""
    if "<" in text:
        text = _inside_envelope(text)
        for tag in HARNESS_TAGS:
            text = _without(text, tag)
    return text.strip()


def _inside_envelope(text: str) -> str:
    for tag in ENVELOPE_TAGS:
        start, end = text.find(f"<{tag}>"), text.rfind(f"</{tag}>")
        if 0 <= start < end:
            return text[start + len(tag) + 2 : end]
    return text


def _without(text: str, tag: str) -> str:
    opening, closing = f"<{tag}", f"</{tag}>"
    kept: list[str] = []
    at = 0
    while (start := text.find(opening, at)) >= 0:
        end = text.find(closing, start)
        if end < 0:
            break
        kept.append(text[at:start])
        at = end + len(closing)
    return "".join(kept) + text[at:] if kept or at else text
