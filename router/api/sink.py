"""A client's connection as the line sees it, over ASGI's receive and send."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from operator import methodcaller

from starlette.types import Receive, Scope, Send

from router.pipeline.kit import Start

GONE = "smallfirst.gone"
STREAM_HEADERS = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))


_name = lru_cache(maxsize=256)(methodcaller("encode", "latin-1"))
_value = methodcaller("encode", "latin-1", "replace")

Watch = Callable[[Callable[[], None]], Callable[[], None]]


class AsgiSink:
    """Sends one reply. A body of known length goes out in one piece; a stream chunk by chunk.

    A server that says in the scope's extensions how it tells of a client that left (ours does) is asked
    to; with any other a task waits for ASGI's own message.
    """

    def __init__(self, receive: Receive, send: Send, scope: Scope | None = None) -> None:
        self._receive = receive
        self._told: Watch | None = ((scope or {}).get("extensions") or {}).get(GONE)
        self._send = send
        self._whole = False
        self.started = False

    async def start(self, start: Start) -> None:
        """Send status and headers, once."""
        self.started = True
        headers = list(zip(map(_name, start.headers), map(_value, start.headers.values()), strict=True))
        headers.append((b"content-type", _value(start.content_type)))
        self._whole = start.length is not None
        if self._whole:
            headers.append((b"content-length", b"%d" % (start.length or 0)))
        else:
            headers.extend(STREAM_HEADERS)
        await self._send({"type": "http.response.start", "status": start.status, "headers": headers})

    async def send(self, chunk: bytes) -> None:
        """Send bytes; returns when there is room for more."""
        await self._send({"type": "http.response.body", "body": chunk, "more_body": not self._whole})

    async def end(self) -> None:
        """Close the body properly."""
        if not self._whole:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Have `left` called once when the client leaves (the body was read before); returns how to stop."""
        if self._told is not None:
            return self._told(left)
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
