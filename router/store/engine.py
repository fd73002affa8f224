"""Opens databases, with the pragmas, locks and JSON functions that every connection needs."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.engine import make_url

BUSY_MS = 2000


def file_of(url: str) -> Path | None:
    """The SQLite file behind `url`; None for a memory store and for other databases."""
    scheme, found, _ = url.partition("://")
    database = make_url(url).database if found and scheme.split("+")[0] == "sqlite" else None
    return Path(database) if database and database != ":memory:" else None


def open_engine(url: str, *, immediate: bool = False, durable: bool = False) -> Engine:
    """An engine for `url`; nothing is connected yet.

    `immediate`: SQLite transactions take the write lock when they begin, so that a writer waits before it reads
    anything. `durable`: a commit survives power loss.
    """
    options: dict[str, Any] = {"json_serializer": _to_json, "json_deserializer": orjson.loads}
    sqlite = make_url(url).get_backend_name() == "sqlite"
    if sqlite and file_of(url) is None:
        options |= {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    engine = create_engine(url, **options)
    if sqlite:
        _bind_quickly()
        event.listen(engine, "connect", _prepare(durable))
        event.listen(engine, "begin", _begin("BEGIN IMMEDIATE" if immediate else "BEGIN"))
    return engine


def _bind_quickly() -> None:
    """Tell the driver how to bind None and bools.

    It knows by itself, but only after a search through its rules: half of an exchange's 64 values are one of these, and
    each search takes as long as binding eight numbers.
    """
    sqlite3.register_adapter(bool, int)
    sqlite3.register_adapter(type(None), dict[None, None]().get)  # returns None, without calling Python code


def _prepare(durable: bool) -> Callable[[Any, Any], None]:
    """Make a listener that sets pragmas and turns off the driver's own transactions: it would commit before DDL."""

    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute("PRAGMA foreign_keys=ON")

    return prepare


def _begin(statement: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()
