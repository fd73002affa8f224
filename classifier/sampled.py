"""Intervals of means over questions: the questions weighed at random, with one more that nobody has seen.

Few losses drawn again look surer than they are, so to the n questions one is added that is as bad as any could be, for
the upper end, and one as good, for the lower (Gaffke 2005; Learned-Miller & Thomas 2019, arXiv 1905.06208). Weights
are exponential, a flat Dirichlet distribution over the n + 1 (Rubin 1981). Of grades that are right or wrong, one row a
question, that is Clopper and Pearson's exact interval, and is computed as that; of other bounded grades no case is
known where it holds too seldom, though that has not been proved. With many questions it is the bootstrap's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.bounds import TAIL, effective, exact, rounded, unseen

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Interval = dict[str, float | None]

CHUNK = 2_000_000
"""So many weights are drawn at a time, at most."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """The mean of `above` over that of `below`, both (n,).

    `top` and `bottom`: both of the row that would raise or lower it most.
    """

    above: Floats
    below: Floats
    top: tuple[float, float]
    bottom: tuple[float, float]


def of_all(values: Floats, most: float = 1.0) -> Ratio:
    """Returns the mean over all rows of values in [0, most], as of a share or of harm."""
    return Ratio(values, np.ones(len(values)), (most, 1.0), (0.0, 1.0))


def of_quality(lost: Floats, big: Floats, most: float = 1.0) -> Ratio:
    """Returns a loss relative to the large grades; at `most` so large a part of each answer is given up.

    Worst is a good large answer given up for nothing; best, a perfect small one where the large one was as bad as any.
    """
    worst = float(big.min())
    return Ratio(lost, big, (most, 1.0), (most * (worst - 1.0), worst))


def of_money(saved: Floats, bill: Floats, w: Floats, fixed: bool = False) -> Ratio:
    """Returns what was saved as a share of a bill, both dollars (n,).

    Dollars have no end: one more question costs as much as the others on average, and all of it is saved or as little
    as on any row. `fixed`: its share is so whatever is asked, so it is as one of these rows.
    """
    usual = float((w * bill).sum() / w.sum())
    parts = np.divide(saved, bill, out=np.zeros_like(saved), where=bill > 0)
    least, most = float(parts.min()), float(parts.max())
    return Ratio(
        saved, bill, (most * usual if fixed else usual, usual), ((least if fixed else min(0.0, least)) * usual, usual)
    )


@dataclass(frozen=True, slots=True)
class Sampled:
    """Rows of some questions, `groups` (n,), with weights `w` (n,); `draws` random weights of the questions."""

    groups: Ints
    w: Floats
    draws: int
    seed: int

    def intervals(self, ratios: Sequence[Ratio]) -> list[Interval]:
        """Returns each ratio with its 95 % interval, over the same draws; None where there is nothing to divide by."""
        borne = self._by_question(np.ones(len(self.w)))
        sums = [(self._by_question(ratio.above), self._by_question(ratio.below)) for ratio in ratios]
        drawn, nobody = self._drawn(np.stack([column for pair in sums for column in pair], axis=1))
        return [
            _Mean(above, below, borne, (drawn[:, 2 * i], drawn[:, 2 * i + 1], nobody)).between(ratios[i])
            for i, (above, below) in enumerate(sums)
        ]

    def _by_question(self, values: Floats) -> Floats:
        _, number = np.unique(self.groups, return_inverse=True)
        return np.bincount(number, weights=self.w * values).astype(np.float64)

    def _drawn(self, sums: Floats) -> tuple[Floats, Floats]:
        """Returns the totals of sums by question in every draw, and the weight of the unseen question there."""
        random, parts = np.random.default_rng(self.seed), []
        nobody = random.exponential(size=self.draws)
        left, most = self.draws, max(1, CHUNK // len(sums))
        while left:
            parts.append(random.exponential(size=(min(left, most), len(sums))) @ sums)
            left -= len(parts[-1])
        return np.concatenate(parts), nobody


@dataclass(frozen=True, slots=True)
class _Mean:
    """The two sums of a ratio and what is borne (questions,), and both in every draw with the unseen one's weight."""

    above: Floats
    below: Floats
    borne: Floats
    drawn: tuple[Floats, Floats, Floats]

    def between(self, ratio: Ratio) -> Interval:
        whole = float(self.below.sum())
        if whole <= 0:
            return {"value": None, "low": None, "high": None}
        value = float(self.above.sum()) / whole
        low, high = self._end(ratio.bottom, TAIL), self._end(ratio.top, 1 - TAIL)
        return {"value": rounded(value), "low": rounded(min(low, value)), "high": rounded(max(high, value))}

    def _end(self, beyond: tuple[float, float], part: float) -> float:
        """Returns the end of the interval on the side of a row `beyond`.

        One question more weighs as much as those there, and more where they differ. Where they differ much, draws see
        too little of that, and the share that so many cannot rule out (`unseen`) is all `beyond`, at the least.
        """
        one = float((self.borne**2).sum() / self.borne.sum())
        known = _exact(self.above, self.below, (beyond[0] * one, beyond[1] * one))
        if known is not None:
            return known
        (over, under, weight), missed = self.drawn, unseen(effective(self.borne))
        found = float(np.quantile((over + weight * one * beyond[0]) / (under + weight * one * beyond[1]), part))
        seen, rest = 1 - missed, missed * float(self.borne.sum())
        least = (seen * self.above.sum() + rest * beyond[0]) / (seen * self.below.sum() + rest * beyond[1])
        return max(found, float(least)) if part > 0.5 else min(found, float(least))


def _exact(above: Floats, below: Floats, beyond: tuple[float, float]) -> float | None:
    """Returns an end where no draw is needed: all questions weigh alike and are at the end or all at one other value.

    Then a weighted mean of them is that value and a share, from a beta distribution, of the way to the end.
    """
    others = above[~np.isclose(above, beyond[0])]
    if not np.allclose(below, beyond[1]) or (len(others) and not np.allclose(others, others[0])):
        return None
    start = float(others[0]) if len(others) else beyond[0]
    share = exact(len(above) - len(others), len(above))
    return (start + share * (beyond[0] - start)) / beyond[1]
