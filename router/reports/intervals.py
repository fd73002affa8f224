"""Estimates with 95 % intervals: a seeded bootstrap over conversations.

Requests of one conversation resemble each other, so conversations are drawn and not requests
(Efron & Tibshirani 1993, ch. 8). Only sums a conversation come in: a statistic is a function of
totals, computed once for the totals seen and once for those of every draw. Of money, where a few
conversations cost many times what the others do, draws alone see too little (see `leaning`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.bounds import SAVED as SAVED
from classifier.bounds import SHARE as SHARE
from classifier.bounds import TAIL, at_least, effective
from router.reports.leaning import leaning

Totals = Mapping[str, NDArray[np.float64]]
Statistic = Callable[[Totals], NDArray[np.float64]]
Beyond = tuple[Mapping[str, float], Mapping[str, float]]

SEED = 20260101
MAX_DRAWS = 1000
MIN_DRAWS = 200
# Beyond this many drawn rows fewer draws are enough, since the interval is narrow anyway.
DRAWN_ROWS = 20_000_000
DIFFERENCE = (-1.0, 1.0)
# So large a part of a sum is added and taken away to see how a statistic moves with it.
STEP = 1e-4
# Slopes found so are off by up to this part of themselves: what sums that cancel leave below it is nothing.
ROUNDING = 1e-7
# A conversation nobody has seen lies so many times as far from the mean as the farthest that was seen. At 1.5 thirty
# drawn answers of very unequal length hold what was saved in 92 to 95 of 100 cases (`bench/savings_coverage.py`).
FARTHER = 2.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval over the `n` conversations that bear on it; None where the data do not say."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0

    @property
    def known(self) -> bool:
        """Whether there is a figure with an interval."""
        return self.value is not None and self.low is not None and self.high is not None

    @property
    def side_of_zero(self) -> int:
        """1 when the whole interval lies above zero, −1 when below, 0 when it does not say."""
        if self.low is None or self.high is None:
            return 0
        return 1 if self.low > 0 else -1 if self.high < 0 else 0

    @property
    def rest(self) -> "Estimate":
        """One less this: what was kept of what was lost, what was spent of what was saved."""
        if self.value is None or self.low is None or self.high is None:
            return Estimate(None if self.value is None else 1 - self.value, n=self.n)
        return Estimate(1 - self.value, 1 - self.high, 1 - self.low, self.n)

    def around(self, other: "Estimate") -> "Estimate":
        """This figure, its interval wide enough to hold the other's; itself where one has none."""
        if self.low is None or self.high is None or other.low is None or other.high is None:
            return self
        return Estimate(self.value, min(self.low, other.low), max(self.high, other.high), self.n)


