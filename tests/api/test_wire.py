"""A client's connection over real sockets: no answer is taken for another, and nothing holds one for ever."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from router.api.wire import MAX_PIPELINED, JoiningProtocol

ASK = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n"
MUCH = bytes(64 << 20)  # more than the system takes from us before the client reads


class Hasty(JoiningProtocol):
    """One with less patience, so that a test need not wait long."""

    header_s = stall_s = 0.2


class App:
    """Answers each request once `go` is set, with its path; `much` with more than a connection holds."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        self.left: asyncio.Queue[str] = asyncio.Queue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.asked.put_nowait(path)
        if path != "/now":
            await self.go.wait()
        body = MUCH if path == "/much" else path.encode()
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:-1], "more_body": True})
        await send({"type": "http.response.body", "body": body[-1:]})
        self.left.put_nowait(path)


@asynccontextmanager
async def served(app: App, protocol: type[JoiningProtocol] = Hasty) -> AsyncIterator[int]:
    """The port of a server of `app`, over such connections."""
    config, state = uvicorn.Config(app, log_config=None), ServerState()
    config.load()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in tuple(state.connections):
            connection.transport.abort()
        app.go.set()
        await asyncio.gather(*state.tasks)


async def told(port: int, *pieces: bytes, then: Callable[[], object] = lambda: None) -> bytes:
    """All that comes back until the server closes; `then` is done once the pieces have been read."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await healthy(port)  # by now it has been read
        then()
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.close()


async def healthy(port: int) -> None:
    """Another connection is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /now HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert (await reader.read()).endswith(b"/now")
    writer.close()


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"\r", b"\r\n\r\n\r\n"])
async def test_line_ends_keep_no_connection_open_on_which_nothing_is_asked(sent: bytes) -> None:
    app = App()
    async with served(app) as port:
        assert await told(port, sent) == b""
        app.go.set()
        assert (await told(port, ASK, sent)).count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("upgrade", [b"foo", b"websocket", b"h2c", b"TLS/1.0"])
async def test_what_follows_an_offer_of_another_protocol_is_a_body_and_no_request(upgrade: bytes) -> None:
    app = App()
    app.go.set()
    hidden = b"GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n"
    offer = b"host: x\r\nconnection: upgrade, close\r\nupgrade: " + upgrade + b"\r\n"
    head = b"POST / HTTP/1.1\r\n%bcontent-length: %d\r\n\r\n" % (offer, len(hidden))
    async with served(app) as port:
        for pieces in ((head, hidden), (head + hidden,), (head[:50], head[50:], hidden)):
            assert (await told(port, *pieces)).count(b"HTTP/1.1 200") == 1
        answers = await told(port, ASK + head, hidden)  # behind another request it is seen too late to be left out
        assert answers.count(b"HTTP/1.1") == 1
    assert "/hidden" not in [app.asked.get_nowait() for _ in range(app.asked.qsize())]


@pytest.mark.parametrize(
    "wrong", [b"GARBAGE\r\n\r\n", b"GET /long HTTP/1.1\r\nx: " + b"a" * 40_000, b"GET /slow HTTP/1.1\r\nho"]
)
async def test_what_is_wrong_behind_a_request_never_stands_where_its_answer_should(wrong: bytes) -> None:
    app = App()
    async with served(app) as port:
        first = ASK.replace(b"GET /", b"GET /first")
        answers = await told(port, first + wrong[:10], wrong[10:], wrong[:10], then=app.go.set)
    assert answers.startswith(b"HTTP/1.1 200 OK")
    assert b"/first" in answers


async def test_a_body_that_goes_wrong_is_told_unless_its_request_was_answered_before() -> None:
    app = App()
    async with served(app) as port:
        assert (await told(port, POST, b"what?\r\n")).startswith(b"HTTP/1.1 400")
        app.go.set()
        assert (await told(port, POST, b"what?\r\n")).count(b"HTTP/1.1") == 1


async def test_requests_that_were_taken_are_answered_before_too_many_of_them_are_hung_up_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = App()
    async with served(app) as port:
        answers = await told(port, ASK * (MAX_PIPELINED + 500), ASK, then=app.go.set)
    assert answers.count(b"HTTP/1.1 200") == MAX_PIPELINED + 1
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_a_client_that_takes_nothing_of_its_answer_is_hung_up_on_and_one_that_takes_little_is_not() -> None:
    app = App()
    app.go.set()
    async with served(app) as port:
        silent = await asyncio.open_connection("127.0.0.1", port, limit=1)
        silent[1].write(ASK.replace(b"GET /", b"GET /much"))
        assert await app.asked.get() == "/much"
        async with asyncio.timeout(20):
            assert await app.left.get() == "/much"
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
        writer.write(ASK.replace(b"GET /", b"GET /much"))
        taken = 0
        while taken < len(MUCH):
            taken += len(await reader.read(1 << 16))
        writer.close()
        silent[1].transport.abort()
