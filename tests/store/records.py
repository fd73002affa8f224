"""Attempts, exchanges and a hand-wound clock for tests of the ledger and its reports."""

from decimal import Decimal
from itertools import count
from typing import Any

import orjson
from msgspec import Raw, Struct
from msgspec.structs import asdict, replace

from router.core.exchange import Attempt, Exchange, Origin, Outcome, Reason
from router.core.prices import FREE, Price, PriceState, Usage

NOON = 1_767_268_800_000_000  # 2026-01-01 12:00 UTC
SECOND = 1_000_000
PRICED = Price(PriceState.KNOWN, input=Decimal("2.50"), output=Decimal("10.00"))
USAGE = Usage(input=1000, output=100)
SERIAL = count(1)


class Clock:
    """Microseconds since 1970 that move only when told."""

    def __init__(self, now_us: int = NOON) -> None:
        self.now_us = now_us

    def __call__(self) -> int:
        return self.now_us

    def advance(self, seconds: float) -> None:
        """Let this much time pass."""
        self.now_us += round(seconds * SECOND)


def new_id(prefix: str) -> str:
    """An id that no other record has."""
    return f"{prefix}-{next(SERIAL):06d}"


def opened(exchange: str, upstream: str = "big", **changes: Any) -> Attempt:
    """An attempt that was journalled and has not ended. `big` is priced, everything else local and free."""
    big = upstream == "big"
    attempt = Attempt(
        id=new_id("attempt"),
        exchange=exchange,
        step=0,
        origin=Origin.SERVE,
        reason=Reason.FIRST,
        upstream=upstream,
        model=f"{upstream}-model",
        local=not big,
        started_at=NOON,
        price=PRICED if big else FREE,
    )
    return replace(attempt, **changes)


def ended(exchange: str, upstream: str = "big", **changes: Any) -> Attempt:
    """An attempt that got 1,000 tokens answered by 100: 3.5 thousandths of a dollar at `big`."""
    given = {"ended_at": NOON + SECOND, "status": 200, "usage": USAGE, "total_ms": 1000.0} | changes
    return opened(exchange, upstream, **given)


def closed(upstream: str = "big", **changes: Any) -> Exchange:
    """An answered exchange with one attempt at `upstream`, whose client would have used `big`."""
    id_ = changes.pop("id", None) or new_id("exchange")
    exchange = Exchange(id=id_, started_at=NOON, policy="balanced", rule="likely-good", baseline="big")
    exchange.upstream = upstream
    exchange.attempts = [ended(id_, upstream)]
    exchange.baseline_cost = Decimal("0.0035")
    exchange.baseline_source = "measured" if upstream == "big" else "predicted"
    exchange.outcome = Outcome.ANSWERED
    exchange.status = 200
    exchange.ended_at = NOON + SECOND
    exchange.total_ms = 1000.0
    for name, value in changes.items():
        setattr(exchange, name, value)
    return exchange


def content(row: Struct) -> dict[str, Any]:
    """A row of the journal as a report would read it from its table."""
    return {
        name: orjson.loads(bytes(value)) if isinstance(value, Raw) else value for name, value in asdict(row).items()
    }
