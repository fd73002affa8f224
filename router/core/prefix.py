"""When enough of a held stream has come to be judged: so many tokens, a sentence, or the beginning of a tool call."""

import re
from collections.abc import Mapping
from typing import Any

from router.core.reply import CHARS_PER_TOKEN, text_of

SENTENCE = 0
LONG_SENTENCE = 400
STEP = 8
_END = re.compile(r"[.!?:]['\")\]]*\s|\n|[。！？]")


class Threshold:
    """When to look at a prefix: each time it has grown by an eighth, and by at least 8 characters."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.met = False
        self._next = max(1, tokens * CHARS_PER_TOKEN)

    def due(self, chars: int) -> bool:
        """Whether to look at the message now. The intervals grow, so that the work stays linear in its length."""
        if chars < self._next:
            return False
        self._next = max(chars + STEP, chars * 9 // 8)
        return True

    def reached(self, message: Mapping[str, Any]) -> bool:
        """Whether enough has come to be judged. Once that is so it stays so."""
        self.met = self.met or self._reached(message)
        return self.met

    def _reached(self, message: Mapping[str, Any]) -> bool:
        calls = message.get("tool_calls")
        if calls:  # the skeleton: a name, and arguments that have begun
            function = calls[0].get("function") or {}
            return bool(function.get("name") and str(function.get("arguments") or "").strip())
        text = text_of(message)
        if self.tokens:
            return len(text) >= self.tokens * CHARS_PER_TOKEN
        return len(text) >= LONG_SENTENCE or bool(_END.search(text.lstrip()))
