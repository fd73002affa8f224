"""Server-sent events: cut out of a byte stream as they came, and read for what must be known of a chat."""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

from router.core.ports import Answer
from router.core.reply import MessageParts, chars_of, error_of, parsed

MAX_EVENT = 8 * 1024 * 1024
_BLANK = re.compile(rb"(?:\r\n|\r(?!\n)|\n)(?:\r\n|\r(?!\n)|\n)")


class EventSplitter:
    """Bytes in, whole events out, each with its own bytes and the blank line that ended it.

    However the stream is cut into feeds (inside a character, inside CRLF), the events are the same.
    """

    def __init__(self, limit: int = MAX_EVENT) -> None:
        self._held = bytearray()
        self._seen = 0  # up to here no event ends
        self._returns = False  # whether a \r ever came
        self._limit = limit

    def feed(self, data: bytes) -> list[bytes]:
        """The events that `data` completes. Raises ValueError when one is longer than the limit."""
        if not self._held and data.find(b"\n\n") == len(data) - 2 >= 0 and b"\r" not in data:
            events = [data]  # one chunk, one event: what nearly every server sends
        else:
            self._held += data
            self._returns |= b"\r" in data
            events = self._cut()
        if len(self._held) > self._limit or any(len(event) > self._limit for event in events):
            raise ValueError(f"an event is longer than {self._limit} bytes")
        return events

    def rest(self) -> bytes:
        """What is left when the stream has ended: an event that no blank line closed, or nothing."""
        rest = bytes(self._held)
        self._held.clear()
        return rest

    def _cut(self) -> list[bytes]:
        held, events, start = self._held, [], 0
        end = self._end(self._seen)
        while end and not (end == len(held) and held[-1] == 13):  # a \n may still follow that \r
            events.append(bytes(held[start:end]))
            start, end = end, self._end(end)
        del held[:start]
        self._seen = max(0, len(held) - 3)
        return events

    def _end(self, at: int) -> int:
        """Where the first event after `at` ends, 0 when none does yet."""
        if not self._returns:
            found = self._held.find(b"\n\n", at)
            return found + 2 if found >= 0 else 0
        match = _BLANK.search(self._held, at)
        return match.end() if match else 0


def data_of(event: bytes) -> bytes:
    """The payload of an event: its `data` lines joined by newlines; empty for comments and pings."""
    if event.startswith(b"data:") and event.find(b"\n") == len(event) - 2 and b"\r" not in event:
        return event[5:].strip(b" \n\r")
    lines = event.removeprefix(b"\xef\xbb\xbf").splitlines()
    found = [line[5:].removeprefix(b" ") for line in lines if line.startswith(b"data:")]
    return b"\n".join(found)


class Seen(Enum):
    """What an event was: part of the answer, usage alone, the end, an error, or none of our business."""

    DELTA = auto()
    USAGE = auto()
    DONE = auto()
    ERROR = auto()
    NOTHING = auto()


class ChatTap:
    """Reads a chat stream as it passes, event by event, and changes nothing.

    `first_token`: a delta carried something. `finish_reasons`: by choice. `usage`: the last one
    said, raw, for `usage_of`. `error`: the first in-band error, as a mapping. `chars`: how much text
    came, for `estimate`. `chunk`: the last one. With `gather` the message of choice 0 is put together as well.
    """

    def __init__(self, *, gather: bool = False) -> None:
        self.first_token = False
        self.done = False
        self.finish_reasons: dict[int, str] = {}
        self.usage: Mapping[str, Any] | None = None
        self.error: Mapping[str, Any] | None = None
        self.reply_id = ""
        self.model = ""
        self.chars = 0
        self.chunk: Mapping[str, Any] = {}
        self._begun: set[int] = set()
        self._parts = MessageParts() if gather else None

    @property
    def began(self) -> bool:
        """Whether a token came, or an end without any; a role alone is neither."""
        return self.first_token or bool(self.finish_reasons)

    @property
    def complete(self) -> bool:
        """Whether every choice begun was finished and no error came.

        Ask once the stream has ended quietly. [DONE] alone finishes nothing, and is not demanded:
        some servers leave it out, while none gives a finish reason before its last token.
        """
        return self.error is None and 0 in self.finish_reasons and self._begun <= self.finish_reasons.keys()

    def feed(self, event: bytes) -> Seen:
        """Take note of one whole event and say what it was. Never raises."""
        data = data_of(event)
        if not data:
            return Seen.NOTHING
        if data.startswith(b"[DONE]"):
            self.done = True
            return Seen.DONE
        chunk = parsed(data)
        error = error_of(chunk)
        if error is not None or not isinstance(chunk, dict):
            self.error = self.error or error
            return Seen.ERROR
        return self.note(chunk)

    def answer(self) -> Answer:
        """The message gathered so far. Raises ValueError when the tap was not told to gather."""
        if self._parts is None:
            raise ValueError("this tap does not gather: make it with gather=True")
        return Answer(self._parts.message(), self.finish_reasons.get(0), self.complete, tuple(self._parts.logprobs))

    def note(self, chunk: Mapping[str, Any]) -> Seen:
        """Take note of one chunk, which is no error."""
        self.chunk = chunk
        usage, choices = chunk.get("usage"), chunk.get("choices")
        if isinstance(usage, dict) and usage:
            self.usage = usage
        if not self.reply_id:
            self.reply_id, self.model = _text(chunk.get("id")), _text(chunk.get("model"))
        carried = False
        for choice in choices if isinstance(choices, list) else ():
            carried |= isinstance(choice, dict) and self._note_choice(choice)
        return Seen.USAGE if isinstance(usage, dict) and usage and not carried else Seen.DELTA

    def _note_choice(self, choice: dict[str, Any]) -> bool:
        """Whether the choice carried anything: an empty delta beside the usage is as good as none."""
        index = choice.get("index")
        index = index if isinstance(index, int) else 0
        delta, reason = choice.get("delta"), choice.get("finish_reason")
        if isinstance(reason, str) and reason:
            self.finish_reasons[index] = reason
        if not isinstance(delta, dict):
            return bool(reason)
        if any(value for key, value in delta.items() if key != "role"):
            self.first_token = True
            self._begun.add(index)
            self.chars += chars_of(delta)
        if self._parts is not None and index == 0:
            self._parts.add(delta, choice.get("logprobs"))
        return bool(delta or reason)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
