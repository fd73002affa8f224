"""What is known of the connection a request goes out on: kept or new, to whom, and whether it may be used."""

import socket
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.connector import Connection

from router.core.egress import egress_of


class NotHome(aiohttp.ClientConnectionError):
    """A local upstream's name led to an address that is not local; nothing was sent there."""


class KnowingConnector(aiohttp.TCPConnector):
    """A connector that knows, for the running task, whether its last connection was a kept one, and to whom.

    Where `premises` is given (a local upstream's; it may be empty), only loopback, private and listed
    addresses are connected to, whatever the DNS says now: an address is looked at before the first
    packet, and the connection's own peer again before the request. Raises NotHome.
    """

    def __init__(self, premises: Sequence[str] | None = None, **options: Any) -> None:
        super().__init__(socket_factory=self._socket, **options)
        self._premises = premises
        self._seen: WeakSet[Any] = WeakSet()
        self._reused: ContextVar[bool] = ContextVar("reused", default=False)
        self._peer: ContextVar[str] = ContextVar("peer", default="")
        self._away: ContextVar[str] = ContextVar("away", default="")

    async def connect(self, *request: Any, **more: Any) -> Connection:
        """A kept or a new connection, noted."""
        self._peer.set("")
        self._away.set("")
        try:
            connection = await super().connect(*request, **more)
        except aiohttp.ClientConnectorError as error:
            if away := self._away.get():
                raise NotHome(away) from error
            raise
        self._reused.set(connection.protocol in self._seen)
        if not self._reused.get():
            self._look(connection)
        if connection.protocol is not None:
            self._seen.add(connection.protocol)
        self._peer.set(_peer_of(connection))
        return connection

    def reused(self) -> bool:
        """Whether this task's last connection had been used before."""
        return self._reused.get()

    def peer(self) -> str:
        """The address that this task's last connection goes to, "" where there was none."""
        return self._peer.get()

    def _look(self, connection: Connection) -> None:
        peer = _peer_of(connection)
        if self._home(peer):
            return
        connection.close()
        raise NotHome(peer)

    def _home(self, address: str) -> bool:
        return self._premises is None or egress_of(address, self._premises).stays

    def _socket(self, info: Any) -> socket.socket:
        """The socket for one looked-up address."""
        family, kind, protocol, _, address = info
        if not self._home(str(address[0])):
            self._away.set(str(address[0]))
            raise OSError(f"{address[0]} is not local")
        return socket.socket(family, kind, protocol)


def _peer_of(connection: Connection) -> str:
    name = connection.transport.get_extra_info("peername") if connection.transport is not None else None
    return str(name[0]) if isinstance(name, tuple) else ""
