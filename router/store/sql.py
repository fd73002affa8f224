"""The ledger in SQL: SQLite in a file, or Postgres."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from router.core.errors import Problem, SetupError
from router.core.exchange import Attempt, Exchange
from router.core.ids import uuid7
from router.core.ports import Table
from router.store.engine import file_of, open_engine
from router.store.fresh import Record
from router.store.journal import Journal, frame, orphans
from router.store.rows import encode, rows_of
from router.store.shelf import Shelf
from router.store.state import StoreState
from router.store.upgrade import upgrade
from router.store.writer import RefusedRecord, Writer


class SqlStore:
    """The ledger behind a journal. The schema must exist: call `upgrade` first.

    Opening it starts the writer thread, which first replays what dead processes left. `append` never waits for the
    database; `put`, `find` and `aggregate` do.
    """

    def __init__(
        self,
        url: str,
        *,
        clock_us: Callable[[], int],
        journal_path: Path | None = None,
        sync: bool = False,
    ) -> None:
        base = journal_path or journal_of(url)
        self._boot = uuid7(clock_us(), os.urandom)
        self._refused_path = base.with_name(f"{base.name}.refused")
        self._engine = open_engine(url, immediate=True, durable=sync)
        self._shelf = Shelf(open_engine(url), clock_us)
        self._journal = Journal(base, self._boot, sync=sync)
        self._url = url
        self._file = _identity(url)
        self._writer = Writer(
            self._engine, self._journal, clock_us=clock_us, refuse=self._set_aside, ensure=self._ensure
        )
        self._writer.start(orphans(base))

    @property
    def state(self) -> StoreState:
        """How the ledger is doing now, from memory alone."""
        writer = self._writer.state
        return StoreState(
            ready=writer.ready,
            detail=writer.detail,
            waiting_bytes=self._journal.waiting,
            lost=self._journal.lost,
            skipped=writer.skipped,
            refused=writer.refused,
            interrupted=writer.interrupted,
        )

    def append(self, record: Attempt | Exchange, ended: Sequence[Attempt] = ()) -> None:
        """Journal `record` and the `ended` attempts: a single write, about 10 µs for an attempt.

        Raises LedgerUnwritable if they cannot be written.
        """
        rows = rows_of(record, self._boot, ended)
        payload = encode(rows)
        start, end = self._journal.append(payload)
        self._writer.hand(Record(start, end, payload, rows))

    def flush(self, timeout_s: float = 30.0) -> bool:
        """Wait until everything appended so far is in the tables; False if that takes longer than `timeout_s`."""
        return self._writer.flush(self._journal.position, timeout_s)

    def put(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert or replace one row of `keys`, `labels`, `certificates` or `audit_log`, at once."""
        self._shelf.put(table, row)

    def find(self, table: Table, **where: Any) -> list[dict[str, Any]]:
        """Rows whose columns equal `where`, newest first, at most 1,000."""
        return self._shelf.find(table, **where)

    def aggregate(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """A named aggregate, grouped in SQL."""
        return self._shelf.aggregate(name, **params)

    def close(self, timeout_s: float = 10.0) -> None:
        """Write what is journalled, end what is still open as interrupted, and close everything.

        If the store takes nothing for `timeout_s`, the journal stays and the next start replays it.
        """
        self._writer.close(timeout_s)
        self._journal.close()
        self._engine.dispose()
        self._shelf.close()

    def _ensure(self) -> None:
        """Make a new database file if the old one was moved away, since nobody would see rows written there."""
        if _identity(self._url) == self._file:
            return
        self._engine.dispose()
        self._shelf.close()
        upgrade(self._url)
        self._file = _identity(self._url)

    def _set_aside(self, refuse: RefusedRecord) -> None:
        fd = os.open(self._refused_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(fd, frame(refuse.payload))
        finally:
            os.close(fd)


def _identity(url: str) -> tuple[int, int] | None:
    """The identity of the file itself, whatever its name; None if there is none."""
    path = file_of(url)
    try:
        found = path.stat() if path else None
    except FileNotFoundError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def journal_of(url: str) -> Path:
    """The path of the journal of a store in a file. Raises SetupError for other stores, which must be given one."""
    path = file_of(url)
    if path is None:
        remedy = "give it a journal: a path on a local disk, in the store's folder"
        raise SetupError([Problem("config.yaml", None, "store.url", "this store is not a file", remedy)])
    return path.with_name(f"{path.name}.journal")
