"""The interval of a sum that a few conversations carry: where draws of the same few see too little.

A bootstrap of thirty answers, one of them very long, knows of no answer longer than that: its interval leans too
little to where the long ones are, and holds the truth in 85 to 90 % of cases instead of 95. Hall's cubic
transformation of the t statistic (Hall 1992, J. R. Statist. Soc. B 54, 221-228) makes up for the skewness that was
seen; the degrees of freedom that the tails leave (Satterthwaite 1946) for a standard error that is itself a guess.
"""

import numpy as np
from numpy.typing import NDArray

NORMAL = 1.959964
"""The normal quantile at 97.5 %."""
MIN_DEGREES = 3.0


def leaning(figure: float, influence: NDArray[np.float64], unseen: float = 0.0) -> tuple[float, float]:
    """Returns the 95 % interval of a figure; `influence` (n,): what each conversation adds to it, to first order.

    `unseen`: the variance of what is in the figure's truth and in nobody's influence, as of answers never given.
    """
    n = len(influence)
    away = influence - influence.mean()
    spread = float((away**2).mean())
    if n < 2 or not spread or not np.isfinite(spread):
        return figure, figure
    seen = n**2 * spread / (n - 1)
    error = (seen + unseen) ** 0.5
    # What was not seen has no part in how the figure and its standard error go together: their correlation counts.
    lean = float((away**3).mean()) / spread**1.5 / n**0.5 * seen**0.5 / error
    tails = float((away**4).mean()) / spread**2
    degrees = max(MIN_DEGREES, min(2 * n / max(tails - 1, 1e-9), n - 1))
    t = quantile(degrees)
    return figure - error * straightened(t, lean), figure - error * straightened(-t, lean)


def straightened(t: float, lean: float) -> float:
    """Returns which t statistic Hall's transformation takes to `t`; `lean`: the skewness over √n."""
    if abs(lean) < 1e-6:
        return t
    return float(3 / lean * (np.cbrt(1 + lean * (t - lean / 6)) - 1))


def quantile(degrees: float) -> float:
    """Returns Student's t at 97.5 % (Abramowitz & Stegun 1964, 26.7.5); within 1 % from three degrees of freedom on."""
    z, v = NORMAL, degrees
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return float(z + first / v + second / v**2 + third / v**3)
