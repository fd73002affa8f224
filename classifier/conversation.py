"""The messages of a chat body, walked over once for all that is measured of them."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from classifier.ask import strip_harness, text_of


class Conversation(Struct, frozen=True):
    """What was said so far, by whom.

    `turns`: how many messages there are, of whatever shape; `roles` and `texts` are those of the well-formed
    ones, in order, and `parts` the parts of all contents that are lists. `system`: the texts of system and
    developer messages; `ask`: the newest words of a person, freed from what their tools wrapped around them.
    """

    turns: int
    roles: list[Any]
    texts: list[str]
    parts: list[Any]
    system: list[str]
    ask: str


def conversation_of(body: Mapping[str, Any]) -> Conversation:
    """Returns the conversation in a chat body; total: a body of the wrong shape holds none."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        return Conversation(0, [], [], [], [], text_of(body.get("prompt")))
    roles: list[Any] = []
    texts: list[str] = []
    parts: list[Any] = []
    system: list[str] = []
    asks: list[str] = []
    for message in messages:
        if not isinstance(message, dict):
            continue
        role, text = message.get("role"), message.get("content")
        if not isinstance(text, str):
            parts += text if isinstance(text, list) else ()
            text = text_of(text)
        roles.append(role)
        texts.append(text)
        if role == "user":
            asks.append(text)
        elif role == "system" or role == "developer":
            system.append(text)
    return Conversation(len(messages), roles, texts, parts, system, _newest(asks))


def _newest(asks: list[str]) -> str:
    """Returns the last of *asks* that is more than what a tool wrote into it."""
    for text in reversed(asks):
        if ask := strip_harness(text):
            return ask
    return ""
