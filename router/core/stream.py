"""Server-sent events: cut out of a byte stream as they came, and read for what must be known of a chat."""

import re
from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

import orjson

from router.core.ports import Answer
from router.core.reply import MessageParts, arguments_in, error_of, parsed

MAX_EVENT = 8 * 1024 * 1024
MAX_GATHERED = 64 * 2**20  # characters; what is held back for judges has its own, lower limit in bytes
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
        size = len(self._held) + len(data)
        self._returns = self._returns or b"\r" in data
        if not self._held and not self._returns and data.find(b"\n\n") == len(data) - 2 >= 0:
            events = [data]  # one chunk, one event: what nearly every server sends
        else:
            self._held += data
            events = self._cut() if self._returns else self._split()
        if size > self._limit and max(map(len, (self._held, *events))) > self._limit:
            raise ValueError(f"an event is longer than {self._limit} bytes")
        return events

    def rest(self) -> bytes:
        """What is left when the stream has ended: an event that no blank line closed, or nothing."""
        rest = bytes(self._held)
        self._held.clear()
        return rest

    def _split(self) -> list[bytes]:
        """The events held where no \\r ever came: they are then what stands between blank lines of one kind."""
        held = self._held
        if held.find(b"\n\n", self._seen) < 0:
            self._seen = max(0, len(held) - 1)
            return []
        *whole, rest = bytes(held).split(b"\n\n")
        held[:] = rest
        self._seen = max(0, len(rest) - 1)
        return [event + b"\n\n" for event in whole]

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
    `unmeasured`: of an answer whose log-probabilities are `sought`, that it has words and none of these.
    """

    # A whole reply has a tap, too, that nothing flows through: what has not come costs it nothing.
    first_token = False
    done = False
    usage: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    reply_id = ""
    chars = 0
    chunk: Mapping[str, Any] = MappingProxyType({})
    sought = _spoken = _measured = False

    def __init__(self, *, gather: bool = False) -> None:
        self.finish_reasons: dict[int, str] = {}
        self._begun: set[int] = set()
        self._parts = MessageParts() if gather else None

    @property
    def gathers(self) -> bool:
        """Whether the message is put together: it was wanted, and is not longer than anybody keeps."""
        return self._parts is not None

    @property
    def began(self) -> bool:
        """Whether a token came, or an end without any; a role alone is neither."""
        return self.first_token or bool(self.finish_reasons)

    @property
    def unmeasured(self) -> bool:
        """Whether words came and no log-probability with them."""
        return self._spoken and not self._measured

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
        try:
            chunk = orjson.loads(data)
        except orjson.JSONDecodeError:
            if not data:
                return Seen.NOTHING
            if data.startswith(b"[DONE]"):
                self.done = True
                return Seen.DONE
            chunk = parsed(data)
        if isinstance(chunk, dict) and not chunk.get("error") and chunk.get("object") != "error":
            return self.note(chunk)
        self.error = self.error or error_of(chunk)
        return Seen.ERROR

    def answer(self) -> Answer:
        """The message gathered so far. Raises ValueError where the tap does not gather."""
        if self._parts is None:
            raise ValueError("this tap does not gather: make it with gather=True")
        complete, logprobs = self.complete, tuple(self._parts.logprobs)
        choices = len(self.finish_reasons) if complete else 0
        return Answer(self._parts.message(), self.finish_reasons.get(0), complete, logprobs, choices=choices)

    def forget(self) -> None:
        """Put nothing together any more: the answer is not wanted."""
        self._parts = None

    def note(self, chunk: Mapping[str, Any]) -> Seen:
        """Take note of one chunk, which is no error."""
        self.chunk = chunk
        usage, choices, carried = chunk.get("usage"), chunk.get("choices"), False
        if not self.reply_id:
            self.reply_id = _text(chunk.get("id"))
        if isinstance(choices, list):
            for choice in choices:
                if isinstance(choice, dict) and self._note_choice(choice):
                    carried = True
        if usage and isinstance(usage, dict):
            self.usage = usage
            return Seen.DELTA if carried else Seen.USAGE
        return Seen.DELTA

    def _note_choice(self, choice: dict[str, Any]) -> bool:
        """Whether the choice carried anything: an empty delta beside the usage does not count."""
        index, delta, reason = choice.get("index"), choice.get("delta"), choice.get("finish_reason")
        if not isinstance(index, int):
            index = 0
        if reason and isinstance(reason, str):
            self.finish_reasons[index] = reason
        if not isinstance(delta, dict):
            return bool(reason)
        for key, value in delta.items():
            if value and key != "role":
                self.first_token = True
                self._begun.add(index)
                if isinstance(value, str):
                    self.chars += len(value)
                elif key == "tool_calls":
                    self.chars += arguments_in(value)
        if self.sought:
            self._spoken = self._spoken or bool(delta.get("content"))
            self._measured = self._measured or bool(choice.get("logprobs"))
        if self._parts is not None and index == 0:
            self._parts.add(delta, choice.get("logprobs"))
            if self.chars > MAX_GATHERED:
                self._parts = None
        return bool(delta or reason)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
