"""What an exchange would have cost at its baseline: measured where the baseline answered, else assumed."""

from decimal import Decimal

from router.core.exchange import Attempt, Exchange, Origin
from router.core.prices import Price, Usage

MEASURED, ASSUMED, NONE = "measured", "assumed", ""
TO_SERVE = (Origin.SERVE, Origin.PANEL)
USED_ALL_THE_SAME = (None, "cancelled", "truncated")


def baseline_cost(exchange: Exchange, price: Price) -> tuple[Decimal | None, str]:
    """Dollars at `price`, the baseline's, and how they are known.

    Measured: the baseline itself gave the answer that was served, so its cost is the cost. Assumed: the served
    answer's prompt and output tokens at the baseline's price, as if its answer had been as long; it is no prediction,
    which only answers drawn by chance allow, and reports do not believe it (NUMBERS: baseline output tokens). Never
    longer than the client allowed, whatever a server without limits wrote. None where the price or the usage is
    unknown; None and no source where there is nothing to compare: what must stay local has no baseline, and nobody
    answered the rest.
    """
    served = [a for a in exchange.attempts if a.origin in TO_SERVE and not _failed(a)]
    if exchange.local_only or not exchange.baseline or not served:
        return None, NONE
    answered = [a for a in served if a.usage is not None]
    if not answered:
        return None, ASSUMED
    last = answered[-1]
    for attempt in answered:
        if attempt.upstream == exchange.upstream:
            last = attempt
        if attempt.id == exchange.served:
            break
    assert last.usage is not None
    if last.upstream == exchange.baseline:
        return last.cost, MEASURED
    return price.cost(_its_own(last.usage, exchange.limit)), ASSUMED


def _failed(attempt: Attempt) -> bool:
    """Whether it gave nothing that could be used. What it may cost all the same says nothing of the baseline."""
    return attempt.error not in USED_ALL_THE_SAME and attempt.ttft_ms is None


def _its_own(usage: Usage, limit: int | None) -> Usage:
    """The same tokens without another upstream's cache, which the baseline would have had to fill, up to the limit."""
    output = usage.completion if limit is None else min(usage.completion, limit)
    return Usage(input=usage.prompt, output=output, source=usage.source)
