"""What is known of the connection a request goes out on: kept or new, to whom, and whether it may be used."""

import socket
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import aiohttp
import msgspec
from aiohttp.connector import Connection

from router.core.egress import egress_of


class NotHome(aiohttp.ClientConnectionError):
    """A local upstream's name led to an address that is not local; nothing was sent there."""


class _Found(msgspec.Struct):
    """What is known of a task's last connection; `away`: an address that was not connected to."""

    peer: str = ""
    reused: bool = False
    away: str = ""


class KnowingConnector(aiohttp.TCPConnector):
    """A connector that knows, for the running task, whether its last connection was a kept one, and to whom.

    Where `premises` is given (a local upstream's; it may be empty), only loopback, private and listed
    addresses are connected to, whatever the DNS says now: an address is looked at before the first
    packet, and the connection's own peer again before the request. Raises NotHome.
    """

    def __init__(self, premises: Sequence[str] | None = None, **options: Any) -> None:
        super().__init__(socket_factory=self._socket, **options)
        self._premises = premises
        self._peers: WeakKeyDictionary[Any, str] = WeakKeyDictionary()  # by connection, once it was looked at
        self._found: ContextVar[_Found] = ContextVar("found", default=_Found())  # noqa: B039  # never written to

    async def connect(self, req: aiohttp.ClientRequest, *more: Any, **named: Any) -> Connection:
        """A new connection, or a kept one on which nothing was said unasked, noted."""
        found = _Found()
        self._found.set(found)
        try:
            connection = await super().connect(req, *more, **named)
            while connection.protocol is not None and connection.protocol.should_close:
                connection.close()  # what came on it since the last answer would be taken for the next one
                connection = await super().connect(req, *more, **named)
        except aiohttp.ClientConnectorError as error:
            if found.away:
                raise NotHome(found.away) from error
            raise
        peer = self._peers.get(connection.protocol)
        found.reused = peer is not None
        found.peer = self._looked_at(connection) if peer is None else peer
        return connection

    def reused(self) -> bool:
        """Whether this task's last connection had been used before."""
        return self._found.get().reused

    def peer(self) -> str:
        """The address that this task's last connection goes to, "" where there was none."""
        return self._found.get().peer

    def _looked_at(self, connection: Connection) -> str:
        """Where a new connection goes, which is home. Raises NotHome."""
        peer = _peer_of(connection)
        if not self._home(peer):
            connection.close()
            raise NotHome(peer)
        self._peers[connection.protocol] = peer
        return peer

    def _home(self, address: str) -> bool:
        return self._premises is None or egress_of(address, self._premises).stays

    def _socket(self, info: Any) -> socket.socket:
        """The socket for one looked-up address."""
        family, kind, protocol, _, address = info
        if not self._home(str(address[0])):
            self._found.get().away = str(address[0])
            raise OSError(f"{address[0]} is not local")
        return socket.socket(family, kind, protocol)


def _peer_of(connection: Connection) -> str:
    name = connection.transport.get_extra_info("peername") if connection.transport is not None else None
    return str(name[0]) if isinstance(name, tuple) else ""
