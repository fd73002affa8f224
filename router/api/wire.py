"""A connection that sends the head of a reply together with the first of its body."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from router.api.sink import GONE

HEADER_BYTES = 32 * 1024
STATUS, INTERIM, END = b"HTTP/1.1 ", b"HTTP/1.1 1", b"\r\n\r\n"
TOO_LARGE = f"The headers are over {HEADER_BYTES >> 10} KB. Send less."


class Joined:
    """A transport that keeps a head back until the next write; everything else it hands on at once.

    uvicorn writes head and body one after the other, and uvloop sends each write as it comes: two
    system calls, two packets, and a client that is woken for a head it can do nothing with.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self.is_closing = transport.is_closing  # asked for twice a request

    def write(self, data: bytes) -> None:
        """Send, after the head that waits, if any; a head alone waits."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(STATUS) and data.endswith(END) and not data.startswith(INTERIM):
            self._head = data
            return
        self._transport.write(data)

    def close(self) -> None:
        """Send what waits and close."""
        if self._head:
            self.write(b"")
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class JoiningProtocol(HttpToolsProtocol):
    """uvicorn's protocol over such a connection, with an end to what a request's head may hold."""

    _head_bytes = -1  # of a head not yet whole; -1 outside one
    _left: Callable[[], None] | None = None  # whom to tell when the client is gone

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin, as uvicorn does, then write by way of the joined transport."""
        super().connection_made(transport)
        self.transport = cast("asyncio.Transport", Joined(transport))

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head grows without end: the parser would keep all of it."""
        super().data_received(data)
        if self._head_bytes >= 0:
            self._head_bytes += len(data)
            if self._head_bytes > HEADER_BYTES and not self.transport.is_closing():
                self.send_400_response(TOO_LARGE)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._head_bytes = 0
        super().on_message_begin()
        self.scope["extensions"] = {GONE: self.watch}  # type: ignore[dict-item]  # ours, and a function

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Have `left` called once when the client is gone; returns how to stop watching.

        One at a time: a connection answers its requests one after the other.
        """
        self._left = left
        if self.transport.is_closing():
            self.loop.call_soon(self._tell)
        return self._unwatch

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell who watches, after uvicorn has taken note."""
        super().connection_lost(exc)
        self._tell()

    def _tell(self) -> None:
        left, self._left = self._left, None
        if left is not None:
            left()

    def _unwatch(self) -> None:
        self._left = None

    def on_headers_complete(self) -> None:
        """It is whole. Raises ValueError, which the parser makes a 400, for a larger one than is taken."""
        self._head_bytes = -1
        if sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > HEADER_BYTES:
            raise ValueError(TOO_LARGE)
        super().on_headers_complete()
