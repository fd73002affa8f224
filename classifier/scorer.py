"""The arithmetic of a decision: task mean, plus trees on the rest, then an honest probability."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

import lightgbm as lgb
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from classifier.calibration import Calibration
from classifier.forms import Forms
from classifier.means import Node, Place, TaskMeans
from classifier.single import Row, single_row
from classifier.task import APP

__all__ = ["Row", "Scorer", "Seen"]

Floats = NDArray[np.float64]


class Seen(Struct, frozen=True):
    """What the classifier sees in one request, the same for every small model, so it can be kept.

    `known` is the known part of its task path, `rest` what the trees add. Where `unseen`, too few training questions
    had its form: both are empty.
    """

    known: Sequence[tuple[str, Node]]
    rest: float
    unseen: bool = False


_NOTHING = Seen((), 0.0, True)


@dataclass(frozen=True, slots=True)
class Scorer:
    """Task means, the trees fitted on what they leave, the calibration, and the forms of request that all know.

    The raw score is the expected gain of the large model, E[large - small] in [-1, 1]: what is lost
    by asking the small one. `p_good` falls as it rises.
    """

    trees: lgb.Booster
    means: TaskMeans
    calibration: Calibration
    forms: Forms | None = None
    _one: Callable[[Row | bytes], float] = field(init=False, repr=False, compare=False)
    _applications: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_one", single_row(self.trees))
        named = any(name.startswith(f"{APP}:") for name in self.means.nodes)
        object.__setattr__(self, "_applications", named)

    def see(self, x: Row | bytes, path: Iterable[str]) -> Seen:
        """Returns what there is to see in one request; x: (d,) float32 or its bytes, `path` its task, wide to narrow.

        A known application speaks for itself, whatever the request's form. Where none is known at all, as of
        benchmarks, that a request names one says nothing.
        """
        steps = iter(path)
        first = next(steps, "")
        known = self.means.known(chain((first,), steps))
        if self.forms is not None and not (known and known[0][0] == APP):
            elsewhere = self._applications and first.startswith(APP)
            if self.forms.unseen(x, elsewhere):
                return _NOTHING
        return Seen(known, self._one(x))

    def place(self, seen: Seen, digest: str) -> Place:
        """Returns the terms that come before the trees, for the small model of that digest."""
        if seen.unseen and self.forms is not None:
            return self.forms.place
        return self.means.place_at(seen.known, digest)

    def gain(self, x: Row, path: Iterable[str], digest: str) -> float:
        """Returns the raw score of one request; x: (d,) float32."""
        seen = self.see(x, path)
        return self.place(seen, digest).total + seen.rest

    def gains(self, xs: NDArray[np.float32], paths: Sequence[Iterable[str]], digests: Sequence[str]) -> Floats:
        """Returns the raw scores of n requests; xs: (n, d)."""
        return np.array([self.gain(x, path, digest) for x, path, digest in zip(xs, paths, digests, strict=True)])

    def p_good(self, x: Row, path: Iterable[str], digest: str) -> float:
        """Returns P(small answer >= large answer), in (0, 1), for the small model of that digest."""
        return self.calibration.p_good(self.gain(x, path, digest), digest)

    def rest(self, x: Row | bytes) -> float:
        """Returns what the trees add to the task mean of a request whose form is known.

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
