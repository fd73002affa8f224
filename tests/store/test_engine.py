"""Which file a URL means, and how every connection behaves."""

from pathlib import Path

import pytest

from router.store.engine import file_of, open_engine


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:////srv/ledger.db", Path("/srv/ledger.db")),
        ("sqlite:///ledger.db", Path("ledger.db")),
        ("sqlite+pysqlite:///ledger.db", Path("ledger.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("postgresql://localhost/ledger", None),
        ("memory", None),
        ("", None),
    ],
)
def test_the_file_behind_a_url(url: str, path: Path | None) -> None:
    assert file_of(url) == path


@pytest.mark.parametrize(("durable", "synchronous"), [(False, 1), (True, 2)])
def test_a_durable_store_waits_for_the_disk(tmp_path: Path, durable: bool, synchronous: int) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.db'}", durable=durable)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == synchronous
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 2000
    engine.dispose()


def test_a_transaction_rolled_back_takes_its_tables_back(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.db'}", immediate=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.rollback()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    engine.dispose()
