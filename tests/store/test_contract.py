"""What every kind of store promises, tried on each."""

from base64 import b64decode
from collections.abc import Iterator
from decimal import Decimal

import pytest
from msgspec.structs import replace

from router.core.errors import LedgerUnwritable
from router.core.exchange import ACCEPT, ESCALATE, Attempt, Exchange, Heard, Verdict
from router.core.prices import UNKNOWN, Usage
from router.store.memory import MemoryStore
from router.store.sql import SqlStore
from tests.store.records import NOON, SECOND, Clock, closed, ended, opened

Store = SqlStore | MemoryStore


@pytest.fixture(params=["sql", "memory"])
def store(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Store]:
    store: Store = MemoryStore(clock_us=clock)
    if request.param == "sql":
        store = SqlStore(request.getfixturevalue("url"), clock_us=clock)
    yield store
    store.close()


def keep(store: Store, *records: Attempt | Exchange) -> None:
    for record in records:
        store.append(record)
    assert store.flush()


def test_an_open_attempt_is_a_row_without_an_end(store: Store) -> None:
    keep(store, opened("x", upstream="big"))
    (row,) = store.find("attempts", exchange="x")
    assert (row["upstream"], row["ended_at"], row["cost"], row["price_state"]) == ("big", None, None, "known")


def test_a_finished_attempt_replaces_the_open_one(store: Store) -> None:
    attempt = opened("x")
    keep(store, attempt, attempt.finished(NOON + SECOND, status=200, usage=Usage(input=1000, output=100)))
    (row,) = store.find("attempts")
    assert (row["status"], row["total_ms"], row["cost"]) == (200, 1000.0, 3_500_000)


def test_the_next_attempts_record_says_how_the_one_before_ended(store: Store) -> None:
    first, second = opened("x"), opened("x", "small")
    store.append(first)
    store.append(second, [first.finished(NOON + SECOND, status=200, usage=Usage(input=1000, output=100))])
    store.flush()
    rows = {row["id"]: (row["ended_at"], row["cost"]) for row in store.find("attempts", exchange="x")}
    assert rows == {first.id: (NOON + SECOND, 3_500_000), second.id: (None, None)}


def test_an_end_is_never_undone_by_a_late_beginning(store: Store) -> None:
    attempt = opened("x")
    keep(store, attempt.finished(NOON + SECOND, status=200), attempt)
    assert [row["ended_at"] for row in store.find("attempts")] == [NOON + SECOND]


def test_writing_a_record_twice_changes_nothing(store: Store) -> None:
    exchange = closed(verdicts=[Verdict("structure", ACCEPT, "valid")])
    keep(store, exchange)
    before = [store.find("exchanges"), store.find("attempts"), store.find("verdicts")]
    keep(store, exchange)
    assert [store.find("exchanges"), store.find("attempts"), store.find("verdicts")] == before


def test_an_exchange_brings_everything_it_knows(store: Store) -> None:
    exchange = closed(
        upstream="small",
        key="key-1",
        tags={"team": "search"},
        plan=("small", "big"),
        signals={"prompt_tokens": 12, "has_code": False, "p_good": None},
        reasons=({"rule": "likely-good", "matched": True},),
        features=b"\x00\x00\x80\x3f",
        task=("app", "template"),
        p_good=0.91,
        escalated=None,
        overhead_ms=0.4,
    )
    keep(store, exchange)
    (row,) = store.find("exchanges", id=exchange.id)
    assert row["tags"] == {"team": "search"}
    assert row["plan"] == ["small", "big"]
    assert row["signals"] == {"prompt_tokens": 12, "has_code": False, "p_good": None}
    assert row["reasons"] == [{"rule": "likely-good", "matched": True}]
    assert (row["features"], row["task"], row["task_key"]) == (b"\x00\x00\x80\x3f", ["app", "template"], "template")
    assert (row["cost"], row["baseline_cost"], row["price_state"]) == (0, 3_500_000, "free")
    assert (row["day"], row["outcome"], row["overhead_ms"]) == ("2026-01-01", "answered", 0.4)


