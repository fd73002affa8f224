"""What an exchange cost, what its baseline would have cost, and how much time the router itself took."""

from operator import attrgetter

from router.core.baseline import baseline_cost
from router.core.exchange import Exchange
from router.core.prices import UNKNOWN
from router.pipeline.dependencies import Dependencies


def account(deps: Dependencies, exchange: Exchange) -> None:
    """Write the baseline's cost into `exchange`; its own cost is computed from its attempts.

    Called for the headers of a whole reply and again for the row; the second call mostly finds nothing changed.
    """
    known = (*exchange.attempts, exchange.upstream, exchange.served, exchange.baseline, exchange.local_only)
    if known == exchange.accounted:
        return
    exchange.accounted = known
    baseline = deps.upstreams.get(exchange.baseline)
    price = baseline.spec.price if baseline else UNKNOWN
    exchange.baseline_cost, exchange.baseline_source = baseline_cost(exchange, price)


def overhead_ms(exchange: Exchange, now_us: int) -> float:
    """The router's own time so far, in milliseconds: no upstream call was open and no retry was put off."""
    busy, covered_to = exchange.waited_us, exchange.started_at
    attempts = exchange.attempts
    if len(attempts) > 1:
        attempts = sorted(attempts, key=attrgetter("started_at"))
    for attempt in attempts:
        start, end = attempt.started_at, attempt.ended_at
        if end is None:
            end = now_us
        if end > covered_to:
            busy += end - max(start, covered_to)
            covered_to = end
    return (now_us - exchange.started_at - busy) / 1000
