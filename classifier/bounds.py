"""What n questions cannot rule out: the exact binomial floor under every bootstrap interval."""

import numpy as np
from numpy.typing import NDArray

TAIL = 0.025
SHARE = (0.0, 1.0)
SAVED = (-np.inf, 1.0)  # no more than all of a bill can be saved, but any multiple of it can be spent


def unseen(n: float) -> float:
    """Returns 1 − 0.025^(1/n): so large a share may be of another kind than all n seen, at 95 %; 1 where n is 0."""
    return 1 - TAIL ** (1 / n) if n > 0 else 1.0


def effective(weights: NDArray[np.float64]) -> float:
    """Returns Kish's effective number of weights (n,), (Σ w)² / Σ w²; 0 where all are 0."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def at_least(figure: float, drawn: tuple[float, float], within: tuple[float, float], n: float) -> tuple[float, float]:
    """Returns the interval `drawn`, widened by what n cannot rule out; `within`: where the figure's values lie.

    Where no two draws differ the bootstrap sees no spread at all; a share with one event must not be bounded closer
    than one with none, nor a difference of both signs closer than one that never varied; and nobody who saw a few
    alike is sure of all of a saving.
    """
    (low, high), (bottom, top) = drawn, within
    bound = unseen(n) * max(top, abs(figure))
    if low == high or -np.inf < bottom < 0:
        low = min(low, max(bottom, figure - bound))
        high = max(high, min(top, figure + bound))
    if bottom == 0:
        low, high = min(low, top - bound), max(high, bound)
    elif np.isinf(bottom):
        low = min(low, top - bound)
    return low, high


def relative(big: float, most: float = 1.0) -> tuple[float, float]:
    """Returns between what a loss lies that is a share of the mean large grade, when at most `most` is kept."""
    big = max(big, 1e-12)
    return max(-most / big, min(0.0, 1 - 1 / big)), most / big


def interval(value: float, draws: list[float], within: tuple[float, float], n: float) -> dict[str, float | None]:
    """Returns a value with the 95 % interval of its draws, none narrower than `n` questions allow (`at_least`)."""
    if value != value or not draws:
        return {"value": None, "low": None, "high": None}
    low, high = (float(bound) for bound in np.quantile(draws, (TAIL, 1 - TAIL)))
    low, high = at_least(value, (low, high), within, n)
    return {"value": rounded(value), "low": rounded(low), "high": rounded(high)}


def rounded(value: float | None) -> float | None:
    """Returns a figure to four places, None for what is none."""
    return None if value is None or value != value or abs(value) == float("inf") else round(value, 4)
