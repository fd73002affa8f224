"""One group's bill: what was spent, what the baseline would have cost, the difference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from router.core.prices import dollars
from router.reports.intervals import SAVED, SHARE, Conversations, Estimate, Totals, ratio
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
    "named_spent",
    "free_n",
    "small_n",
    "small_spent",
)
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Bill:
    """One group's money and shares, per reply.

    `saved` and `saved_share` are unknown when a price is, or how long the baseline's answers would have
    been; `as_long` is the difference if they were as long as those served, an assumption. `share_small` is of those
    answered whose upstream no client had named; `named` did. `raced` asked several at once: what came second cost
    `race_cost`.
    """

    group: str
    requests: int
    answered: int
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
    raced: int
    race_cost: Money
    side_cost: Money
    measured: int
    predicted: int
    stayed: int
    named: int
    truncated: int
    degraded: int

    @property
    def lacking(self) -> bool:
        """Whether nothing but the length of the baseline's answers is unknown."""
        return self.saved.value is None and self.as_long.value is not None and self.predicted > 0

    @property
    def baseline_between(self) -> Estimate:
        """The baseline's bill with its interval, which is that of what was saved: what was spent is known exactly."""
        saved, spent = self.saved, float(self.spent.usd)
        if saved.low is None or saved.high is None:
            return Estimate(None, n=saved.n)
        return Estimate(float(self.baseline.usd), saved.low + spent, saved.high + spent, saved.n)

    @property
    def cost_share(self) -> Estimate:
        """What was spent as a share of the baseline; unknown when a price is."""
        return self.saved_share.rest


def gathered(rows: Rows, written: Rows, known: Predicted) -> Conversations:
    """The sums that a bill's figures are made of: its rows of `savings.conversations` and of `savings.written`."""
    return Conversations(known.beside(rows, written), (*SUMS, *known.names))


def bill(group: str, rows: Rows, written: Rows, known: Predicted, seen: Conversations | None = None) -> Bill:
    """One group's bill, from the evidence that it holds itself. `seen`: what `gathered` makes of the same rows."""
    seen = seen or gathered(rows, written, known)
    spent, priced = money(rows, "spent", "unknown_calls"), not total_of(rows, "baseline_missing")
    enough = not known.lacking
    total = Estimator(seen, known, spent.complete and priced)
    return Bill(
        group=group,
        requests=total_of(rows, "n"),
        answered=total_of(rows, "answered"),
        conversations=len(rows),
        spent=spent,
        baseline=_baseline(seen, rows, known if enough else None, complete=priced),
        saved=total.saved(enough),
        saved_share=total.saved_share(enough),
        as_long=total.as_long(),
        share_small=seen.estimate(lambda t: ratio(t["small"], t["free_n"]), within=SHARE, over="free_n"),
        share_local=seen.estimate(lambda t: ratio(t["local"], t["answered"]), within=SHARE, over="answered"),
        escalated=total_of(rows, "escalated"),
        escalation_cost=Money(dollars(total_of(rows, "rejected")), spent.complete),
        fallbacks=total_of(rows, "fallback"),
        raced=total_of(rows, "raced"),
        race_cost=Money(dollars(total_of(rows, "outrun")), spent.complete),
        side_cost=Money(dollars(total_of(rows, "side")), spent.complete),
        measured=total_of(rows, "measured"),
        predicted=total_of(rows, "predicted"),
        stayed=total_of(rows, "stayed"),
        named=total_of(rows, "named"),
        truncated=total_of(rows, "truncated"),
        degraded=total_of(rows, "degraded"),
    )


@dataclass(frozen=True, slots=True)
class Estimator:
    """Figures over what was spent and what the baseline would have cost; unknown unless `complete`."""

    seen: Conversations
    known: Predicted
    complete: bool

    def saved(self, enough: bool) -> Estimate:
        """The difference in dollars, the baseline's answers as long as predicted."""
        if not (self.complete and enough):
            return Estimate(None, n=self.seen.counted("n"))
        whole = float(self._baseline(self.seen.totals)[0]) / 1e9
        return self._of(lambda t: (self._baseline(t) - t["spent"]) / 1e9, (-inf, whole), 1e-9)

    def saved_share(self, enough: bool) -> Estimate:
        """The same as a share of the baseline's bill."""
        if not (self.complete and enough):
            return Estimate(None, n=self.seen.counted("n"))
        whole, spent = self._baseline(self.seen.totals), self.seen.totals["spent"]
        slope = float(np.nan_to_num(ratio(spent, whole**2))[0])
        return self._of(lambda t: 1 - ratio(t["spent"], self._baseline(t)), SAVED, slope)

    def as_long(self) -> Estimate:
        """The difference in dollars if the baseline's answers were as long as those that were served."""
        if not self.complete:
            return Estimate(None, n=self.seen.counted("n"))
        return self._of(lambda t: (t["baseline"] - t["spent"]) / 1e9, (-inf, self.seen.total("baseline") / 1e9), 0.0)

    def _of(self, figure: Callable[[Totals], Any], within: tuple[float, float], slope: float) -> Estimate:
        """`slope`: what a nano-dollar more of the baseline's bill adds to the figure."""
        return self.seen.estimate(figure, within=within, over="n", leans=float(slope) ** 2 * self.known.noise)

    def _baseline(self, t: Totals) -> Any:
        return t["baseline"] + self.known.correction(t)


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
