"""A connection is known before anything is sent on it: kept or new, to whom, and whether it may be used."""

import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import structs

from router.core.errors import UpstreamFailed
from router.core.upstream import UpstreamSpec
from router.upstreams.openai_compatible import OpenAICompatible
from router.upstreams.reuse import KnowingConnector, NotHome
from tests.conftest import Scripted
from tests.upstreams.conftest import asked


class Rebinding(AbstractResolver):
    """A DNS that answers each look-up with the next of `addresses`, then with the last for good."""

    def __init__(self, port: int, *addresses: str) -> None:
        self.port = port
        self.addresses = list(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [
            ResolveResult(
                hostname=host, host=address, port=self.port, family=socket.AF_INET, proto=0, flags=socket.AI_NUMERICHOST
            )
        ]

    async def close(self) -> None:
        """Nothing is open."""


def session(connector: KnowingConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=connector)


async def test_a_name_that_leads_out_is_not_connected_to(scripted: Scripted) -> None:
    server = scripted()
    connector = KnowingConnector((), resolver=Rebinding(server.port, "192.0.2.1"))
    async with session(connector) as client:
        with pytest.raises(NotHome, match=r"192\.0\.2\.1"):
            await client.post("http://gpu.home.example/v1/chat/completions", data=b"secret")
    assert connector.peer() == ""


async def test_a_name_that_is_rebound_between_two_requests_is_caught(scripted: Scripted) -> None:
    server = scripted()
    connector = KnowingConnector(
        (), resolver=Rebinding(server.port, "127.0.0.1", "192.0.2.1"), use_dns_cache=False, force_close=True
    )
    async with session(connector) as client:
        await client.post("http://gpu.home.example/v1/x", json={"messages": [{"content": ""}]})
        with pytest.raises(NotHome):
            await client.post("http://gpu.home.example/v1/x", data=b"secret")
    assert len(server.requests) == 1


async def test_an_address_listed_as_premises_is_home(scripted: Scripted) -> None:
    server = scripted()
    away = KnowingConnector(("192.0.2.0/24",), resolver=Rebinding(server.port, "127.0.0.1"))
    async with session(away) as client:
        await client.post("http://gpu.home.example/v1/x", json={"messages": [{"content": ""}]})
    assert away._home("192.0.2.7")
    assert not away._home("198.51.100.7")


async def test_where_nothing_is_claimed_nothing_is_checked_and_the_peer_is_known(scripted: Scripted) -> None:
    server = scripted()
    connector = KnowingConnector()
    async with session(connector) as client:
        reply = await client.post(server.url + "/x", json={"messages": [{"content": ""}]})
        await reply.read()
        assert (connector.peer(), connector.reused()) == ("127.0.0.1", False)
        await client.post(server.url + "/x", json={"messages": [{"content": ""}]})
        assert (connector.peer(), connector.reused()) == ("127.0.0.1", True)


async def test_a_local_upstream_whose_name_leads_out_sends_nothing_and_says_why(scripted: Scripted) -> None:
    server, reached = scripted(), list[str]()
    spec = UpstreamSpec("gpu", "openai", "m", "http://gpu.home.example/v1", local=True, premises=("gpu.home.example",))
    upstream = OpenAICompatible(spec)
    upstream._session().connector._resolver = Rebinding(server.port, "192.0.2.1")  # type: ignore[union-attr]
    call = structs.replace(asked("secret"), reached=reached.append)
    with pytest.raises(UpstreamFailed) as raised:
        await upstream.send(call)
    await upstream.aclose()
    assert raised.value.code == "not_local"
    assert "premises" in raised.value.message
    assert reached == [""]
    assert server.requests == []
