"""The messages of a chat body, walked over once for all that is measured of them."""

from collections.abc import Mapping
from itertools import compress
from operator import methodcaller
from typing import Any

from msgspec import Struct

from classifier.ask import strip_harness, text_of

# Every loop over the messages is C's, however long the conversation.
_ROLE, _CONTENT = methodcaller("get", "role"), methodcaller("get", "content")
_OBJECT, _TEXT = frozenset((dict,)), frozenset((str,))
_SYSTEM, _USER = ("system", "developer"), ("user",)


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
    known = messages if _OBJECT.issuperset(map(type, messages)) else [m for m in messages if isinstance(m, dict)]
    roles, texts, parts = list(map(_ROLE, known)), list(map(_CONTENT, known)), []
    if not _TEXT.issuperset(map(type, texts)):
        parts = [part for content in texts if isinstance(content, list) for part in content]
        texts = list(map(text_of, texts))
    system = list(compress(texts, map(_SYSTEM.__contains__, roles)))
    asks = list(compress(texts, map(_USER.__contains__, roles)))
    return Conversation(len(messages), roles, texts, parts, system, _newest(asks))


def _newest(asks: list[str]) -> str:
    """Returns the last of *asks* that is more than what a tool wrote into it."""
    for text in reversed(asks):
        if ask := strip_harness(text):
            return ask
    return ""
