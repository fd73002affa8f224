"""POSTs of one path over aiohttp's own connections and parser, with a head that is written once, not for each."""

import asyncio
from collections.abc import Mapping

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError
from yarl import URL

INFORMATIONAL = range(100, 200)
UPGRADED = 101


class Answer:
    """What came to a POST: `status`, `headers`, and the body in `content`, as an `aiohttp.ClientResponse` has them.

    The connection goes back into the pool when the body was read to its end; `close()` before that closes it.
    """

    __slots__ = ("_connection", "closed", "content", "headers", "status")

    def __init__(
        self, connection: Connection, status: int, headers: Mapping[str, str], content: aiohttp.StreamReader
    ) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self.closed = False
        self._connection = connection
        content.on_eof(self._release)

    @property
    def content_type(self) -> str:
        """The media type in lower case, without its parameters."""
        return self.headers.get("content-type", "application/octet-stream").partition(";")[0].strip().lower()

    def close(self) -> None:
        """Hang up, unless the end was read; whoever waits for more of the body is told."""
        if not self.closed:
            self.closed = True
            if self.content.exception() is None:
                self.content.set_exception(aiohttp.ClientConnectionError("Connection closed"))
            self._connection.close()

    def _release(self) -> None:
        if self.closed:
            return
        self.closed = True
        transport = self._connection.transport
        if transport is not None and transport.get_write_buffer_size():  # answered before it had read everything
            self._connection.close()
        else:
            self._connection.release()


class Post:
    """Sends bodies to one URL with one set of headers.

    `ClientSession.post` builds, checks and serialises a request anew each time and hands its body to a task of its
    own, which costs as much as all the rest of forwarding it. Connections, TLS, limits and parsing are aiohttp's here
    too; what is left out is what a session has for others: redirects, cookies, middlewares, traces, proxies.
    """

    def __init__(self, session: aiohttp.ClientSession, url: URL, content_type: str) -> None:
        connector = session.connector
        assert connector is not None
        self._connector = connector
        self._timeout = session.timeout
        headers = session.headers.copy()
        headers["Content-Type"] = content_type
        loop = asyncio.get_running_loop()
        self._request = aiohttp.ClientRequest("POST", url, headers=headers, loop=loop, session=session)
        sent = {name: value for name, value in self._request.headers.items() if name.lower() != "content-length"}
        lines = [f"POST {url.raw_path_qs} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
        self._head = "\r\n".join([*lines, "Content-Length: "]).encode()

    async def send(self, body: bytes) -> Answer:
        """The answer, once its head came. Raises aiohttp.ClientError and OSError as a session does."""
        connection = await self._connected()
        answer = None
        try:
            answer = await self._asked(connection, body)
        except HttpProcessingError as error:
            info = self._request.request_info
            raise aiohttp.ClientResponseError(info, (), status=error.code, message=error.message) from error
        finally:
            if answer is None:  # whatever was in the way, a cancellation too
                connection.close()
        return answer

    async def _connected(self) -> Connection:
        try:
            return await self._connector.connect(self._request, [], self._timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {self._request.url}") from error

    async def _asked(self, connection: Connection, body: bytes) -> Answer:
        protocol, transport = connection.protocol, connection.transport
        if protocol is None or transport is None or transport.is_closing():
            raise aiohttp.ClientConnectionResetError("Cannot write to closing transport")
        protocol.set_response_params(read_until_eof=True, auto_decompress=False)
        transport.writelines((b"%b%d\r\n\r\n" % (self._head, len(body)), body))
        while True:
            message, content = await protocol.read()
            if message.code not in INFORMATIONAL or message.code == UPGRADED:
                return Answer(connection, message.code, message.headers, content)
