"""Looking up a host's name, with an end to how long that may take."""

import asyncio
import socket

from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver, ResolveResult


class Resolver(AbstractResolver):
    """The system's resolver, waited for `limit_s` seconds.

    It asks each server in turn, for half a minute and longer, and a connection's own budget begins with an address.
    """

    def __init__(self, limit_s: float, inner: AbstractResolver | None = None) -> None:
        self._limit_s = limit_s
        self._inner = inner or DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Its addresses. Raises OSError, also when that takes too long."""
        try:
            async with asyncio.timeout(self._limit_s):
                return await self._inner.resolve(host, port, family)
        except TimeoutError as error:
            raise OSError(None, f"its name was not looked up within {self._limit_s:g} s") from error

    async def close(self) -> None:
        """Let go of it."""
        await self._inner.close()
