"""Rows to the forms that they have, and to what is expected of a form that they lack."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier import forms
from classifier.features import FEATURES
from classifier.forms import MOST_OPTIONS, Forms
from classifier.means import Codes
from classifier.task import APP

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OPTIONS, TOOLS = FEATURES.index("choices"), FEATURES.index("tools")


@dataclass(frozen=True, slots=True)
class Rows:
    """n labelled rows; all arrays (n,): options offered, whether tools are, the number of the application named or -1
    for none, numbers of the question and of the source; `weight` has the mean 1."""

    options: Ints
    tools: Bools
    apps: Ints
    groups: Ints
    sources: Ints
    gain: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Fitted:
    """What some rows teach: which applications are known (apps,), the questions of every form by its key, and what is
    expected of an unknown one."""

    known: Bools
    questions: Ints
    least: int
    mean: float
    spread: float

    @property
    def expected(self) -> float:
        """The raw score of a request of a form never seen."""
        return self.mean + self.spread

    def unseen(self, rows: Rows, which: Ints) -> Bools:
        """Returns which of the given rows have a form that is not known, and no application that is; (len(which),)."""
        within, keys = _placed(rows, self.known, which)
        found: Bools = ~within & (self.questions[keys] < self.least)
        return found

    def forms(self) -> Forms:
        """Returns the forms by name, as they are written down."""
        counted = {
            forms.name(key >> 2, bool(key & 2), bool(key & 1)): int(n) for key, n in enumerate(self.questions) if n
        }
        return Forms(counted, self.least, self.mean, self.spread)


def rows_of(
    xs: NDArray[np.float32], codes: Codes, groups: Ints, sources: Sequence[str], weighed: tuple[Floats, Floats | None]
) -> Rows:
    """Returns rows as forms are told; xs: (n, d); `weighed`: gains (n,), and weights (n,) or None for equal ones."""
    gain, weight = weighed
    deep = codes.levels.shape[1] > 1
    first = codes.levels[:, 1] if deep else np.full(len(xs), -1, dtype=np.int64)
    named = np.array([name.startswith(f"{APP}:") for name in codes.names])
    numbers = {source: i for i, source in enumerate(sorted(set(sources)))}
    return Rows(
        options=xs[:, OPTIONS].astype(np.int64),
        tools=xs[:, TOOLS] > 0,
        apps=np.where((first >= 0) & named[first], first, -1),
        groups=groups,
        sources=np.array([numbers[source] for source in sources], dtype=np.int64),
        gain=gain,
        weight=np.ones(len(xs)) if weight is None else weight,
    )


def fit(rows: Rows, which: Ints, least: int, min_rows: int) -> Fitted:
    """Returns the forms of the given rows and what to expect of others.

    A form's questions are counted; where it names an application that is not known, such applications: many questions
    of one say nothing of the next.
    An application is known from `min_rows` rows on; its own mean speaks for it, whatever its form. The expected gain of
    what is not known is the mean over sources plus one standard deviation of their means: that much they differ. Where
    all rows are of one source, its applications stand for sources; where they too are one, nothing tells how much kinds
    differ, and the standard deviation is that of rows.
    """
    apps = rows.apps[which]
    counts = np.bincount(apps[apps >= 0], minlength=int(rows.apps.max(initial=-1)) + 1)
    known: Bools = counts >= min_rows
    within, keys = _placed(rows, known, which)
    counted = np.where(keys & 1, apps, rows.groups[which])
    seen = np.unique(np.stack([keys[~within], counted[~within]]), axis=1)[0]
    questions = np.bincount(seen, minlength=forms.key(MOST_OPTIONS, True, True) + 1)
    kinds = rows.sources[which]
    if len(np.unique(kinds)) < 2:
        kinds = np.where(within, apps, -1)
    gain, weight = rows.gain[which], rows.weight[which]
    means = np.array([np.average(gain[kinds == kind], weights=weight[kinds == kind]) for kind in np.unique(kinds)])
    mean = float(means.mean())
    square = means.var(ddof=1) if len(means) > 1 else np.average((gain - mean) ** 2, weights=weight)
    return Fitted(known, questions, least, round(mean, 6), round(float(square**0.5), 6))


def _placed(rows: Rows, known: Bools, which: Ints) -> tuple[Bools, Ints]:
    """Returns whether each row names a known application, and the key of its form."""
    apps = rows.apps[which]
    within = np.zeros(len(which), dtype=np.bool_)
    within[apps >= 0] = known[apps[apps >= 0]]
    elsewhere = (apps >= 0) & ~within & known.any()
    keys: Ints = rows.options[which] << 2 | rows.tools[which].astype(np.int64) << 1 | elsewhere
    return within, keys
