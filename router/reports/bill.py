"""One group's bill: what was spent, what the baseline would have cost, the difference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from router.core.prices import dollars
from router.reports.intervals import SHARE, Conversations, Estimate, ratio
from router.reports.page import Money
from router.reports.predicted import Predicted

SUMS = (
    "n",
    "answered",
    "small",
    "local",
    "spent",
    "baseline",
    "idle_spent",
    "idle_baseline",
    "unknown_calls",
    "baseline_missing",
)
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Bill:
    """One group's money and shares, per reply.

    `saved` and `saved_share` are unknown when a price is, or how long the baseline's answers would have
    been; `as_long` is the difference if they were as long as those served, an assumption.
    """

    group: str
    requests: int
    conversations: int
    spent: Money
    baseline: Money
    saved: Estimate
    saved_share: Estimate
    as_long: Estimate
    share_small: Estimate
    share_local: Estimate
    escalated: int
    escalation_cost: Money
    fallbacks: int
    side_cost: Money
    measured: int
    predicted: int
    stayed: int
    truncated: int

    @property
    def cost_share(self) -> Estimate:
        """What was spent as a share of the baseline; unknown when a price is."""
        saved = self.saved_share
        if saved.value is None or saved.low is None or saved.high is None:
            return Estimate(None if saved.value is None else 1 - saved.value, n=saved.n)
        return Estimate(1 - saved.value, 1 - saved.high, 1 - saved.low, saved.n)


def bill(group: str, rows: Rows, written: Rows, known: Predicted) -> Bill:
    """One group's bill: its rows of `savings.conversations` and of `savings.written`, and the evidence of all."""
    seen = Conversations(known.beside(rows, written), (*SUMS, *known.names))
    spent, priced = money(rows, "spent", "unknown_calls"), not total_of(rows, "baseline_missing")
    guessed = [row for row in written if row["predicted"]]
    enough = not any(one.speaks_of(row) for one in known.lacking for row in guessed)
    total = Estimator(seen, known, spent.complete and priced)
    return Bill(
        group=group,
        requests=total_of(rows, "n"),
        conversations=len(rows),
        spent=spent,
        baseline=_baseline(seen, rows, known if enough else None, complete=priced),
        saved=total.of(lambda spent, baseline: (baseline - spent) / 1e9, enough),
        saved_share=total.of(lambda spent, baseline: 1 - ratio(spent, baseline), enough),
        as_long=total.as_long(),
        share_small=seen.estimate(lambda t: ratio(t["small"], t["answered"]), within=SHARE, over="answered"),
        share_local=seen.estimate(lambda t: ratio(t["local"], t["answered"]), within=SHARE, over="answered"),
        escalated=total_of(rows, "escalated"),
        escalation_cost=Money(dollars(total_of(rows, "rejected")), spent.complete),
        fallbacks=total_of(rows, "fallback"),
        side_cost=Money(dollars(total_of(rows, "side")), spent.complete),
        measured=total_of(rows, "measured"),
        predicted=total_of(rows, "predicted"),
        stayed=total_of(rows, "stayed"),
        truncated=total_of(rows, "truncated"),
    )


@dataclass(frozen=True, slots=True)
class Estimator:
    """Figures over what was spent and what the baseline would have cost; unknown unless `complete`."""

    seen: Conversations
    known: Predicted
    complete: bool

    def of(self, figure: Callable[[Any, Any], Any], enough: bool) -> Estimate:
        """`figure` of what was spent and the baseline's bill, its answers as long as predicted."""
        if not (self.complete and enough):
            return Estimate(None, n=self.seen.counted("n"))
        return self.seen.estimate(lambda t: figure(t["spent"], t["baseline"] + self.known.correction(t)), over="n")

    def as_long(self) -> Estimate:
        """The difference in dollars if the baseline's answers were as long as those that were served."""
        if not self.complete:
            return Estimate(None, n=self.seen.counted("n"))
        return self.seen.estimate(lambda t: (t["baseline"] - t["spent"]) / 1e9, over="n")


def _baseline(seen: Conversations, rows: Rows, known: Predicted | None, *, complete: bool) -> Money:
    """The baseline's bill; where too little is known to predict its answers, at least what is measured of it."""
    if known is None:
        return Money(dollars(total_of(rows, "measured_baseline")), complete=False)
    exact = total_of(rows, "baseline")
    if not known.evidence:
        return Money(dollars(exact), complete)
    corrected = seen.estimate(lambda t: t["baseline"] + known.correction(t)).value
    return Money(dollars(exact if corrected is None else round(corrected)), complete)


def money(rows: Rows, name: str, unknown: str) -> Money:
    """The sum of nano-dollars `name`, complete unless `unknown` counts any."""
    return Money(dollars(total_of(rows, name)), complete=not total_of(rows, unknown))


def total_of(rows: Rows, name: str) -> int:
    """The sum of `name`."""
    return sum(int(row[name]) for row in rows)
