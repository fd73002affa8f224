"""The arithmetic of a decision: task mean, plus trees on the rest, then an honest probability."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from classifier.calibration import Calibration
from classifier.means import TaskMeans
from classifier.single import Row, single_row

__all__ = ["Row", "Scorer"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scorer:
    """Task means, the trees fitted on what they leave, and the calibration.

    The raw score is the expected gain of the large model, E[large - small] in [-1, 1]: what is lost
    by asking the small one. `p_good` falls as it rises.
    """

    trees: lgb.Booster
    means: TaskMeans
    calibration: Calibration
    _one: Callable[[Row | bytes], float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_one", single_row(self.trees))

    def gain(self, x: Row, path: Sequence[str], digest: str) -> float:
        """Returns the raw score of one request; x: (d,) float32."""
        return self.means.place(path, digest).total + self.rest(x)

    def p_good(self, x: Row, path: Sequence[str], digest: str) -> float:
        """Returns P(small answer >= large answer), in (0, 1), for the small model of that digest."""
        return self.calibration.p_good(self.gain(x, path, digest), digest)

    def rest(self, x: Row | bytes) -> float:
        """Returns what the trees add to the task mean; the same for every model, so it can be kept.

        x: (d,) float32, or its bytes, as `features.packed` gives them.
        """
        return self._one(x)

    def rests(self, xs: NDArray[np.float32]) -> Floats:
        """Returns the trees' part of many requests; xs: (n, d) float32; one thread, whatever the machine."""
        found = self.trees.predict(xs, raw_score=True, num_threads=1, validate_features=False)
        return np.asarray(found, dtype=np.float64)

    def contributions(self, x: Row) -> Floats:
        """Returns each feature's exact share of the trees' part and, last, their base; shape (d + 1,).

        TreeSHAP (Lundberg et al. 2018), as LightGBM computes it: the shares add up to `rest(x)`.
        """
        found = self.trees.predict(x.reshape(1, -1), pred_contrib=True, num_threads=1)
        shares: Floats = np.asarray(found, dtype=np.float64)[0]
        return shares
