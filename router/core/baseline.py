"""What an exchange would have cost at its baseline: measured if the baseline answered, else predicted."""

from decimal import Decimal

from router.core.exchange import Attempt, Exchange, Origin
from router.core.prices import Price, Usage

MEASURED, PREDICTED, NONE = "measured", "predicted", ""
TO_SERVE = (Origin.SERVE, Origin.PANEL)
USED_ALL_THE_SAME = (None, "cancelled", "truncated")


def baseline_cost(exchange: Exchange, price: Price) -> tuple[Decimal | None, str]:
    """Dollars at `price`, the baseline's, and how they are known.

    Measured: the baseline itself gave the answer that was served, so its cost is the cost. Predicted, as far as
    one row allows: the served answer's prompt and output tokens at the baseline's price, as if its answer had been
    as long. Reports correct that by answers drawn by chance (NUMBERS: baseline output tokens) and claim nothing
    without them. Never longer than the client allowed, whatever a server without limits wrote. None where the
    price or the usage is unknown; None and no source where there is nothing to compare: what must stay local has
    no baseline, and nobody answered the rest.
    """
    if exchange.local_only or not exchange.baseline:
        return None, NONE
    answer = _answer(exchange)
    if answer is None:
        return None, NONE
    if answer.usage is None:
        return None, PREDICTED
    if answer.upstream == exchange.baseline:
        return answer.cost, MEASURED
    return price.cost(_its_own(answer.usage, exchange.limit)), PREDICTED


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
