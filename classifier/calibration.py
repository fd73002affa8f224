"""Raw scores to honest probabilities: one monotone curve for all, gently bent for each small model."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POOLED = "*"
_BLOCKS = 60
_MIN_BLOCK = 25
_EDGE = 0.002


@dataclass(frozen=True, slots=True)
class Head:
    """A small model's own line in the log-odds of the pooled curve: shift + slope · logit(p)."""

    shift: float
    slope: float
    rows: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """The pooled curve as knots (expected gain of the large model, p_good), and the heads by digest."""

    gains: tuple[float, ...]
    chances: tuple[float, ...]
    heads: Mapping[str, Head]

    def p_good(self, gain: float, digest: str) -> float:
        """Returns P(small answer >= large answer) in (0, 1); falls as the expected gain rises."""
        pooled = _between(self.gains, self.chances, gain)
        head = self.heads.get(digest)
        if head is None:
            return pooled
        return 1.0 / (1.0 + exp(-(head.shift + head.slope * log(pooled / (1.0 - pooled)))))

    def head(self, digest: str) -> str:
        """Returns the digest if it has a head of its own, else `*`, the pooled one."""
        return digest if digest in self.heads else POOLED


def fit(gains: Floats, good: NDArray[np.bool_], digests: list[str], weight: Floats | None = None) -> Calibration:
    """Returns the calibration of out-of-fold gains (n,) to whether the small answer was no worse (n,); weights (n,)
    have the mean 1.

    The pooled curve is isotonic (pool adjacent violators) over blocks of at least 25 rows, joined by
    straight lines so that it falls strictly between them. A model's head is Platt's line on top,
    fitted by Newton's method with a prior at the pooled curve: few rows move it little.
    """
    w = np.ones(len(gains)) if weight is None else weight
    xs, ps = _isotonic(gains, good.astype(np.float64), w)
    chances = np.interp(gains, xs, ps)
    logits = np.log(chances / (1 - chances))
    heads = {}
    for digest in sorted(set(digests)):
        own = np.array([d == digest for d in digests])
        heads[digest] = _platt(logits[own], good[own].astype(np.float64), w[own])
    return Calibration(tuple(xs.round(6).tolist()), tuple(ps.round(6).tolist()), heads)


def _isotonic(x: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Returns knots, x rising and y falling; blocks are equal shares of the rows, then pooled."""
    order = np.argsort(x, kind="stable")
    size = max(_MIN_BLOCK, len(x) // _BLOCKS)
    blocks: list[tuple[float, float, float]] = []
    for rows in np.array_split(order, max(len(x) // size, 1)):
        w = weight[rows]
        blocks.append((float((w * x[rows]).sum()), float((w * y[rows]).sum()), float(w.sum())))
        while len(blocks) > 1 and blocks[-1][1] / blocks[-1][2] >= blocks[-2][1] / blocks[-2][2]:
            last = blocks.pop()
            before = blocks.pop()
            blocks.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    xs = np.array([sx / n for sx, _, n in blocks])
    ps = np.array([(sy + 0.5) / (n + 1.0) for _, sy, n in blocks])
    ps = np.minimum.accumulate(np.clip(ps, _EDGE, 1 - _EDGE))
    return xs, ps


def _platt(logits: Floats, y: Floats, weight: Floats) -> Head:
    """Returns shift and slope by ten Newton steps; priors N(0, 1) and N(1, 0.5²), slope kept >= 0.1."""
    shift, slope = 0.0, 1.0
    for _ in range(10):
        p = 1 / (1 + np.exp(-(shift + slope * logits)))
        w, r = weight * (p * (1 - p)), weight * (p - y)
        g = np.array([r.sum() + shift, (r * logits).sum() + 4 * (slope - 1)])
        cross = float((w * logits).sum())
        h = np.array([[w.sum() + 1, cross], [cross, (w * logits**2).sum() + 4]])
        step = np.linalg.solve(h, g)
        shift, slope = shift - float(step[0]), max(slope - float(step[1]), 0.1)
    return Head(round(shift, 6), round(slope, 6), len(y))


def _between(xs: tuple[float, ...], ys: tuple[float, ...], x: float) -> float:
    right = bisect_right(xs, x)
    if right == 0:
        return ys[0]
    if right == len(xs):
        return ys[-1]
    x0, x1, y0, y1 = xs[right - 1], xs[right], ys[right - 1], ys[right]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
