"""Bringing a store to this version's schema: once or many times, privately, and never over a newer one."""

import stat
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from router.core.errors import SetupError
from router.store.engine import open_engine
from router.store.tables import METADATA
from router.store.upgrade import head, scripts, upgrade


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "ledger.db"


def test_a_new_store_is_made_with_its_folder_for_its_owner_alone(path: Path) -> None:
    assert upgrade(f"sqlite:///{path}") is None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_has_every_table_and_a_second_time_nothing_is_left_to_do(path: Path) -> None:
    url = f"sqlite:///{path}"
    upgrade(url)
    assert upgrade(url) == head()
    engine = open_engine(url)
    assert set(METADATA.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_a_store_of_a_newer_version_is_left_alone(path: Path) -> None:
    url = f"sqlite:///{path}"
    upgrade(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(SetupError, match="revision 9999, which this version does not know"):
        upgrade(url)


def test_what_is_no_database_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(SetupError, match="the store is damaged"):
        upgrade(f"sqlite:///{tmp_path / 'ledger.db'}")


def test_an_address_of_no_kind_of_database_is_refused_with_how_to_write_one() -> None:
    with pytest.raises(SetupError, match="write it as sqlite:///FILE"):
        upgrade("nosuch://x")


def test_every_script_lies_where_it_is_looked_for() -> None:
    assert (scripts() / "versions" / "0001_ledger.py").exists()
