"""Whether the connection a request went out on had carried another before it."""

from contextvars import ContextVar
from typing import Any
from weakref import WeakSet

import aiohttp
from aiohttp.connector import Connection


class KnowingConnector(aiohttp.TCPConnector):
    """A connector that knows, for the running task, whether its last connection was a kept one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._seen: WeakSet[Any] = WeakSet()
        self._reused: ContextVar[bool] = ContextVar("reused", default=False)

    async def connect(self, *request: Any, **more: Any) -> Connection:
        """A kept or a new connection, noted."""
        connection = await super().connect(*request, **more)
        self._reused.set(connection.protocol in self._seen)
        if connection.protocol is not None:
            self._seen.add(connection.protocol)
        return connection

    def reused(self) -> bool:
        """Whether this task's last connection had been used before."""
        return self._reused.get()
