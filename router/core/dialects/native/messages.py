"""Anthropic's answers as they come, read as chat."""

from collections.abc import Mapping, Sequence
from typing import Any

from router.core.dialects.messages.incoming import from_anthropic
from router.core.dialects.messages.reader import Reader


class MessageReader:
    """Satisfies `NativeReader`. The end is `message_stop`: a stream without it was cut."""

    def __init__(self) -> None:
        self._reader = Reader(0)

    @property
    def ended(self) -> bool:
        """Whether `message_stop` came."""
        return self._reader.done

    @property
    def begun(self) -> bool:
        """Whether it thinks, or uses a tool."""
        return self._reader.begun

    def feed(self, event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The chunks for one event; pings become none. The first one tells the count of the prompt, so that it is
        known where the stream is cut before its end, which tells it again."""
        chunks = self._reader.feed(event)
        if event.get("type") == "message_start":
            return [{**chunk, "usage": self._reader.usage} for chunk in chunks]
        return chunks

    def whole(self, reply: Mapping[str, Any]) -> Mapping[str, Any]:
        """The chat completion for a Messages reply."""
        return from_anthropic(reply, 0)