class Conversations:
    """Sums a conversation, and one set of draws that all statistics share.

    `rows`: one mapping a conversation; `names`: which of its numbers are summed. The same rows give
    the same intervals, on every machine.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
        self.n = len(rows)
        self._names = tuple(names)
        self._sums = np.array([[float(row[name]) for name in names] for row in rows], dtype=np.float64)
        self._sums = self._sums.reshape(self.n, len(self._names))
        self._drawn: NDArray[np.float64] | None = None
        self._weights: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]] | None = None

    def total(self, name: str) -> float:
        """The sum over all conversations."""
        return float(self._sums[:, self._names.index(name)].sum())

    @property
    def totals(self) -> Totals:
        """The sums over all conversations, as every statistic takes them: one of each."""
        return self._named(self._sums.sum(axis=0)[None, :])

    def counted(self, name: str) -> int:
        """How many conversations have anything of this sum."""
        return int(np.count_nonzero(self._sums[:, self._names.index(name)]))

    def worth(self, name: str) -> float:
        """How many conversations of equal weight these are worth, weighed by this sum: Kish's effective number."""
        return effective(self._sums[:, self._names.index(name)])

    def estimate(
        self,
        statistic: Statistic,
        *,
        within: tuple[float, float] | None = None,
        over: str | tuple[str, ...] | None = None,
        leans: float | None = None,
        beyond: Beyond | None = None,
    ) -> Estimate:
        """`statistic` of the totals, and its percentile interval.

        `beyond`: where few losses were seen draws of them look surer than they are, so the ends are those of draws with
        one conversation more, which nobody has seen and which adds these sums: the worst there could be to the high
        end, the best to the low one (as in `classifier/sampled.py`).

        `leans`: it is a smooth function of sums that a few conversations may carry, as of money, and the interval is at
        least as wide as they make it, and as this variance of what no conversation shows (see `leaning`). If there is
        any, it is as wide as one conversation more makes it, which lies beyond all that were seen (see `FARTHER`).

        `over`: the sum that is zero in a conversation which says nothing of this statistic, as one without labels does
        of a grade; only the others count into n. Of several, as of strata that are graded at different rates, the
        smallest that is there counts: a figure is no surer than its least sure part. `within`: it is a mean of values
        in this range, or a ratio with these ends, and the interval is at least as wide as n of them allow (see
        `at_least`): fewer where `over` sums weights that differ (see `worth`).
        """
        strata = (over,) if isinstance(over, str) else tuple(over or ())
        n = int(self._fewest(self.counted, strata)) if strata else self.n
        if not self.n:
            return Estimate(None)
        value = _finite(statistic(self.totals))
        if not value.size:
            return Estimate(None, n=n)
        figure = float(value[0])
        drawn = _finite(statistic(self._named(self._draws())))
        if n < 2 or not drawn.size:
            return Estimate(figure, n=n)
        low, high = (float(bound) for bound in np.quantile(drawn, (TAIL, 1 - TAIL)))
        if leans is not None:
            down, up = self._leaning(figure, self._slopes(statistic), leans)
            low, high = min(low, down), max(high, min(up, 1.0) if within == SAVED else up)
        if beyond:
            least, most = self._with_one_more(statistic, beyond, strata)
            low, high = min(low, least), max(high, most)
        if within:
            low, high = at_least(figure, (low, high), within, self._fewest(self.worth, strata) if strata else n)
        return Estimate(figure, low, high, n)

    def _with_one_more(self, statistic: Statistic, beyond: Beyond, strata: tuple[str, ...]) -> tuple[float, float]:
        """The ends of the interval with one conversation more, which weighs as much as those there of the stratum that
        `beyond` adds to, and more where they differ."""
        name = next(name for name in strata if name in beyond[0])
        weights = self._sums[:, self._names.index(name)]
        one = float((weights**2).sum() / weights.sum()) if weights.any() else 0.0
        weighed, _, nobody = self._weighed()
        ends = []
        for sums, part in zip(beyond, (1 - TAIL, TAIL), strict=True):
            more = np.array([sums.get(name, 0.0) for name in self._names])
            found = _finite(statistic(self._named(weighed + one * nobody[:, None] * more)))
            ends.append(float(np.quantile(found, part)))
        return ends[1], ends[0]

    def _leaning(self, figure: float, slopes: NDArray[np.float64], unseen: float) -> tuple[float, float]:
        """The interval of a figure that a few may carry, by its `slopes` (names,)."""
        down, up = leaning(figure, self._influence(slopes), unseen)
        if not unseen:
            return down, up
        least, most = self._with_one_farther(figure, slopes, unseen)
        return min(down, least), max(up, most)

    def _with_one_farther(self, figure: float, slopes: NDArray[np.float64], unseen: float) -> tuple[float, float]:
        """The ends of the interval with one conversation more, `FARTHER` times as far out as the farthest was seen.

        To first order, by `slopes` (names,); `unseen`: the variance of what no conversation shows.
        """
        weighed, borne, nobody = self._weighed()
        influence = self._influence(slopes)
        mean, noise = float(influence.mean()), np.random.default_rng(SEED + 1).normal(size=len(borne)) * unseen**0.5
        ends = []
        for farthest, part in ((influence.min(), TAIL), (influence.max(), 1 - TAIL)):
            beyond = mean + FARTHER * (float(farthest) - mean)
            away = self.n * ((weighed @ slopes + nobody * beyond) / (borne + nobody) - mean)
            ends.append(figure + float(np.quantile(away + noise, part)))
        return ends[0], ends[1]

    def _influence(self, slopes: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each conversation (n,) adds, to first order, by `slopes` (names,); 0 where only rounding is left."""
        found: NDArray[np.float64] = self._sums @ slopes
        return np.where(np.abs(found) <= ROUNDING * (np.abs(self._sums) @ np.abs(slopes)), 0.0, found)

    def _weighed(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The totals in every draw of exponential weights (Rubin 1981), the sum of the weights, and one more weight."""
        if self._weights is None:
            random, draws = np.random.default_rng(SEED), self._number_of_draws()
            nobody = random.exponential(size=draws)
            weights = (random.exponential(size=self.n) for _ in range(draws))
            drawn = [(each @ self._sums, float(each.sum())) for each in weights]
            self._weights = np.stack([one for one, _ in drawn]), np.array([borne for _, borne in drawn]), nobody
        return self._weights

    def _number_of_draws(self) -> int:
        return int(np.clip(DRAWN_ROWS // self.n, MIN_DRAWS, MAX_DRAWS))

    def _slopes(self, statistic: Statistic) -> NDArray[np.float64]:
        """The slope of the statistic in each sum (names,): a conversation adds its sums times these, to first order."""
        totals = self._sums.sum(axis=0)
        step = STEP * totals
        there, back = (statistic(self._named(totals + sign * np.diag(step))) for sign in (1.0, -1.0))
        slopes = np.divide(there - back, 2 * step, out=np.zeros_like(step), where=step != 0)
        found: NDArray[np.float64] = np.nan_to_num(slopes, posinf=0.0, neginf=0.0)
        return found

    @staticmethod
    def _fewest(number: Callable[[str], float], strata: tuple[str, ...]) -> float:
        """The smallest number of a stratum that has any."""
        numbers = [number(name) for name in strata]
        return min((known for known in numbers if known), default=max(numbers))

    def _draws(self) -> NDArray[np.float64]:
        if self._drawn is None:
            random = np.random.default_rng(SEED)
            draws = self._number_of_draws()
            chosen = (random.integers(0, self.n, self.n) for _ in range(draws))
            counts = (np.bincount(who, minlength=self.n).astype(np.float64) for who in chosen)
            self._drawn = np.stack([times @ self._sums for times in counts])
        return self._drawn

    def _named(self, totals: NDArray[np.float64]) -> Totals:
        return {name: totals[:, place] for place, name in enumerate(self._names)}


def ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Division in which nothing by nothing is not a number, and is left out of the interval."""
    return np.divide(above, below, out=np.full_like(below, np.nan), where=below != 0)


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values[np.isfinite(values)]
