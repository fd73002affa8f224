"""The salt: made once, kept, and nobody else's to read."""

from pathlib import Path

from router.runtime.salt import salt_of


def test_it_is_made_once_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "ledger.salt"
    made = salt_of(path)
    assert len(made) == 32
    assert salt_of(path) == made


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    salt_of(tmp_path / "ledger.salt")
    assert (tmp_path / "ledger.salt").stat().st_mode & 0o777 == 0o600


def test_another_ledger_has_another_salt(tmp_path: Path) -> None:
    assert salt_of(tmp_path / "one") != salt_of(tmp_path / "two")


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    salt_of(tmp_path / "ledger.salt")
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.salt"]
