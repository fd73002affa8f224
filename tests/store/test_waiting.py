"""What waits in a journal is counted with its money, and a row that is there is not."""

import os
from pathlib import Path

from router.store.journal import Journal
from router.store.rows import encode, rows_of
from router.store.sql import SqlStore, journal_of
from router.store.upgrade import upgrade
from router.store.waiting import Waiting, waiting
from tests.store.records import NOON, SECOND, closed, ended, opened

LATER = NOON + 60 * SECOND


def killed(url: str, *records: object) -> None:
    """Leave `records` in a journal as a killed process does."""
    journal = Journal(journal_of(url), f"dead-{os.urandom(4).hex()}")
    for record in records:
        journal.append(encode(rows_of(record, "dead")))  # type: ignore[arg-type]
    journal.close()


def test_nothing_waits_where_there_is_no_journal(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    upgrade(url)
    assert waiting(url, LATER) == waiting("memory", LATER) == Waiting()


def test_what_a_killed_process_left_is_counted_with_what_it_cost(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    upgrade(url)
    answered, under_way = closed("big"), opened("another")
    killed(url, opened("another", id=under_way.id), answered, under_way)
    (path,) = tmp_path.glob("*.journal.*")
    path.write_bytes(path.read_bytes() + b"torn li")
    before = sorted(tmp_path.iterdir())

    assert waiting(url, LATER) == Waiting(requests=1, calls=2, cost=3_500_000, unknown=1)
    assert waiting(url, NOON - 1) == Waiting()
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_a_row_already_does_not_wait_and_an_end_that_is_none_does(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    upgrade(url)
    answered, under_way = closed("big"), opened("another")
    store = SqlStore(url, clock_us=lambda: NOON)
    store.append(answered)
    store.append(under_way)
    assert store.flush()
    killed(url, answered, under_way)
    assert waiting(url, LATER) == Waiting()
    killed(url, ended("another", id=under_way.id))
    assert waiting(url, LATER) == Waiting(calls=1, cost=3_500_000)
    store.close()
    SqlStore(url, clock_us=lambda: NOON).close()
    assert waiting(url, LATER) == Waiting()
