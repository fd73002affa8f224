"""What an exchange would have cost at its baseline: measured where the baseline answered, else predicted."""

from decimal import Decimal

from router.core.exchange import Exchange, Origin
from router.core.prices import Price, Usage

MEASURED, PREDICTED = "measured", "predicted"
TO_SERVE = (Origin.SERVE, Origin.PANEL)


def baseline_cost(exchange: Exchange, price: Price) -> tuple[Decimal | None, str]:
    """Dollars at `price`, the baseline's, and how they are known.

    Measured: the baseline itself gave the answer that was served, so its cost is the cost. Predicted:
    the served answer's prompt and output tokens at the baseline's price. A small model's answer can be
    longer or shorter than the big one's would have been, so reports correct or qualify the sum
    (NUMBERS: baseline output tokens); None where the price or the usage is unknown.
    """
    answered = [a for a in exchange.attempts if a.origin in TO_SERVE and a.usage is not None]
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
    return price.cost(_uncached(last.usage)), PREDICTED


def _uncached(usage: Usage) -> Usage:
    """The same tokens without another upstream's cache: the baseline's own would have been as cold."""
    return Usage(input=usage.prompt, output=usage.completion, source=usage.source)
