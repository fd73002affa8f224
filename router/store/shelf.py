"""Queries of the ledger, for people and reports: put a row, find rows, or ask for a named aggregate."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import CursorResult, Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from router.core.errors import Problem, SetupError, StoreUnavailable
from router.core.ids import uuid7
from router.core.ports import Table as TableName
from router.store.aggregates import AGGREGATES
from router.store.engine import file_of, open_engine
from router.store.sink import upsert
from router.store.tables import METADATA, blank
from router.store.upgrade import explained, head

MAX_FOUND = 1000
PUT_INTO = frozenset({"keys", "labels", "certificates", "audit_log"})


class Shelf:
    """The part of a store that runs queries for people and reports, never on a request's path."""

    def __init__(self, engine: Engine, clock_us: Callable[[], int]) -> None:
        self._engine = engine
        self._clock_us = clock_us

    def put(self, table: TableName, row: Mapping[str, Any]) -> None:
        """Insert or replace one row of `keys`, `labels`, `certificates` or `audit_log`, at once.

        `id` and `created_at` are filled in if they are missing. Raises ValueError for another table or an unknown
        column, and StoreUnavailable if the database cannot be asked now.
        """
        if table not in PUT_INTO:
            raise ValueError(f"rows of {table} are written by append")
        _refuse_unknown(table, row)
        now_us = self._clock_us()
        made: dict[str, Any] = {"id": uuid7(now_us, os.urandom), "created_at": now_us}
        full = blank(METADATA.tables[table]) | made | dict(row)
        with _asked(), self._engine.begin() as connection:
            connection.execute(upsert(connection.dialect.name, METADATA.tables[table]), full)

    def find(self, table: TableName, **where: Any) -> list[dict[str, Any]]:
        """Rows whose columns equal `where`, newest first, at most 1,000; money in nano-dollars.

        Verdicts come in the order in which they were given. Raises ValueError for an unknown column, StoreUnavailable
        if the database cannot be asked now.
        """
        source = METADATA.tables[table]
        _refuse_unknown(table, where)
        statement = select(source).where(*(source.c[name] == value for name, value in where.items()))
        if table == "verdicts":
            statement = statement.order_by(source.c.exchange.desc(), source.c.seq)
        else:
            newest = source.c.started_at if "started_at" in source.c else source.c.created_at
            statement = statement.order_by(newest.desc(), source.c.id.desc())
        with _asked(), self._engine.connect() as connection:
            return _rows(connection.execute(statement.limit(MAX_FOUND)))

    def aggregate(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """A named aggregate (docs/ledger.md), grouped in SQL.

        Raises ValueError for an unknown name, StoreUnavailable if the database cannot be asked now.
        """
        if name not in AGGREGATES:
            raise ValueError(f"no aggregate is called {name!r}; there are {', '.join(sorted(AGGREGATES))}")
        with _asked(), self._engine.connect() as connection:
            return _rows(connection.execute(AGGREGATES[name](**params)))

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


@contextmanager
def _asked() -> Iterator[None]:
    """Raise the database's errors as StoreUnavailable, so that callers need not know SQLAlchemy."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise StoreUnavailable(f"The ledger's database cannot be asked now: {reason}. Try again later.") from error


def open_shelf(url: str, *, clock_us: Callable[[], int]) -> Shelf:
    """Open a ledger for reports, while another process writes it.

    Raises SetupError if there is no ledger yet, or if its schema is not this version's.
    """
    path = file_of(url)
    if path is None and "://" not in url:
        raise _problem(url, "this ledger lives in the server's memory", "give store.url a file, as sqlite:///FILE")
    if path is not None and not path.exists():
        remedy = "start `smallfirst serve` (or `smallfirst demo`) once; it makes one"
        raise _problem(str(path), "there is no ledger yet", remedy)
    engine = open_engine(url)
    with explained(url), engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head():
        message = f"its schema is {current or 'none'}, this version's is {head()}"
        raise _problem(str(path or "the store"), message, "run `smallfirst store upgrade`")
    return Shelf(engine, clock_us)


def _problem(place: str, message: str, remedy: str) -> SetupError:
    return SetupError([Problem(place, None, "store.url", message, remedy)])


def _rows(result: CursorResult[Any]) -> list[dict[str, Any]]:
    # SQLAlchemy's names are a subclass of str that JSON encoders refuse.
    names = [str(name) for name in result.keys()]  # noqa: SIM118 - a result is iterated by rows
    return [dict(zip(names, row, strict=True)) for row in result]


def _refuse_unknown(table: str, names: Mapping[str, Any]) -> None:
    unknown = sorted(set(names) - set(METADATA.tables[table].columns.keys()))
    if unknown:
        raise ValueError(f"{table} has no column {', '.join(unknown)}")
