"""Answers to requests with an `Idempotency-Key`: carried out once, then repeated from memory."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from router.core.errors import Conflict, Unprocessable
from router.pipeline.sink import Sink, Start

KEPT_US = 24 * 3_600 * 1_000_000
MAX_ENTRIES, MAX_BYTES, MAX_ANSWER = 10_000, 64 << 20, 4 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole reply as it was sent. `body` is None if it was too large to keep."""

    start: Start
    body: bytes | None


@dataclass(frozen=True, slots=True)
class _Entry:
    digest: bytes
    at: int
    answer: Answer | None = None

    @property
    def size(self) -> int:
        return len(self.answer.body or b"") if self.answer else 0


@dataclass(slots=True)
class Replays:
    """The answers by key and idempotency key, for a day; at most 10,000 and 64 MB. They are lost with the process.

    If there is no more room, the oldest answers go. Requests under way always stay.
    """

    clock_us: Callable[[], int]
    _entries: OrderedDict[tuple[str, str], _Entry] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def begin(self, who: str, name: str, digest: bytes) -> Answer | None:
        """The answer to send again; None if the request is new: carry it out, then call `keep` or `forget`.

        `who` is the virtual key's name, so that no tenant gets another's answer; `digest` is the body's.

        Raises Conflict while the same request is under way or if its answer was too large to keep, Unprocessable if the
        body differs.
        """
        entry, now = self._entries.get((who, name)), self.clock_us()
        if entry is None or (entry.answer is not None and now - entry.at >= KEPT_US):
            self._drop(who, name)
            self._entries[who, name] = _Entry(digest, now)
            return None
        if entry.digest != digest:
            raise Unprocessable(
                "This `Idempotency-Key` was used with another body. Use a new one for a new request.",
                param="Idempotency-Key",
                code="idempotency_key_reused",
            )
        if entry.answer is None:
            raise Conflict(
                "The request with this `Idempotency-Key` is still under way. Ask again shortly.",
                param="Idempotency-Key",
                code="idempotency_key_in_use",
                headers={"retry-after": "1", "retry-after-ms": "1000"},
            )
        if entry.answer.body is None:
            raise Conflict(
                "The request with this `Idempotency-Key` was answered, and its answer was too large to be kept.",
                param="Idempotency-Key",
                code="idempotency_answer_too_large",
                headers={"x-should-retry": "false"},
            )
        return entry.answer

    def keep(self, who: str, name: str, answer: Answer) -> None:
        """Keep the answer of a request that `begin` called new."""
        begun = self._entries.pop((who, name))
        entry = _Entry(begun.digest, self.clock_us(), answer)
        self._entries[who, name] = entry
        self._bytes += entry.size
        self._make_room()

    def forget(self, who: str, name: str) -> None:
        """Keep no answer, so that the same request is carried out again."""
        self._drop(who, name)

    def _drop(self, who: str, name: str) -> None:
        gone = self._entries.pop((who, name), None)
        self._bytes -= gone.size if gone else 0

    def _make_room(self) -> None:
        over = len(self._entries) - MAX_ENTRIES
        if over <= 0 and self._bytes <= MAX_BYTES:
            return
        for key, entry in list(self._entries.items()):
            if over <= 0 and self._bytes <= MAX_BYTES:
                return
            if entry.answer is not None:
                self._drop(*key)
                over -= 1


class Keeping:
    """A sink that keeps what passes through it, up to 4 MB."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._start: Start | None = None
        self._chunks: list[bytes] | None = []
        self._size = 0

    async def start(self, start: Start) -> None:
        """Pass `start` on, and keep it."""
        self._start = start
        await self._sink.start(start)

    async def send(self, chunk: bytes) -> None:
        """Pass `chunk` on, and keep it if there is room."""
        self._size += len(chunk)
        if self._size > MAX_ANSWER:
            self._chunks = None
        elif self._chunks is not None:
            self._chunks.append(chunk)
        await self._sink.send(chunk)

    async def end(self) -> None:
        """Pass the call on."""
        await self._sink.end()

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Pass the call on."""
        return self._sink.watch(left)

    def answer(self) -> Answer | None:
        """What was sent; None if nothing was."""
        body = None if self._chunks is None else b"".join(self._chunks)
        return Answer(self._start, body) if self._start is not None else None
