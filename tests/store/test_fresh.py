"""Records reach the writer in order by memory, and by the journal where memory has a gap."""

from router.core.exchange import Verdict
from router.store.fresh import Fresh, Record
from router.store.rows import Rows, decode, encode, rows_of
from router.store.tables import ATTEMPTS, EXCHANGES, VERDICTS
from tests.store.conftest import Opener
from tests.store.records import closed, content


def record(start: int, end: int) -> Record:
    return Record(start, end, b"", Rows())


def spans(taken: list[Record]) -> list[tuple[int, int]]:
    return [(found.start, found.end) for found in taken]


def test_what_follows_the_position_comes_out_in_order_and_once() -> None:
    fresh = Fresh()
    for start in (0, 10, 20):
        fresh.put(record(start, start + 10))
    assert spans(fresh.take(0, 2)) == [(0, 10), (10, 20)]
    assert spans(fresh.take(20, 2)) == [(20, 30)]
    assert fresh.take(30, 2) == []


def test_a_gap_ends_what_is_taken() -> None:
    fresh = Fresh()
    fresh.put(record(0, 10))
    fresh.put(record(20, 30))
    assert spans(fresh.take(0, 9)) == [(0, 10)]
    assert fresh.take(10, 9) == []
    assert spans(fresh.take(20, 9)) == [(20, 30)]


def test_what_the_journal_gave_meanwhile_is_dropped() -> None:
    fresh = Fresh()
    for start in (0, 10, 20):
        fresh.put(record(start, start + 10))
    assert spans(fresh.take(20, 9)) == [(20, 30)]


def test_what_does_not_fit_is_left_to_the_journal() -> None:
    fresh = Fresh(limit=1)
    fresh.put(record(0, 10))
    fresh.put(record(10, 20))
    assert spans(fresh.take(0, 9)) == [(0, 10)]


def test_rows_by_memory_and_rows_by_the_journal_are_the_same(open_store: Opener) -> None:
    exchange = closed(tags={"team": "search"}, features=b"\x00\x01", reasons=({"rule": "r"},), task=("a", "b"))
    store = open_store()
    store.append(exchange)
    store.flush()
    (by_memory,) = store.find("exchanges", id=exchange.id)
    store.close()
    (by_journal,) = decode(encode(rows_of(exchange, by_memory["writer"]))).exchanges
    assert by_memory == content(by_journal)


def test_every_row_made_on_the_hot_path_is_complete() -> None:
    rows = rows_of(closed(verdicts=[Verdict("structure", "accept", "")]), "boot")
    for table, made in ((EXCHANGES, rows.exchanges), (ATTEMPTS, rows.attempts), (VERDICTS, rows.verdicts)):
        for row in made:
            assert set(content(row)) == set(table.columns.keys())
