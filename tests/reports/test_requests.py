"""The report on requests counts outcomes, times, tokens and errors."""

from dataclasses import replace

import pytest

from router.core.exchange import Outcome
from router.core.prices import UNKNOWN
from router.reports.requests import flat, page, plain, requests
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.store.records import closed, ended


def test_outcomes_and_tokens_are_counted(ledger: MemoryStore) -> None:
    ledger.append(closed("small"))
    ledger.append(closed("big", escalated="structure: empty", fallback=None))
    ledger.append(closed("big", outcome=Outcome.ABORTED))
    total = requests(ledger, TODAY).total
    assert total is not None
    assert (total.outcomes["answered"], total.outcomes["aborted"], total.escalated) == (2, 1, 1)
    assert (total.attempts, total.tokens_in, total.tokens_out) == (3, 3000, 300)


def test_quantiles_are_values_that_were_seen(ledger: MemoryStore) -> None:
    for milliseconds in range(1, 101):
        ledger.append(closed("big", total_ms=float(milliseconds), ttft_ms=None))
    total = requests(ledger, TODAY).total
    assert total is not None
    assert (total.total.p50, total.total.p95, total.total.n) == (50.0, 95.0, 100)
    assert (total.ttft.p50, total.ttft.n) == (None, 0)


@pytest.mark.parametrize("by", ["upstream", "tag.team"])
def test_groups_have_their_own_times(ledger: MemoryStore, by: str) -> None:
    ledger.append(closed("small", total_ms=5.0, tags={"team": "a"}))
    ledger.append(closed("big", total_ms=50.0, tags={"team": "b"}))
    groups = requests(ledger, replace(TODAY, by=by)).groups
    assert sorted(group.total.p50 or 0 for group in groups) == [5.0, 50.0]


def test_failed_calls_are_counted_by_their_error(ledger: MemoryStore) -> None:
    for _ in range(2):
        ledger.append(ended("x", "big", status=503, error="upstream_failed"))
    ledger.append(ended("x", "big", status=None, error="upstream_timeout"))
    failures = requests(ledger, TODAY).failures
    assert [(f.error, f.status, f.attempts) for f in failures] == [
        ("upstream_failed", 503, 2),
        ("upstream_timeout", None, 1),
    ]


def test_an_unknown_cost_is_not_printed_as_nothing(ledger: MemoryStore) -> None:
    exchange = closed("big")
    exchange.attempts = [ended(exchange.id, "mystery", price=UNKNOWN)]
    ledger.append(exchange)
    (newest,) = (sheet for sheet in page(requests(ledger, TODAY)).sheets if sheet.title == "Newest")
    assert newest.rows[0][-1] == "unknown"


def test_nothing_happened_is_a_sentence(ledger: MemoryStore) -> None:
    report = requests(ledger, TODAY)
    assert page(report).headline == "No requests in this period."
    assert "--since" in page(report).notes[0]
    assert flat(report) == []
    assert plain(report)["total"] is None
