"""Rows for people: put, found and counted, and what is wrong said in words that name the remedy."""

from pathlib import Path

import pytest

from router.core.errors import SetupError
from router.store.shelf import Shelf, open_shelf
from router.store.upgrade import upgrade
from tests.store.records import NOON, Clock


@pytest.fixture
def shelf(url: str, clock: Clock) -> Shelf:
    return open_shelf(url, clock_us=clock)


def test_a_row_is_put_with_an_id_and_the_time_and_replaced_by_its_id(shelf: Shelf) -> None:
    shelf.put("keys", {"name": "ada", "digest": "d"})
    (row,) = shelf.find("keys", name="ada")
    assert (row["created_at"], row["revoked"]) == (NOON, False)
    shelf.put("keys", row | {"revoked": True})
    assert [row["revoked"] for row in shelf.find("keys")] == [True]


def test_rows_come_newest_first(shelf: Shelf, clock: Clock) -> None:
    for number in range(3):
        shelf.put("audit_log", {"action": str(number)})
        clock.advance(1)
    assert [row["action"] for row in shelf.find("audit_log")] == ["2", "1", "0"]


def test_what_comes_through_the_journal_is_not_put(shelf: Shelf) -> None:
    with pytest.raises(ValueError, match="are written by append"):
        shelf.put("exchanges", {"id": "x"})


def test_a_column_or_an_aggregate_that_is_not_there_is_refused(shelf: Shelf) -> None:
    with pytest.raises(ValueError, match="nope"):
        shelf.find("keys", nope=1)
    with pytest.raises(ValueError, match="no aggregate is called 'nope'"):
        shelf.aggregate("nope")


def test_a_ledger_that_is_not_there_or_lives_in_a_server_is_said_to_be(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(SetupError, match="there is no ledger yet"):
        open_shelf(f"sqlite:///{tmp_path / 'none.db'}", clock_us=clock)
    with pytest.raises(SetupError, match="lives in the server's memory"):
        open_shelf("memory", clock_us=clock)


def test_a_ledger_of_another_version_is_to_be_upgraded(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(SetupError, match="store upgrade"):
        open_shelf(f"sqlite:///{tmp_path / 'empty.db'}", clock_us=clock)
    upgrade(f"sqlite:///{tmp_path / 'empty.db'}")
    open_shelf(f"sqlite:///{tmp_path / 'empty.db'}", clock_us=clock).close()
