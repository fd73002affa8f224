"""A client's connection as the line sees it, over ASGI's receive and send."""

from starlette.types import Receive, Send

from router.pipeline.kit import Start

STREAM_HEADERS = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))


class AsgiSink:
    """Sends one reply. A body of known length goes out in one piece; a stream chunk by chunk."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._whole = False
        self.started = False

    async def start(self, start: Start) -> None:
        """Send status and headers, once."""
        self.started = True
        headers = [
            (name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in start.headers.items()
        ]
        headers.append((b"content-type", start.content_type.encode("latin-1", "replace")))
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

    async def gone(self) -> None:
        """Return when the client has left (the body was read before)."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return
