"""Chat events from native lines as they come."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from router.core.errors import UpstreamError
from router.core.upstream import OpenStream
from router.upstreams.ollama.reply import EventWriter, Lines


class Chunks:
    """Iterates over the events of an open native stream, a piece for a piece, so that nothing waits here.

    `look` sees each line first and may raise; `broken` makes the error for what is no JSON.
    """

    def __init__(
        self,
        opened: OpenStream,
        writer: EventWriter,
        look: Callable[[Any], None],
        broken: Callable[[str], UpstreamError],
    ) -> None:
        self._chunks = aiter(opened.chunks)
        self._lines = Lines()
        self._telling = writer
        self._look = look
        self._broken = broken
        self._ended = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._ended:
            try:
                events = self._fed(await anext(self._chunks))
            except StopAsyncIteration:
                self._ended = True
                events = self._rest()
            if events:
                return events
        raise StopAsyncIteration

    def _fed(self, data: bytes) -> bytes:
        try:
            return b"".join(event for said in self._lines.feed(data) for event in self._events(said))
        except ValueError as error:
            raise self._broken(str(error)) from error

    def _rest(self) -> bytes:
        try:
            return b"".join(event for said in self._lines.rest() for event in self._events(said))
        except ValueError:
            return b""  # it broke off inside a line; the end that is missing says so

    def _events(self, said: Any) -> list[bytes]:
        self._look(said)
        return self._telling.events(said)
