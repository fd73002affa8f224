"""Requests whose answers were graded, and the report over them."""

from dataclasses import replace

from router.core.exchange import Exchange
from router.reports.quality import Quality, quality
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.store.records import closed


def play(ledger: MemoryStore, exchange: Exchange, small: float | None, big: float | None, **label: object) -> None:
    """Write down an exchange, and what an exact checker said of both answers."""
    ledger.append(exchange)
    given = {"exchange": exchange.id, "who": "check", "label_kind": "exact", "small_quality": small, "big_quality": big}
    ledger.put("labels", given | label)


def ask(ledger: MemoryStore, by: str | None = None) -> Quality:
    return quality(ledger, replace(TODAY, by=by))


def world(ledger: MemoryStore, *, wise: bool) -> None:
    """A hundred requests, half of them easy; wisely routed, or by a coin that knows nothing."""
    for n in range(100):
        easy = n % 2 == 0
        small = easy if wise else n % 4 < 2
        changes = {"task": ("easy" if easy else "hard",), "signals": {"prompt_tokens": 10 + n % 4}}
        play(ledger, closed("small" if small else "big", **changes), 1.0 if easy else 0.0, 1.0)
