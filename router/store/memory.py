"""A ledger that lives in this process only: SQLite in memory, the same migrations, no journal."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from router.core.exchange import Attempt, Exchange
from router.core.ports import Table
from router.store.engine import open_engine
from router.store.rows import decode, encode, rows_of
from router.store.shelf import Shelf
from router.store.sink import Sink
from router.store.state import StoreState
from router.store.upgrade import upgrade_on

URL = "sqlite://"


class MemoryStore:
    """A Store whose rows are lost with the process, for tests and for trying things out."""

    def __init__(self, *, clock_us: Callable[[], int]) -> None:
        self._lock = threading.RLock()
        self._engine = open_engine(URL)
        self._sink = Sink(self._engine.dialect)
        self._shelf = Shelf(self._engine, clock_us)
        with self._engine.begin() as connection:
            upgrade_on(connection, URL)

    @property
    def state(self) -> StoreState:
        """Always ready: there is nothing that could be unavailable."""
        return StoreState()

    def append(self, record: Attempt | Exchange, ended: Sequence[Attempt] = ()) -> None:
        """Write the rows of `record` at once, as a replay of the journal would."""
        rows = decode(encode(rows_of(record, "memory", ended)))
        with self._lock, self._engine.begin() as connection:
            self._sink.write(connection, [rows])

    def flush(self, timeout_s: float = 30.0) -> bool:
        """Always true: nothing waits to be written."""
        return timeout_s >= 0

    def put(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert or replace one row of `keys`, `labels`, `certificates` or `audit_log`, at once."""
        with self._lock:
            self._shelf.put(table, row)

    def find(self, table: Table, **where: Any) -> list[dict[str, Any]]:
        """Rows whose columns equal `where`, newest first, at most 1,000."""
        with self._lock:
            return self._shelf.find(table, **where)

    def aggregate(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """A named aggregate, grouped in SQL."""
        with self._lock:
            return self._shelf.aggregate(name, **params)

    def close(self) -> None:
        """Close the database; its rows are lost."""
        with self._lock:
            self._engine.dispose()
