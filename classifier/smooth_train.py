"""Fits tables and curves to what the task means leave: least squares with an even pull to zero (ridge)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.evidence import FEATURES
from classifier.lessons import Floats
from classifier.smooth import AGREED, CURVED, LOGGED, Curve, Smooth, patterns_of

PULL = 20.0
"""What a standardised column's square costs, in rows."""
KNOTS = (0.0, 0.2, 0.4, 0.6, 0.8)
"""Quantiles at which a curve may bend."""


@dataclass(frozen=True, slots=True)
class _Design:
    """Columns of the rows: a flag for each pattern, then of each feature a ramp from each knot, twice."""

    patterns: tuple[str, ...]
    knots: tuple[Floats, ...]
    columns: Floats


def fit(xs: NDArray[np.float32], rest: Floats, weight: Floats | None) -> Smooth:
    """Returns the tables and curves of rows of `FEATURES` (n, d), whose tasks' means stand in them, on `rest` (n,)."""
    values = _values(xs)
    design = _designed(xs, values)
    w = np.ones(len(rest)) if weight is None else weight
    mean = (w @ design.columns) / w.sum()
    spread = np.sqrt(np.maximum((w @ design.columns**2) / w.sum() - mean**2, 0.0))
    scale = np.where(spread > 1e-9, spread, 1.0)
    z = np.where(spread > 1e-9, (design.columns - mean) / scale, 0.0)
    level = float(w @ rest / w.sum())
    beta = np.linalg.solve((z * w[:, None]).T @ z + PULL * np.eye(z.shape[1]), z.T @ (w * (rest - level)))
    slopes = np.where(spread > 1e-9, beta / scale, 0.0)
    return _made(level - float(mean @ slopes), slopes, design, values.max(axis=0))


def score(model: Smooth, xs: NDArray[np.float32]) -> Floats:
    """Returns what rows of `FEATURES` (n, d) add."""
    return np.array([model.adds(row) for row in xs.tolist()], dtype=np.float64)


def scaled(model: Smooth, by: float) -> Smooth:
    """Returns the same, everything that it adds times `by`; rounded to what is written."""

    def times(values: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(round(value * by, 9) for value in values)

    patterns = {name: round(adds * by, 9) for name, adds in model.patterns.items()}
    curves = {name: (xs, times(alone), times(several)) for name, (xs, alone, several) in model.curves.items()}
    return Smooth(round(model.base * by, 9), patterns, curves)


def _values(xs: NDArray[np.float32]) -> Floats:
    """The curved features as their curves take them, (n, curves)."""
    own = xs[:, [FEATURES.index(name) for name in CURVED]].astype(np.float64)
    found = np.nan_to_num(own, nan=0.0)
    logged = [i for i, name in enumerate(CURVED) if name in LOGGED]
    found[:, logged] = np.log1p(found[:, logged])
    return found


def _designed(xs: NDArray[np.float32], values: Floats) -> _Design:
    told = [patterns_of(row) for row in xs.tolist()]
    patterns = tuple(sorted({pattern for row in told for pattern in row}))
    at = {pattern: i for i, pattern in enumerate(patterns)}
    flags = np.zeros((len(told), len(patterns)))
    for i, row in enumerate(told):
        flags[i, [at[pattern] for pattern in row]] = 1.0
    knots = tuple(np.unique(np.quantile(column, KNOTS)) for column in values.T)
    ramps = [np.maximum(values[:, [j]] - own, 0.0) for j, own in enumerate(knots)]
    agreed = (xs[:, [FEATURES.index("support")]] >= AGREED).astype(np.float64)
    return _Design(patterns, knots, np.column_stack([flags, *ramps, *(ramp * agreed for ramp in ramps)]))


def _made(base: float, slopes: Floats, design: _Design, most: Floats) -> Smooth:
    """The slopes as what each pattern, and each feature at its points, adds."""
    patterns = dict(zip(design.patterns, slopes.tolist(), strict=False))
    curves: dict[str, Curve] = {}
    first, size = len(design.patterns), sum(map(len, design.knots))
    for name, knots, top in zip(CURVED, design.knots, most.tolist(), strict=True):
        points = np.unique(np.r_[np.round(knots, 9), round(top, 9)])
        ramps = np.maximum(points[:, None] - knots, 0.0)
        alone = ramps @ slopes[first : first + len(knots)]
        several = alone + ramps @ slopes[first + size : first + size + len(knots)]
        curves[name] = (tuple(points.tolist()), tuple(alone.tolist()), tuple(several.tolist()))
        first += len(knots)
    return Smooth(base, patterns, curves)
