"""Reading a body: all of it, up to the limit, or a clear word why not."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

import pytest
from starlette.datastructures import Headers

from router.api.body import ClientLeft, read_body
from router.core.errors import Overloaded, TooLarge, TooSlow, UnsupportedEncoding
from router.pipeline.intake import Intake

share = Intake().share  # of so many bytes
Receive = Callable[[], Awaitable[Any]]


def received(*parts: bytes | None) -> Receive:
    """ASGI's receive over these parts; None is the client closing its connection."""
    messages = [
        {"type": "http.disconnect"}
        if part is None
        else {"type": "http.request", "body": part, "more_body": index + 1 < len(parts)}
        for index, part in enumerate(parts)
    ]
    waiting = iter(messages)

    async def receive() -> Any:
        return next(waiting)

    return receive


@pytest.mark.parametrize("parts", [(b"abc",), (b"a", b"b", b"c"), (b"", b"abc", b"")])
async def test_a_body_is_whole_however_it_came(parts: tuple[bytes, ...]) -> None:
    assert await read_body(received(*parts), Headers({}), share(3)) == b"abc"


async def test_one_byte_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLarge):
        await read_body(received(b"ab", b"cd"), Headers({}), share(3))


async def test_what_declares_to_be_too_large_is_not_read_at_all() -> None:
    with pytest.raises(TooLarge, match="body_mb"):
        await read_body(received(), Headers({"content-length": "4"}), share(3))


async def test_a_body_that_does_not_come_in_time_is_given_up() -> None:
    never: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    with pytest.raises(TooSlow, match="within 0 s"):
        await read_body(lambda: never, Headers({}), share(3), patience_s=0.0)


async def test_a_length_that_is_no_number_is_not_believed() -> None:
    assert await read_body(received(b"abc"), Headers({"content-length": "-9"}), share(3)) == b"abc"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
async def test_a_body_compressed_as_nobody_here_knows_is_refused_unread(encoding: str) -> None:
    with pytest.raises(UnsupportedEncoding, match="Send gzip, deflate"):
        await read_body(received(), Headers({"content-encoding": encoding}), share(3))


async def test_a_compressed_body_is_made_plain_and_both_of_its_sizes_count() -> None:
    headers = Headers({"content-encoding": "gzip"})
    packed = gzip.compress(b"abc")
    assert await read_body(received(packed), headers, share(100)) == b"abc"
    with pytest.raises(TooLarge):
        await read_body(received(packed), headers, share(len(packed) - 1))


async def test_a_client_that_leaves_midway_is_no_mistake_of_its_body() -> None:
    with pytest.raises(ClientLeft) as raised:
        await read_body(received(b"a", None), Headers({}), share(3))
    assert raised.value.status == 499


async def test_what_is_known_to_be_here_is_read_without_a_timer() -> None:
    assert await read_body(received(b"a", b"bc"), Headers({}), share(3), patience_s=None) == b"abc"
    with pytest.raises(TooLarge):
        await read_body(received(b"ab", b"cd"), Headers({}), share(3), patience_s=None)


async def test_a_crowd_of_large_bodies_is_told_to_come_again_while_a_small_one_is_read() -> None:
    intake, much = Intake(), b"a" * (48 << 20)
    shares = [intake.share(64 << 20) for _ in range(10)]
    with ExitStack() as held:
        for one in shares[:3]:
            await read_body(received(much), Headers({}), held.enter_context(one))
        with pytest.raises(Overloaded) as raised, shares[3] as fourth:
            await read_body(received(much, bytes(12 << 20)), Headers({}), fourth)
        assert raised.value.headers == {"retry-after": "1"}
        assert await read_body(received(b"hi"), Headers({}), held.enter_context(shares[4])) == b"hi"
    with shares[5] as again:
        assert len(await read_body(received(much), Headers({}), again)) == len(much)
    assert intake.holding.bytes == 0


async def test_a_body_that_unpacks_to_much_counts_as_much() -> None:
    intake, packed = Intake(), gzip.compress(b"a" * 1000)
    with intake.share(10_000) as one:
        await read_body(received(packed), Headers({"content-encoding": "gzip"}), one)
        assert intake.holding.bytes == len(packed) + 3000
