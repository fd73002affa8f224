"""When a panel stops asking: a keep-cut for each stage, found on scores that had not seen the row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from classifier.clusters import errors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = float("inf")
_GRID, _COARSE = 16, 6


@dataclass(frozen=True, slots=True)
class Stages:
    """The best candidate after each answer: its score and its grade, both (stages, n); the big grade (n,).

    `later` (stages, n), where given, is P(kept at a later stage): below `hopeless` the panel gives up. `weight` (n,):
    for how many questions each stands, `belief` (n,): that times how far its grader is believed, to fit with and never
    to measure; None where all have the same. `groups` (n,): which rows are of one question, None where none are.
    """

    score: Floats
    grade: Floats
    big: Floats
    later: Floats | None = None
    weight: Floats | None = None
    belief: Floats | None = None
    groups: Ints | None = None

    @property
    def w(self) -> Floats:
        """The weights (n,), 1 where there are none."""
        return np.ones(self.n) if self.weight is None else self.weight

    @property
    def n(self) -> int:
        """How many questions there are."""
        return len(self.big)

    def of(self, own: Bools) -> "Stages":
        """The same of some of the questions."""
        later, weight, belief = (None if x is None else x[..., own] for x in (self.later, self.weight, self.belief))
        groups = None if self.groups is None else self.groups[own]
        return Stages(self.score[:, own], self.grade[:, own], self.big[own], later, weight, belief, groups)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy did with n questions: where it kept a small answer, its grade there, how many were asked."""

    kept: Bools
    grade: Floats
    calls: Floats

    def lost(self, big: Floats) -> Floats:
        """Returns d = b − q of each question, 0 where the big model answered."""
        return np.where(self.kept, big - self.grade, 0.0)


@dataclass(frozen=True, slots=True)
class Cuts:
    """Score from which an answer is kept, stage by stage; `hopeless`: chance below which no more are asked."""

    keep: tuple[float, ...]
    hopeless: float = 0.0


def play(stages: Stages, cuts: Cuts) -> Outcome:
    """Returns what the cuts do: keep at the first stage whose score reaches its cut; last, the big one answers."""
    n = stages.n
    kept, gone = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    grade, calls = np.zeros(n), np.zeros(n)
    for t, cut in enumerate(cuts.keep):
        here = ~gone
        calls[here] += 1
        now = here & (stages.score[t] >= cut)
        grade[now] = stages.grade[t][now]
        kept |= now
        gone |= now
        if stages.later is not None and t + 1 < len(cuts.keep):
            gone |= here & (stages.later[t] < cuts.hopeless)
    return Outcome(kept, grade, calls)


def at_once(stages: Stages, loss: float, deviations: float) -> Cuts:
    """Returns the cuts when all are asked at once: only the last stage may keep."""
    last = len(stages.score)
    return _best(stages, loss, deviations, iter([(NEVER,) * (last - 1)]))


def in_sequence(stages: Stages, loss: float, deviations: float) -> Cuts:
    """Returns the cuts that keep most within the relative loss, of equals those that ask least.

    A free cut for each stage: a grid of quantiles for the early ones, the last one exact. Within: mean(Z) +
    `deviations` · standard error <= 0, Z = kept · (b − s) − loss · b (NUMBERS: signed, relative, joint); the error is
    that of a mean of questions, not of rows.
    The grid lies where an answer could be kept at all: laid over everything, it has three steps where a fifth is kept.
    """
    early = len(stages.score) - 1
    size = _GRID if early <= 2 else _COARSE
    kept_at_once = float(play(stages, at_once(stages, loss, deviations)).kept.mean())
    shares = 1.0 - np.linspace(0.0, min(1.0, 1.25 * kept_at_once + 0.02), size + 1)[1:]
    grids = [[NEVER, *np.unique(np.quantile(row, shares))[::-1].tolist()] for row in stages.score[:early]]
    return _best(stages, loss, deviations, product(*grids))


def _best(stages: Stages, loss: float, deviations: float, tried: Iterator[tuple[float, ...]]) -> Cuts:
    order = np.argsort(-stages.score[-1], kind="stable")
    best, found = -1.0, Cuts((NEVER,) * len(stages.score))
    for early in tried:
        worth, last = _last(stages, early, order, (loss, deviations))
        if worth > best:
            best, found = worth, Cuts((*early, last))
    return found


def _last(
    stages: Stages, early: Sequence[float], order: NDArray[np.int64], limit: tuple[float, float]
) -> tuple[float, float]:
    """Returns the share kept, less a little for calls, with the last cut as low as the limit allows; and that cut."""
    loss, deviations = limit
    begun = play(stages, Cuts((*early, NEVER)))
    w, allowed = stages.w, loss * stages.big
    whole, first = w.sum(), w * (begun.lost(stages.big) - allowed)
    rest = order[~begun.kept[order]]
    lost = w[rest] * (stages.big[rest] - stages.grade[-1][rest])
    mean = (first.sum() + np.r_[0.0, np.cumsum(lost)]) / whole
    error = errors((first, w), stages.groups, (rest, lost), mean) if deviations else np.zeros(len(mean))
    score = stages.score[-1][rest]
    ends = np.r_[True, np.r_[score[1:] != score[:-1], True]] if len(rest) else np.array([True])
    safe = np.flatnonzero((mean + deviations * error <= 0) & ends)
    if not len(safe):
        return -1.0, NEVER
    most = int(safe.max())
    share = ((w * begun.kept).sum() + w[rest[:most]].sum()) / whole
    return float(share - 1e-3 * (w * begun.calls).sum() / whole), float(score[most - 1]) if most else NEVER
