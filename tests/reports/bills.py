"""Exchanges that cost something, and the report over them."""

from dataclasses import replace
from decimal import Decimal

from router.core.exchange import Exchange
from router.core.prices import Usage
from router.reports.savings import Savings, savings
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.store.records import closed, ended


def ask(ledger: MemoryStore, *exchanges: Exchange, by: str | None = None) -> Savings:
    """The savings of one day with these exchanges."""
    for exchange in exchanges:
        ledger.append(exchange)
    return savings(ledger, replace(TODAY, by=by))


def many(upstream: str, count: int, **changes: object) -> list[Exchange]:
    """So many answered by `upstream`."""
    return [closed(upstream, **changes) for _ in range(count)]


def drawn(count: int, tokens: int = 100, **changes: object) -> list[Exchange]:
    """Conversations that the hold-out sent to `big`, which answered in so many tokens."""
    held = many("big", count, holdout=True, **changes)
    for exchange in held:
        exchange.attempts = [ended(exchange.id, "big", usage=Usage(input=1000, output=tokens))]
        exchange.baseline_cost = Decimal("0.0025") + tokens * Decimal("0.00001")
    return held
