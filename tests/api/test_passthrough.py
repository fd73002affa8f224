"""What the passing on of uploads says of clients that leave."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from router.api.body import ClientLeft
from router.api.passthrough import Upload

Message = MutableMapping[str, Any]


def upload(*messages: Message) -> Upload:
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    return Upload(receive)


async def test_a_body_comes_piece_by_piece() -> None:
    body = upload({"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.request", "body": b"b"})
    assert [piece async for piece in body] == [b"a", b"b"]


async def test_a_client_that_leaves_inside_its_body_says_so() -> None:
    body = upload({"type": "http.disconnect"})
    with pytest.raises(ClientLeft):
        _ = [piece async for piece in body]
    assert isinstance(body.broken, ClientLeft)


async def test_one_that_leaves_later_is_noticed() -> None:
    body = upload({"type": "http.request", "body": b""}, {"type": "http.disconnect"})
    assert not body.expected({})
    await asyncio.wait_for(body.left(), 10)


@pytest.mark.parametrize(
    ("headers", "brings"),
    [
        ({}, False),
        ({"content-length": "0"}, False),
        ({"content-length": "5"}, True),
        ({"transfer-encoding": "chunked"}, True),
    ],
)
async def test_whether_a_body_comes_is_read_off_the_headers(headers: dict[str, str], brings: bool) -> None:
    assert upload().expected(headers) is brings
