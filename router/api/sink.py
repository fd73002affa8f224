"""A client's connection as the pipeline sees it, over ASGI's receive and send."""

import asyncio
from collections.abc import Callable, Mapping
from itertools import chain

from starlette.types import Receive, Scope, Send

from router.pipeline.sink import Start

GONE = "smallfirst.gone"
LINES = "smallfirst.lines"
WHOLE = "smallfirst.whole"
REPLY = "smallfirst.reply"
CONTROLS = bytes(set(range(32)) - {9}) + b"\x7f"  # a tab may stand in a header
PIECE = 256 * 1024  # bytes that are sent at once
STREAM_HEADERS = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))


Watch = Callable[[Callable[[], None]], Callable[[], None]]
Reply = Callable[[Send, int, bytes, bytes], bool]


class AsgiSink:
    """Sends one reply. A body of known length goes out in one piece; a stream chunk by chunk.

    A server that says in the scope's extensions how it tells of a client that left (ours does) is asked
    to; with any other a task waits for ASGI's own message. One that takes a whole reply at once, or header lines ready
    made, gets them so, and one that knows says whether the whole request has come: `is_asked_whole`.
    """

    _waiting: tuple[Start, bytes] | None = None  # a head, and its lines, whose body comes next, to be sent with it

    def __init__(self, receive: Receive, send: Send, scope: Scope | None = None) -> None:
        self._receive = receive
        extensions = (scope or {}).get("extensions") or {}
        self._watch: Watch | None = extensions.get(GONE)
        self._add_lines: Callable[[bytes], None] | None = extensions.get(LINES)
        self._reply: Reply | None = extensions.get(REPLY)
        self.is_asked_whole: Callable[[], bool] = extensions.get(WHOLE, _unknown)
        self._send = send
        self._whole = False
        self.started = False

    async def start(self, start: Start) -> None:
        """Send status and headers, once; those of a whole reply may wait for its body."""
        self._whole = start.length is not None
        if self._reply is None or start.length is None:
            await self._begin(start)
            return
        own = {"content-type": start.content_type, "content-length": str(start.length)}
        self._waiting = start, lines_of({**start.headers, **own})
        self.started = True

    async def send(self, chunk: bytes) -> None:
        """Send bytes; returns when there is room for more.

        Much at once goes out piece by piece as the client takes it: handed over at once, it would be kept in the
        connection, where nobody counts it, for as long as a slow client likes.
        """
        large = len(chunk) > PIECE
        if self._waiting is not None and self._reply is not None:
            (start, lines), self._waiting = self._waiting, None
            if not large and self._reply(self._send, start.status, lines, chunk):
                return
            await self._begin(start)
        last = (len(chunk) - 1) // PIECE * PIECE if large else 0
        for at in range(0, last, PIECE):
            await self._send({"type": "http.response.body", "body": chunk[at : at + PIECE], "more_body": True})
        rest = chunk[last:] if large else chunk
        await self._send({"type": "http.response.body", "body": rest, "more_body": not self._whole})

    async def end(self) -> None:
        """Close the body properly."""
        if not self._whole:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self, start: Start) -> None:
        if self._add_lines is None:
            headers = [(_latin(name), _latin(value)) for name, value in start.headers.items()]
        else:
            headers = []
            self._add_lines(lines_of(start.headers))
        headers.append((b"content-type", _latin(start.content_type)))
        if start.length is not None:
            headers.append((b"content-length", b"%d" % start.length))
        else:
            headers.extend(STREAM_HEADERS)
        self.started = True
        await self._send({"type": "http.response.start", "status": start.status, "headers": headers})

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Have `left` called once when the client leaves (the body was read before); returns how to stop."""
        if self._watch is not None:
            return self._watch(left)
        waiting = asyncio.create_task(self._gone())
        waiting.add_done_callback(lambda done: None if done.cancelled() else left())

        def stop() -> None:
            waiting.cancel()

        return stop

    async def _gone(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return


def lines_of(headers: Mapping[str, str]) -> bytes:
    """The header lines as they go over the wire. Raises ValueError where a name or value holds a control character."""
    lines = _latin("%s: %s\r\n" * len(headers) % tuple(chain.from_iterable(headers.items())))
    if len(lines) - len(lines.translate(None, CONTROLS)) != 2 * len(headers):
        raise ValueError(f"a control character stands in one of the headers {dict(headers)}")
    return lines


def _unknown() -> bool:
    return False


def _latin(text: str) -> bytes:
    return text.encode("latin-1", "replace")
