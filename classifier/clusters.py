"""Standard errors of a mean that grows row by row, where rows of one question resemble each other."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def errors(begun: tuple[Floats, Floats], groups: Ints | None, added: tuple[Ints, Floats], mean: Floats) -> Floats:
    """Returns the standard error of each mean (m + 1,) of n rows.

    `begun`: weighted values (n,) before any is added, and the weights (n,); `groups` (n,): which rows are of one
    question, None where none are; `added`: rows (m,) in the order in which each adds its weighted value (m,); `mean`
    (m + 1,): before any and after each. Clustered: what deviates from the mean is added up within a question before it
    is squared.
    """
    (first, w), (rest, lost) = begun, added
    numbers = np.arange(len(w)) if groups is None else groups
    whole, weight = (np.bincount(numbers, weights=x) for x in (first, w))
    by = np.argsort(numbers[rest], kind="stable")  # a question's rows beside each other, in the order of `rest`
    own, total = numbers[rest][by], np.cumsum(lost[by])
    start = np.r_[True, own[1:] != own[:-1]] if len(own) else np.empty(0, dtype=np.bool_)
    base = np.maximum.accumulate(np.where(start, np.arange(len(own)), 0))
    after = np.empty(len(rest))
    after[by] = whole[own] + total - np.r_[0.0, total][base]
    before = after - lost
    square = (whole**2).sum() + np.r_[0.0, np.cumsum(after**2 - before**2)]
    cross = (whole * weight).sum() + np.r_[0.0, np.cumsum(lost * weight[numbers[rest]])]
    spread = square - 2 * mean * cross + mean**2 * (weight**2).sum()
    return np.asarray(np.sqrt(np.maximum(spread, 0.0)) / w.sum(), dtype=np.float64)
