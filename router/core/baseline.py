"""What an exchange would have cost at its baseline: measured where the baseline answered, else predicted."""

from decimal import Decimal

from router.core.exchange import Attempt, Exchange, Origin
from router.core.prices import Price, Usage

MEASURED, PREDICTED = "measured", "predicted"
TO_SERVE = (Origin.SERVE, Origin.PANEL)
USED_ALL_THE_SAME = (None, "cancelled", "truncated")


def baseline_cost(exchange: Exchange, price: Price) -> tuple[Decimal | None, str]:
    """Dollars at `price`, the baseline's, and how they are known.

    Measured: the baseline itself gave the answer that was served, so its cost is the cost. Predicted:
    the served answer's prompt and output tokens at the baseline's price. A small model's answer can be
    longer or shorter than the big one's would have been, so reports correct or qualify the sum
    (NUMBERS: baseline output tokens); never longer than the client allowed, whatever a server without limits wrote.
    None where the price or the usage is unknown, and where every call failed.
    """
    answered = [a for a in exchange.attempts if a.origin in TO_SERVE and a.usage is not None and not _failed(a)]
    if not answered:
        return (Decimal(0), MEASURED) if not exchange.attempts else (None, PREDICTED)
    last = answered[-1]
    for attempt in answered:
        if attempt.upstream == exchange.upstream:
            last = attempt
        if attempt.id == exchange.served:
            break
    assert last.usage is not None
    if last.upstream == exchange.baseline:
        return last.cost, MEASURED
    return price.cost(_its_own(last.usage, exchange.limit)), PREDICTED


def _failed(attempt: Attempt) -> bool:
    """Whether it gave nothing that could be used. What it may cost all the same says nothing of the baseline."""
    return attempt.error not in USED_ALL_THE_SAME and attempt.ttft_ms is None


def _its_own(usage: Usage, limit: int | None) -> Usage:
    """The same tokens without another upstream's cache, which the baseline would have had to fill, up to the limit."""
    output = usage.completion if limit is None else min(usage.completion, limit)
    return Usage(input=usage.prompt, output=output, source=usage.source)
