"""Brings a store to this version's schema; Alembic's configuration is built here, in code."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from router.core.errors import Problem, SetupError
from router.store.engine import file_of, open_engine

# Any constant will do, as long as all versions ask Postgres for the same lock.
ADVISORY_LOCK = 0x5F1257

# Checking this much takes about a second. Larger files are not checked.
CHECKED_BYTES = 256 << 20


def upgrade(url: str) -> str | None:
    """Apply the missing migrations, and return the revision that the store had before; None for a new store.

    Several processes may call it at once: the whole upgrade is one transaction that holds the write lock from its first
    statement, so the second waits and then finds nothing to do. Raises SetupError if the store is newer than this
    program, damaged, or cannot be opened.
    """
    with explained(url):
        _create_private(url)
        engine = open_engine(url, immediate=True)
        try:
            if (path := file_of(url)) is not None:
                _check_and_set_wal(url, path)
            with engine.begin() as connection:
                if engine.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
                return upgrade_on(connection, url)
        finally:
            engine.dispose()


def upgrade_on(connection: Connection, url: str) -> str | None:
    """The same on an open connection, for a store that exists only there."""
    before = MigrationContext.configure(connection).get_current_revision()
    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise _problem(
            url,
            f"the store has revision {before}, which this version does not know",
            "start the newer smallfirst that wrote it, or point store.url at another file",
        )
    command.upgrade(config, "head")
    return before


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for our migrations, with the connection that they run on."""
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def scripts() -> Path:
    """The folder of the migrations: in the installed package, else in the checkout."""
    packaged = Path(__file__).parent / "_migrations"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "migrations"


def head() -> str:
    """The newest revision that this version knows."""
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    return str(ScriptDirectory.from_config(config).get_current_head())


def _create_private(url: str) -> None:
    """Create the file, readable by its owner alone, before anything is written to it."""
    path = file_of(url)
    if path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _check_and_set_wal(url: str, path: Path) -> None:
    """Refuse a damaged file, then turn on write-ahead logging, which a transaction would prevent."""
    engine = open_engine(url)
    try:
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            small = path.stat().st_size <= CHECKED_BYTES
            found = cursor.execute("PRAGMA quick_check(1)").fetchone()[0] if small else "ok"
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            cursor.execute("PRAGMA journal_mode=WAL")
        finally:
            raw.close()
    finally:
        engine.dispose()


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Raise the driver's errors about the store at `url` as a SetupError that says what to do."""
    locked = "another process holds the store for writing"
    try:
        yield
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise _problem(url, f"cannot be opened: {error}", "write it as sqlite:///FILE") from error
    except (OperationalError, sqlite3.OperationalError) as error:
        message, remedy = str(getattr(error, "orig", error)), "check that its folder exists and is writable"
        if "locked" in message:
            message, remedy = locked, "stop that process, or wait, and start again"
        raise _problem(url, message, remedy) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        message = str(getattr(error, "orig", error)).splitlines()[0]
        remedy = "move it aside (a new one is made at start), or mend it: sqlite3 FILE .recover | sqlite3 NEW"
        raise _problem(url, f"the store is damaged: {message}", remedy) from error
    except (CommandError, OSError) as error:
        raise _problem(url, str(error), "check that the store's folder is writable and the package whole") from error


def _problem(url: str, message: str, remedy: str) -> SetupError:
    place = file_of(url)
    return SetupError(
        [Problem(file=str(place or url.split("@")[-1]), line=None, path="store.url", message=message, remedy=remedy)]
    )