def test_verdicts_keep_their_order_and_their_evidence(store: Store) -> None:
    spoken = [Verdict("structure", ACCEPT, "valid"), Verdict("refusal", ESCALATE, "cannot help", 0.25, (0.5, 2.0))]
    exchange = closed(verdicts=spoken)
    keep(store, exchange)
    rows = store.find("verdicts", exchange=exchange.id)
    assert [row["judge"] for row in rows] == ["structure", "refusal"]
    assert rows[1]["evidence"] == b"\x00\x00\x00\x3f\x00\x00\x00\x40"


def test_every_answer_that_was_weighed_is_kept_with_its_evidence(store: Store) -> None:
    heard = (Heard((1,), (0.5, float("nan")), attempts=("b",)), Heard((2,), None, attempts=("c",)))
    exchange = closed(verdicts=[Verdict("verifier", ESCALATE, "1 of 3 agree", heard=heard)])
    keep(store, exchange)
    ((one, silent),) = (row["heard"] for row in store.find("verdicts", exchange=exchange.id))
    assert (one["by"], silent) == (["b"], {"by": ["c"], "evidence": None})
    assert b64decode(one["evidence"]) == b"\x00\x00\x00\x3f\x00\x00\xc0\x7f"


def test_money_is_exact_to_the_nano_dollar(store: Store) -> None:
    exchange = closed(baseline_cost=Decimal("1234.567890123"))
    keep(store, exchange)
    assert store.find("exchanges")[0]["baseline_cost"] == 1_234_567_890_123


def test_an_unknown_price_is_null_and_never_zero(store: Store) -> None:
    exchange = closed()
    exchange.attempts = [ended(exchange.id, price=UNKNOWN)]
    keep(store, exchange)
    (row,), (attempt,) = store.find("exchanges"), store.find("attempts")
    assert (row["cost"], row["price_state"]) == (None, "unknown")
    assert (attempt["cost"], attempt["price_state"], attempt["unit_prices"]) == (None, "unknown", {})


def test_unit_prices_are_written_as_charged(store: Store) -> None:
    keep(store, ended("x"))
    assert store.find("attempts")[0]["unit_prices"]["output"] == "10.00"


def test_token_buckets_stay_apart(store: Store) -> None:
    keep(store, ended("x", usage=Usage(1, 2, 3, 4, 5, source="estimate")))
    (row,) = store.find("attempts")
    buckets = [row[name] for name in ("input", "cached", "cache_write", "output", "reasoning", "usage_source")]
    assert buckets == [1, 2, 3, 4, 5, "estimate"]


def test_rows_come_newest_first(store: Store) -> None:
    keep(store, *(replace(opened("x"), started_at=NOON + second) for second in (2, 3, 1)))
    assert [row["started_at"] - NOON for row in store.find("attempts")] == [3, 2, 1]


def test_a_label_gets_an_id_and_a_time(store: Store, clock: Clock) -> None:
    store.put("labels", {"exchange": "x", "who": "check", "label_kind": "exact", "small_quality": 1.0})
    (row,) = store.find("labels", exchange="x")
    assert row["id"]
    assert (row["created_at"], row["inclusion_p"], row["big_quality"]) == (clock(), 1.0, None)


def test_a_key_put_again_is_replaced(store: Store) -> None:
    key = {"id": "k1", "name": "mail", "digest": "d1", "prefix": "sf-abc"}
    store.put("keys", key)
    store.put("keys", key | {"revoked": True})
    assert [(row["name"], row["revoked"]) for row in store.find("keys", digest="d1")] == [("mail", True)]
    assert store.find("keys", revoked=False) == []


def test_attempts_cannot_be_put_past_the_journal(store: Store) -> None:
    with pytest.raises(ValueError, match="written by append"):
        store.put("attempts", {"id": "x"})


@pytest.mark.parametrize("where", [{"colour": "red"}, {"id = id; --": "x"}])
def test_a_column_that_is_not_there_is_an_error(store: Store, where: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="has no column"):
        store.find("exchanges", **where)


def test_an_aggregate_that_is_not_there_names_those_that_are(store: Store) -> None:
    with pytest.raises(ValueError, match=r"savings\.conversations"):
        store.aggregate("profit")


def test_text_that_is_not_unicode_is_refused_and_the_next_record_is_not(store: Store) -> None:
    with pytest.raises(LedgerUnwritable, match="cannot be written"):
        store.append(closed(user="\ud800"))
    keep(store, closed(user="ada"))
    assert [row["user"] for row in store.find("exchanges")] == ["ada"]
