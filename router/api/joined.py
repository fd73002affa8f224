"""A transport that sends the head of a reply together with the first of its body."""

import asyncio
from typing import Any

from router.api.offer import END

STATUS, INTERIM = b"HTTP/1.1 ", b"HTTP/1.1 1"


class Joined:
    """A transport that keeps a head back until the next write; everything else it hands on at once.

    uvicorn writes head and body one after the other, and uvloop sends each write as it comes: two
    system calls, two packets, and a client that is woken for a head it can do nothing with. `lines`
    are put under the next head as they are: uvicorn searches every header's name and value for what must
    not stand there, which costs more than to make them.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self.lines = b""
        self.is_closing = transport.is_closing  # asked for twice a request

    def write(self, data: bytes) -> None:
        """Send, after the head that waits, if any; a head alone waits. To a client that has left nothing is sent:
        of several requests on one connection uvicorn tells only the last that it has."""
        if self.is_closing():
            return
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(STATUS) and data.endswith(END) and not data.startswith(INTERIM):
            self._head, self.lines = data[:-2] + self.lines + b"\r\n" if self.lines else data, b""
            return
        self._transport.write(data)

    def write_whole(self, data: bytes) -> None:
        """Send a head with all that belongs to it."""
        if not self.is_closing():
            self._transport.write(data)

    def flush(self) -> None:
        """Send a head that waits."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Send what waits and close."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
