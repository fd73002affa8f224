"""How a store stands is told without touching it."""

import sqlite3
from pathlib import Path

import pytest

from router.core.errors import SetupError
from router.store.standing import schema_status
from router.store.upgrade import upgrade


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert "is made at the first start" in schema_status(f"sqlite:///{tmp_path}/s.db")
    assert list(tmp_path.iterdir()) == []


def test_a_store_without_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="its folder does not exist"):
        schema_status(f"sqlite:///{tmp_path}/gone/s.db")


def test_a_migrated_store_is_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.db"
    upgrade(url)
    assert "is up to date" in schema_status(url)


def test_an_empty_store_is_behind(tmp_path: Path) -> None:
    (tmp_path / "s.db").touch()
    assert "is at no revision" in schema_status(f"sqlite:///{tmp_path}/s.db")


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.db"
    upgrade(url)
    with sqlite3.connect(tmp_path / "s.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(SetupError, match="a newer version wrote it"):
        schema_status(url)


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.db").write_bytes(b"no database at all, but long enough " * 40)
    with pytest.raises(SetupError, match="check that it is a store of ours"):
        schema_status(f"sqlite:///{tmp_path}/s.db")


@pytest.mark.parametrize("made", [True, False])
def test_a_store_that_serve_could_not_write_is_told(
    made: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/s.db"
    if made:
        upgrade(url)
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)  # root may write anywhere
    with pytest.raises(SetupError, match=f"{tmp_path} may not be written"):
        schema_status(url)
