"""What n questions cannot rule out: the exact binomial floor under every bootstrap interval."""

import numpy as np
from numpy.typing import NDArray

TAIL = 0.025
SHARE = (0.0, 1.0)
SAVED = (-np.inf, 1.0)  # no more than all of a bill can be saved, but any multiple of it can be spent


def unseen(n: float) -> float:
    """Returns 1 − 0.025^(1/n): so large a share may be of another kind than all n seen, at 95 %; 1 where n is 0."""
    return 1 - TAIL ** (1 / n) if n > 0 else 1.0


def exact(count: int, n: int, sure: float = 1 - TAIL) -> float:
    """Returns Clopper and Pearson's upper end of a share that `count` of n had, one-sided at `sure` (1934)."""
    if count >= n:
        return 1.0
    k, ways = np.arange(count + 1), _log_ways(count, n)
    low, high = count / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = float(np.exp(ways + k * np.log(middle) + (n - k) * np.log1p(-middle)).sum())
        low, high = (middle, high) if tail > 1 - sure else (low, middle)
    return (low + high) / 2


def _log_ways(count: int, n: int) -> NDArray[np.float64]:
    """The logarithms of the numbers of ways to choose 0 … `count` of n."""
    k = np.arange(1, count + 1)
    return np.concatenate([[0.0], np.cumsum(np.log(n - k + 1) - np.log(k))])


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


def interval(value: float, draws: list[float], within: tuple[float, float], n: float) -> dict[str, float | None]:
    """Returns a value with the 95 % interval of its draws, none narrower than `n` questions allow (`at_least`)."""
    if value != value or not draws:
        return {"value": None, "low": None, "high": None}
    low, high = (float(bound) for bound in np.quantile(draws, (TAIL, 1 - TAIL)))
    low, high = at_least(value, (low, high), within, n)
    return {"value": rounded(value), "low": rounded(low), "high": rounded(high)}


def rounded(value: float | None) -> float | None:
    """Returns a figure to four places; None if it is not a number."""
    return None if value is None or value != value or abs(value) == float("inf") else round(value, 4)
