"""The state of a store, found out without changing it."""

import os
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError

from router.core.errors import Problem, SetupError
from router.store.engine import file_of, open_engine
from router.store.upgrade import alembic_config


def schema_status(url: str) -> str:
    """Return in words whether the store at `url` exists and has this version's schema.

    Nothing is created or migrated. Raises SetupError if the store cannot be read, or if a newer version wrote it.
    """
    path = file_of(url)
    if path is not None and not path.exists():
        if not path.parent.is_dir():
            raise _problem(url, "its folder does not exist", f"make {path.parent}, or mend store.url")
        _refuse_unwritable(url, path.parent)
        return f"{path} is made at the first start"
    if path is not None:
        _refuse_unwritable(url, path, path.parent)
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
            scripts = ScriptDirectory.from_config(alembic_config(connection))
    except DatabaseError as error:
        raise _problem(url, str(error.orig), "check that it is a store of ours and may be read") from error
    finally:
        engine.dispose()
    return _compared(url, current, scripts)


def _refuse_unwritable(url: str, *paths: Path) -> None:
    """Raise SetupError if any of `paths` is not writable; the folder must be, since the journal is there."""
    for path in paths:
        if not os.access(path, os.W_OK):
            raise _problem(url, f"{path} may not be written", "give it to the user that serves, or mend store.url")


def _compared(url: str, current: str | None, scripts: ScriptDirectory) -> str:
    place, head = file_of(url) or "the store", scripts.get_current_head()
    if current == head:
        return f"{place} is up to date ({head})"
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise _problem(
            url, f"a newer version wrote it ({current})", "start that version, or point store.url at another file"
        )
    return f"{place} is at {current or 'no revision'}; `serve` or `smallfirst store upgrade` brings it to {head}"


def _problem(url: str, message: str, remedy: str) -> SetupError:
    return SetupError([Problem(str(file_of(url) or "the store"), None, "store.url", message, remedy)])
