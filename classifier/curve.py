"""The cost-quality curve of a ranking: recovered gap, shares at a loss, and cuts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.bounds import effective
from classifier.clusters import errors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grades:
    """How good both answers to n requests were and what they cost; all arrays (n,), `groups` numbers the questions.

    `weight`: how many requests each row stands for, None if each stands for itself.
    """

    small: Floats
    large: Floats
    small_cost: Floats
    large_cost: Floats
    groups: Ints
    weight: Floats | None = None

    @property
    def w(self) -> Floats:
        """The weights (n,), 1 where there are none."""
        return np.ones(len(self.small)) if self.weight is None else self.weight

    def mean(self, values: Floats) -> float:
        """The weighted mean of values (n,)."""
        return float((self.w * values).sum() / self.w.sum())

    @property
    def questions(self) -> float:
        """How many questions these are worth: Kish's effective number of the questions' weights."""
        return effective(np.bincount(self.groups, weights=self.w).astype(np.float64))

    @property
    def gain(self) -> Floats:
        """What the large answers are better by."""
        return self.large - self.small


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows sorted by score, lowest (best for the small model) first, with runs of equal scores marked.

    `first` and `last` are, for each sorted row, the first and last position of its run.
    """

    order: Ints
    score: Floats
    first: Ints
    last: Ints


def rank(score: Floats) -> Ranking:
    """Returns the ranking of raw scores (n,)."""
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    lengths = np.diff(np.r_[starts, len(ranked)])
    first = np.repeat(starts, lengths)
    return Ranking(order, ranked, first, np.repeat(starts + lengths - 1, lengths))


def gap_recovered(ranking: Ranking, grades: Grades, weight: Floats) -> tuple[float, Floats, Floats]:
    """Returns the 11-point APGR (NaN without a gap) and its curve: shares of the large model, qualities.

    RouteLLM's definition (arXiv 2406.18665, evals/evaluate.py): thresholds at the deciles of the
    score, at or above goes to the large model, the last threshold sends nobody;
    (AUC - AUC_weak) / (AUC_strong - AUC_weak) by trapezoids. `weight` (n,) repeats rows (bootstrap).
    """
    w = weight[ranking.order]
    total = w.sum()
    count = np.r_[0.0, np.cumsum(w)]
    gained = np.r_[0.0, np.cumsum(w * grades.gain[ranking.order])]
    small, large = (float((weight * q).sum() / total) for q in (grades.small, grades.large))
    at = (total - 1) * np.arange(11) / 10
    low = np.searchsorted(count[1:], np.floor(at), side="right").clip(0, len(w) - 1)
    high = np.searchsorted(count[1:], np.ceil(at), side="right").clip(0, len(w) - 1)
    same = ranking.first[low] == ranking.first[high]
    below = np.where(same, ranking.first[low], ranking.last[low] + 1)
    below[-1] = len(w)
    share = 1 - count[below] / total
    quality = large - gained[below] / total
    order = np.argsort(share, kind="stable")
    share, quality = share[order], quality[order]
    if large <= small:
        return float("nan"), share, quality
    area = float(np.trapezoid(quality, share))
    return (area - small) / (large - small), share, quality


def needed(share: Floats, quality: Floats, grades: Grades, part: float) -> float | None:
    """Returns the share of the large model that recovers `part` of the gap (RouteLLM's CPT), None without a gap."""
    small, large = grades.mean(grades.small), grades.mean(grades.large)
    if large <= small:
        return None
    best = np.maximum.accumulate(quality)
    return float(np.interp(small + part * (large - small), best, share))


def hindsight(ranking: Ranking, grades: Grades, loss: float) -> float:
    """Returns the largest share the small model could take at most at this relative loss, on these very rows.

    Read off the curve it is judged on, so it flatters: for comparison with published figures only.
    Rows of equal score count as if in random order.
    """
    w = grades.w[ranking.order]
    lost = w * _smoothed(grades.gain[ranking.order], w, ranking)
    within = np.r_[0.0, np.cumsum(lost)] <= loss * (grades.w * grades.large).sum() + 1e-9
    return float(np.r_[0.0, np.cumsum(w)][np.flatnonzero(within).max()] / w.sum())


def cut(ranking: Ranking, grades: Grades, loss: float, deviations: float) -> float:
    """Returns the largest score at which the small model may still be asked; -inf when none is safe.

    The share grows while mean(Z) + `deviations` · standard error <= 0, with
    Z = kept · (large - small) - loss · large (NUMBERS: joint, signed, relative). The error is that of a mean of
    questions, not of rows: the same question asked twice says it once.
    """
    w, order = grades.w, ranking.order
    allowed, lost = w * loss * grades.large, (w * grades.gain)[order]
    mean = (np.r_[0.0, np.cumsum(lost)] - allowed.sum()) / w.sum()
    error = errors((-allowed, w), grades.groups, (order, lost), mean)
    within = (mean + deviations * error <= 0)[1:]
    safe = within & (ranking.last == np.arange(len(w)))
    return float(ranking.score[np.flatnonzero(safe).max()]) if safe.any() else float("-inf")


def auroc(score: Floats, positive: NDArray[np.bool_], weight: Floats | None = None) -> float | None:
    """Returns the chance that a positive row scores above a negative one, ties half; None if one side is empty."""
    w = np.ones(len(score)) if weight is None else weight
    p, n = float(w[positive].sum()), float(w[~positive].sum())
    if not p or not n:
        return None
    ranking = rank(score)
    below = np.r_[0.0, np.cumsum(np.where(positive, 0.0, w)[ranking.order])]
    beaten = np.empty(len(score))
    beaten[ranking.order] = (below[ranking.first] + below[ranking.last + 1]) / 2
    return float((w * beaten)[positive].sum() / (p * n))


def calibration_error(chance: Floats, good: NDArray[np.bool_], weight: Floats | None = None) -> float:
    """Returns the expected calibration error over ten equal-width bins."""
    w = np.ones(len(chance)) if weight is None else weight
    bins = np.minimum((chance * 10).astype(np.int64), 9)
    gaps = np.bincount(bins, weights=w * (chance - good), minlength=10)
    return float(np.abs(gaps).sum() / w.sum())


def resamples(groups: Ints, draws: int, seed: int) -> Iterator[Floats]:
    """Yields weights (n,) of rows when whole questions are drawn with replacement."""
    questions = int(groups.max()) + 1
    random = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = np.bincount(random.integers(0, questions, questions), minlength=questions)
        yield drawn[groups].astype(np.float64)


def _smoothed(gain: Floats, w: Floats, ranking: Ranking) -> Floats:
    """Returns gains in ranked order, each replaced by the weighted mean of its run of equal scores."""
    total, borne = np.r_[0.0, np.cumsum(w * gain)], np.r_[0.0, np.cumsum(w)]
    first, after = ranking.first, ranking.last + 1
    return np.asarray((total[after] - total[first]) / (borne[after] - borne[first]))
