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
    if exchange.local_only or not exchange.baseline:
        return None, NONE
    answer = _answer(exchange)
    if answer is None:
        return None, NONE
    if answer.usage is None:
        return None, ASSUMED
    if answer.upstream == exchange.baseline:
        return answer.cost, MEASURED
    return price.cost(_its_own(answer.usage, exchange.limit)), ASSUMED


def _answer(exchange: Exchange) -> Attempt | None:
    """The attempt whose answer went out, as far as that is known: else the last of its upstream, else the last one.

    One whose tokens nobody counted only where no other answered. One that failed gave nothing that could be used;
    what it may cost all the same says nothing of the baseline.
    """
    last = of_upstream = uncounted = None
    past = False
    for attempt in exchange.attempts:
        failed = attempt.error not in USED_ALL_THE_SAME and attempt.ttft_ms is None
        if failed or attempt.origin not in TO_SERVE:
            continue
        if attempt.usage is None:
            uncounted = attempt
            continue
        last = attempt
        if not past and attempt.upstream == exchange.upstream:
            of_upstream = attempt
        past = past or attempt.id == exchange.served
    return of_upstream or last or uncounted


def _its_own(usage: Usage, limit: int | None) -> Usage:
    """The same tokens without another upstream's cache, which the baseline would have had to fill, up to the limit."""
    output = usage.completion if limit is None else min(usage.completion, limit)
    return Usage(input=usage.prompt, output=output, source=usage.source)
