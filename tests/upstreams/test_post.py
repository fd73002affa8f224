"""POSTs over aiohttp's connections and parser, against servers that are nothing but a socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from yarl import URL

from router.upstreams.post import Answer, Post
from router.upstreams.reuse import KnowingConnector

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: Application/JSON; charset=utf-8\r\ncontent-length: 2\r\n\r\n{}"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def head_of(reader: asyncio.StreamReader) -> bytes:
    """A request's head as it came."""
    return await reader.readuntil(b"\r\n\r\n")


async def body_of(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """The body that `head` announces."""
    return await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]))


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[tuple[aiohttp.ClientSession, URL]]:
    """A server that does `talk` on each connection, and a session to ask it with."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            pass  # the other side has hung up
        finally:
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, limit=1 << 24)
    port = server.sockets[0].getsockname()[1]
    headers = {"authorization": "Bearer k", "accept-encoding": "identity", "user-agent": "smallfirst"}
    connector = KnowingConnector()
    async with aiohttp.ClientSession(connector=connector, headers=headers, auto_decompress=False) as session:
        yield session, URL(f"http://127.0.0.1:{port}/v1/chat/completions?api-version=1")
    server.close()


async def whole(answer: Answer) -> bytes:
    """Its body, read to the end."""
    return await answer.content.read()


async def test_what_is_sent_is_what_a_session_would_send() -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await head_of(reader):
            seen.append(head + await body_of(reader, head))
            writer.write(ANSWER)

    async with talking(talk) as (session, url):
        answer = await Post(session, url, "application/json").send(b'{"a":1}')
        assert (answer.status, answer.content_type, await whole(answer)) == (200, "application/json", b"{}")
        body = aiohttp.BytesPayload(b'{"a":1}', content_type="application/json")
        async with session.post(url, data=body) as response:
            await response.read()
    ours, theirs = (sorted(one.split(b"\r\n")) for one in seen)
    assert ours == theirs


async def test_a_connection_whose_answer_was_read_is_used_again_and_one_that_was_closed_is_not() -> None:
    connections: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(0)
        while head := await head_of(reader):
            connections[-1] += 1
            await body_of(reader, head)
            writer.write(ANSWER)

    async with talking(talk) as (session, url):
        post = Post(session, url, "application/json")
        await whole(await post.send(b"{}"))
        held = await post.send(b"{}")
        assert await whole(held) == b"{}"
        held.close()  # after the end, which does nothing
        unread = await post.send(b"[]")
        unread.close()
        await whole(await post.send(b"{}"))
    assert connections in ([3, 1], [4])  # the short answer may have come whole with its head


async def test_a_body_of_megabytes_arrives_byte_for_byte() -> None:
    body, came = bytes(range(256)) * 20_000, asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set_result(await body_of(reader, await head_of(reader)))
        writer.write(ANSWER)

    async with talking(talk) as (session, url):
        await whole(await Post(session, url, "application/json").send(body))
    assert await came == body


async def test_a_server_that_answers_before_it_has_read_everything_is_not_asked_again_on_that_connection() -> None:
    connections = 0
    let_go = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        head = await head_of(reader)
        if connections == 1:
            writer.write(ANSWER.replace(b"200 OK", b"413 Too Large"))
            await let_go.wait()
            return
        await body_of(reader, head)
        writer.write(ANSWER)

    async with talking(talk) as (session, url):
        post = Post(session, url, "application/json")
        answer = await post.send(bytes(32 << 20))
        assert (answer.status, await whole(answer)) == (413, b"{}")
        again = await post.send(b"{}")
        assert (again.status, await whole(again)) == (200, b"{}")
        let_go.set()
    assert connections == 2


async def test_news_before_the_answer_is_passed_over() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await body_of(reader, await head_of(reader))
        writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n" + ANSWER)

    async with talking(talk) as (session, url):
        answer = await Post(session, url, "application/json").send(b"{}")
        assert (answer.status, await whole(answer)) == (200, b"{}")


async def test_what_is_no_http_is_an_error_of_the_client_library() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await body_of(reader, await head_of(reader))
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")

    async with talking(talk) as (session, url):
        with pytest.raises(aiohttp.ClientResponseError):
            await Post(session, url, "application/json").send(b"{}")


@pytest.mark.parametrize("unasked", [ANSWER.replace(b"{}", b"[]"), b"HTTP/1.1 408 Late\r\n\r\n"])
async def test_what_a_server_says_unasked_is_never_taken_for_the_next_answer(unasked: bytes) -> None:
    said = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await head_of(reader):
            await body_of(reader, head)
            writer.write(ANSWER)
            await said.wait()
            writer.write(unasked)

    async with talking(talk) as (session, url):
        post = Post(session, url, "application/json")
        assert await whole(await post.send(b"{}")) == b"{}"
        said.set()
        reader, writer = await asyncio.open_connection("127.0.0.1", url.port)
        writer.write(b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}")
        assert await reader.readuntil(unasked)  # what was said on the other one has come before
        writer.close()
        assert await whole(await post.send(b"{}")) == b"{}"


async def test_giving_up_while_waiting_hangs_up() -> None:
    asked, gone = asyncio.Event(), asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await body_of(reader, await head_of(reader))
        asked.set()
        assert await reader.read() == b""
        gone.set()

    async with talking(talk) as (session, url):
        waiting = asyncio.create_task(Post(session, url, "application/json").send(b"{}"))
        await asked.wait()
        waiting.cancel()
        await asyncio.wait_for(gone.wait(), 10)


async def test_closing_an_answer_wakes_who_waits_for_more_of_it() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await body_of(reader, await head_of(reader))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
        await reader.read()

    async with talking(talk) as (session, url):
        answer = await Post(session, url, "application/json").send(b"{}")
        assert await answer.content.readany() == b"{"
        more = asyncio.create_task(answer.content.readany())
        asyncio.get_running_loop().call_soon(answer.close)
        with pytest.raises(aiohttp.ClientConnectionError):
            await asyncio.wait_for(more, 10)
