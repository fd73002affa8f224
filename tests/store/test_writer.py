"""The writer makes rows of the journal, and waits as long as the store cannot take them."""

import sqlite3
import threading
from pathlib import Path

from router.core.exchange import Outcome
from router.store.journal import frame
from tests.store.conftest import Opener
from tests.store.records import NOON, SECOND, closed, opened


def test_an_open_exchange_of_a_dead_process_keeps_what_it_knew(open_store: Opener) -> None:
    store = open_store()
    store.append(closed(key="k1", ended_at=None, outcome=None, attempts=[]))
    store.close()
    (row,) = open_store().find("exchanges")
    assert (row["key"], row["outcome"], row["error"]) == ("k1", "interrupted", "interrupted")


def test_a_locked_store_delays_rows_and_loses_none(open_store: Opener, tmp_path: Path) -> None:
    store = open_store()
    store.flush()
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for _ in range(20):
        store.append(closed())
    assert not store.flush(timeout_s=0.2)
    assert store.state.waiting_bytes > 0
    other.execute("ROLLBACK")
    other.close()
    assert store.flush()
    assert len(store.find("exchanges")) == 20
    assert store.state.waiting_bytes == 0


def test_a_store_that_cannot_be_written_says_so_and_recovers(open_store: Opener, tmp_path: Path) -> None:
    store = open_store()
    store.flush()
    other = sqlite3.connect(tmp_path / "ledger.db")
    other.execute("ALTER TABLE attempts RENAME TO elsewhere")
    store.append(opened("x"))
    assert not store.flush(timeout_s=0.3)
    assert not store.state.ready
    assert "no such table" in store.state.detail
    other.execute("ALTER TABLE elsewhere RENAME TO attempts")
    other.close()
    assert store.flush()
    assert (store.state.ready, store.state.detail) == (True, "")
    assert len(store.find("attempts")) == 1


def test_a_close_that_the_store_does_not_take_leaves_the_journal_for_the_next_start(
    open_store: Opener, tmp_path: Path
) -> None:
    store = open_store()
    store.flush()
    other = sqlite3.connect(tmp_path / "ledger.db")
    other.execute("ALTER TABLE exchanges RENAME TO elsewhere")
    store.append(closed())
    store.close(timeout_s=5.0)
    assert len(list(tmp_path.glob("*.journal.*"))) == 1
    other.execute("ALTER TABLE elsewhere RENAME TO exchanges")
    other.close()
    again = open_store()
    assert again.flush()
    assert len(again.find("exchanges")) == 1


def test_a_record_no_table_takes_is_set_aside_and_the_others_are_rows(open_store: Opener, tmp_path: Path) -> None:
    store = open_store()
    for step in (1, 1 << 63, 2):
        store.append(opened("x", step=step))
    assert store.flush()
    assert sorted(row["step"] for row in store.find("attempts")) == [1, 2]
    assert store.state.refused == 1
    assert b"9223372036854775808" in (tmp_path / "ledger.db.journal.refused").read_bytes()


def test_a_journal_of_another_version_is_read_as_far_as_it_goes(open_store: Opener, tmp_path: Path) -> None:
    strange = (
        b'{"attempts":[{"id":"a","exchange":"x","step":0,"origin":"serve","reason":"first","upstream":"u",'
        b'"model":"m","started_at":1767268800000000,"price_state":"free","colour":"red"}]}',
        b'{"attempts":[{"id":"b"}]}',
        b"[1,2]",
    )
    (tmp_path / "ledger.db.journal.old.000001").write_bytes(b"".join(map(frame, strange)))
    store = open_store()
    assert store.flush()
    assert [(row["id"], row["unit_prices"], row["local"]) for row in store.find("attempts")] == [("a", {}, False)]
    assert store.state.refused == 2


def test_rows_arrive_without_being_asked_for(open_store: Opener) -> None:
    store = open_store()
    store.append(closed(outcome=Outcome.FAILED, ended_at=NOON + SECOND))
    target = threading.Event()

    def watch() -> None:
        while not store.find("exchanges"):
            target.wait(0.01)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
