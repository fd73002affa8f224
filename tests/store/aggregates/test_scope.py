"""Sums over the ledger never fail for one figure that is too large, and are exact while 64 bits hold them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from router.core.exchange import Exchange
from router.core.prices import Usage
from router.store.memory import MemoryStore
from tests.store.records import closed, ended

HUGE = 2**62  # nano-dollars: two of them are more than SQLite's sum can hold
WHOLE_REPORTS = ("requests.groups", "savings.conversations", "savings.calls", "savings.written", "privacy.processors")


def cost(nano_dollars: int, **changes: Any) -> Exchange:
    """Answered by `big` for so much, and so much at the baseline; all in one conversation."""
    exchange = closed(session="one", **changes)
    exchange.baseline_cost = Decimal(nano_dollars) / 10**9
    exchange.attempts = [ended(exchange.id, usage=Usage(input=nano_dollars // 2500, output=7))]
    return exchange


def test_sums_beyond_64_bits_are_told_and_are_no_error(ledger: MemoryStore) -> None:
    for _ in range(4):
        ledger.append(cost(HUGE))
    rows = {name: ledger.aggregate(name) for name in WHOLE_REPORTS}
    (group,), (talk,), (call,) = (rows[name] for name in WHOLE_REPORTS[:3])
    assert float(group["spent"]) == pytest.approx(4 * HUGE, rel=1e-9)
    assert (float(talk["baseline"]), float(talk["spent"])) == pytest.approx((4 * HUGE, 4 * HUGE), rel=1e-9)
    assert float(call["spent"]) == pytest.approx(4 * HUGE, rel=1e-9)
    assert call["tokens_out"] == 28


@pytest.mark.parametrize("nanos", [lambda n: n, lambda n: 10**9 - 1, lambda n: 10**15 + n])
def test_sums_within_64_bits_are_exact(ledger: MemoryStore, nanos: Callable[[int], int]) -> None:
    for number in range(7):
        ledger.append(cost(nanos(number)))
    (talk,) = ledger.aggregate("savings.conversations")
    assert talk["baseline"] == sum(nanos(number) for number in range(7))
