"""A name is looked up in time, or the upstream cannot be reached."""

import asyncio
import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from router.upstreams.failures import why_unreachable
from router.upstreams.naming import Resolver
from router.upstreams.reuse import KnowingConnector
from tests.conftest import Scripted


class Names(AbstractResolver):
    """A DNS that says where 127.0.0.1 is, at once or never."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if not self.answers:
            await asyncio.Event().wait()
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Note that nobody asks any more."""
        self.closed = True


async def test_a_name_that_nobody_tells_is_given_up_as_unreachable() -> None:
    connector = KnowingConnector(resolver=Resolver(0.05, Names(answers=False)))
    async with aiohttp.ClientSession(connector=connector) as client, asyncio.timeout(20):
        with pytest.raises(aiohttp.ClientConnectorError) as raised:
            await client.get("http://gpu.example/v1/models")
    assert "its name was not looked up within 0.05 s" in why_unreachable(raised.value.os_error)


async def test_a_name_that_is_told_leads_there(scripted: Scripted) -> None:
    server, names = scripted(), Names(answers=True)
    resolver = Resolver(5, names)
    async with aiohttp.ClientSession(connector=KnowingConnector(resolver=resolver)) as client:
        reply = await client.get(f"http://gpu.example:{server.port}/v1/models")
        assert reply.status == 200
    await resolver.close()
    assert names.closed
