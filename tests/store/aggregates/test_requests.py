"""How requests went: outcomes, quantiles, errors, the newest ones, and ids by how they begin."""

import pytest

from router.core.exchange import Outcome
from router.store.memory import MemoryStore
from tests.store.records import NOON, SECOND, closed, ended


def test_outcomes_calls_and_tokens_are_counted_by_group(ledger: MemoryStore) -> None:
    twice = closed("big", rule="hard", escalated="refusal")
    twice.attempts = [ended(twice.id, "small"), ended(twice.id, "big")]
    for exchange in (twice, closed("small"), closed("small", outcome=Outcome.FAILED)):
        ledger.append(exchange)
    rows = {row["group"]: row for row in ledger.aggregate("requests.groups", by="rule")}
    assert {name: (row["n"], row["answered"], row["failed"]) for name, row in rows.items()} == {
        "hard": (1, 1, 0),
        "likely-good": (2, 1, 1),
    }
    assert (rows["hard"]["attempts"], rows["hard"]["tokens_in"], rows["hard"]["escalated"]) == (2, 2000, 1)


def test_a_quantile_is_a_value_that_was_measured(ledger: MemoryStore) -> None:
    for value in range(1, 101):
        ledger.append(closed("small", ttft_ms=float(value)))
    (row,) = ledger.aggregate("requests.quantiles", measure="ttft_ms")
    assert (row["n"], row["p50"], row["p95"]) == (100, 50.0, 95.0)


def test_only_known_measures_have_quantiles(ledger: MemoryStore) -> None:
    with pytest.raises(ValueError, match="no measure is called 'cost'; there are overhead_ms, total_ms, ttft_ms"):
        ledger.aggregate("requests.quantiles", measure="cost")


def test_the_most_frequent_error_comes_first(ledger: MemoryStore) -> None:
    for error in ("timeout_idle", "429", "429"):
        exchange = closed("small")
        exchange.attempts = [ended(exchange.id, "small", error=error, status=None)]
        ledger.append(exchange)
    rows = ledger.aggregate("requests.errors")
    assert [(row["error"], row["attempts"]) for row in rows] == [("429", 2), ("timeout_idle", 1)]


def test_the_newest_requests_are_listed_newest_first(ledger: MemoryStore) -> None:
    for age in (30, 10, 20):
        ledger.append(closed("small", id=f"age-{age}", started_at=NOON - age * SECOND))
    assert [row["id"] for row in ledger.aggregate("requests.recent", limit=2)] == ["age-10", "age-20"]


def test_an_exchange_is_found_by_the_beginning_of_its_own_or_its_replys_id(ledger: MemoryStore) -> None:
    ledger.append(closed("small", id="abc-1", reply_id="chatcmpl-1"))
    ledger.append(closed("small", id="abd-2", reply_id="chatcmpl-2"))
    for prefix, ids in (("abc", ["abc-1"]), ("ab", ["abd-2", "abc-1"]), ("chatcmpl-2", ["abd-2"]), ("b", [])):
        assert [row["id"] for row in ledger.aggregate("requests.begins", prefix=prefix, limit=10)] == ids
