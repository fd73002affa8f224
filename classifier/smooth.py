"""The part of the second stage that is not trees: a sum of tables and curves on votes, supporters and lengths."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log1p

from classifier.evidence import FEATURES, SLOTS, TASK

CURVED = (
    *"tokens chars longest_over_shortest prompt_chars prompt_numbers faults calls tools overlap_max".split(),
    TASK,
)
"""Features that have a curve; where one is not known it counts as 0."""
LOGGED = frozenset({"tokens", "chars", "longest_over_shortest", "prompt_numbers"})
AGREED = 2
"""Supporters from which a row has the second of a feature's curves."""

Curve = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]
"""Points, and what a feature adds there with one supporter and with several; straight between, level beyond."""

_AT = {name: i for i, name in enumerate(FEATURES)}
_WHO = [_AT[f"who_{slot}"] for slot in range(SLOTS)]
_CURVED = [(name, _AT[name], name in LOGGED) for name in CURVED]
_ASKED, _LEAD, _DISTINCT, _ABSTAINED, _SUPPORT = (
    _AT[name] for name in ("asked", "lead", "distinct", "abstained", "support")
)
_FEW, _MOST, _VALUES = -2, 3, 3
"""Leads and numbers of values beyond these count as these."""


@dataclass(frozen=True, slots=True)
class Smooth:
    """What is added whatever is read, by each pattern of votes, and by each feature of `CURVED`."""

    base: float
    patterns: Mapping[str, float]
    curves: Mapping[str, Curve]

    def adds(self, row: Sequence[float]) -> float:
        """Returns what one row of `FEATURES` adds to the score; the terms add up to it."""
        return self.base + sum(adds for _, adds in self.terms(row))

    def terms(self, row: Sequence[float]) -> Iterator[tuple[str, float]]:
        """Yields the pattern or the feature, and what it adds."""
        for pattern in patterns_of(row):
            yield pattern, self.patterns.get(pattern, 0.0)
        agreed = row[_SUPPORT] >= AGREED
        for name, at, logged in _CURVED:
            xs, alone, several = self.curves[name]
            yield name, _read(xs, several if agreed else alone, measured(row[at], logged=logged))


def patterns_of(row: Sequence[float]) -> tuple[str, str, str]:
    """Returns the patterns of a row, each after so many answers: who supports it (`+`, `-`, `.` not asked), how the
    votes lie (lead, distinct values), and how many abstain."""
    asked = int(row[_ASKED])
    who = "".join("." if row[i] != row[i] else "+" if row[i] > 0 else "-" for i in _WHO)
    lead, distinct = min(max(int(row[_LEAD]), _FEW), _MOST), min(int(row[_DISTINCT]), _VALUES)
    return f"{asked} who {who}", f"{asked} lead {lead} of {distinct}", f"{asked} abstain {int(row[_ABSTAINED])}"


def measured(value: float, *, logged: bool) -> float:
    """Returns a feature as its curve takes it."""
    if value != value:
        return 0.0
    return log1p(value) if logged else value


def _read(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    after = bisect_right(xs, x)
    if after == 0:
        return ys[0]
    if after == len(xs):
        return ys[-1]
    low, high = xs[after - 1], xs[after]
    return ys[after - 1] + (ys[after] - ys[after - 1]) * (x - low) / (high - low)
