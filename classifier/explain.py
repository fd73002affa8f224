"""Why p_good is what it is: exact terms that add up, and the smallest change that would flip the decision."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.calibration import POOLED, Head
from classifier.features import FEATURES
from classifier.forms import UNSEEN
from classifier.means import Place
from classifier.scorer import Row, Scorer
from classifier.task import APP

FLAGS = frozenset(i for i, name in enumerate(FEATURES) if name.startswith("says_") or name == "tool_forced")
"""Features that are 0 or 1: a change of one is to the other, and not to a hair beyond a threshold."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one feature, at its value, adds to the raw score; positive speaks for the large model."""

    feature: str
    value: float
    adds: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """The raw score as a sum, then its calibration.

    `base_value` + `task_mean` + `model_offset` + every contribution = `raw`, the expected gain of the
    large model, within 1e-6. The last step turns `raw` into `pooled`, and the head's line (shift and
    slope in log-odds) into `p_good`. `head` is the model's digest, or `pooled` when it is unknown.
    """

    base_value: float
    task_mean: tuple[tuple[str, float], ...]
    model_offset: float
    contributions: tuple[Contribution, ...]
    raw: float
    pooled: float
    head: str
    shift: float
    slope: float
    p_good: float


@dataclass(frozen=True, slots=True)
class Flip:
    """The smallest change of one feature that moves p_good across the cut."""

    feature: str
    before: float
    after: float
    p_good: float


def explain(scorer: Scorer, x: Row, place: Place, digest: str) -> Explanation:
    """Returns the terms of one request's p_good, contributions by size, largest first.

    `place` is what the task means said of it, now or when it was decided. Of an unseen form the trees say nothing: its
    place is the whole sum.
    """
    shares = np.zeros(len(FEATURES) + 1) if place.level == UNSEEN else scorer.contributions(x)
    parts = [
        Contribution(name, float(value), float(share))
        for name, value, share in zip(FEATURES, x, shares[:-1], strict=True)
        if share
    ]
    raw = place.total + float(shares.sum())
    own = scorer.calibration.head(digest)
    head = scorer.calibration.heads.get(digest, Head(0.0, 1.0, 0))
    return Explanation(
        base_value=place.base + float(shares[-1]),
        task_mean=place.steps,
        model_offset=place.offset,
        contributions=tuple(sorted(parts, key=lambda part: -abs(part.adds))),
        raw=raw,
        pooled=scorer.calibration.p_good(raw, POOLED),
        head="pooled" if own == POOLED else own,
        shift=head.shift,
        slope=head.slope,
        p_good=scorer.calibration.p_good(raw, digest),
    )


def flip(scorer: Scorer, explained: Explanation, x: Row, spread: Sequence[float], cut: float) -> Flip | None:
    """Returns the smallest change of one feature that carries p_good to the cut's other side, or None.

    Looks just beyond every threshold the trees know; sizes are compared in units of `spread`, each
    feature's spread over the training rows. About a millisecond: for people, not for requests. None as well
    for a request of an unseen form, and no change leads to one: there the trees are not asked.
    """
    tried = _candidates(scorer, x)
    levels = [level for level, _ in explained.task_mean]
    if not len(tried) or UNSEEN in levels:
        return None
    columns, values = tried[:, 0].astype(np.int64), tried[:, 1].astype(np.float32)
    rows = np.repeat(x.reshape(1, -1), len(tried), axis=0)
    rows[np.arange(len(tried)), columns] = values
    if scorer.forms is not None and APP not in levels:
        elsewhere = scorer.forms.unseen(x, False)  # known all the same, so only as another application's
        known = [not scorer.forms.unseen(row, elsewhere) for row in rows]
        rows, columns, values = rows[known], columns[known], values[known]
    head = POOLED if explained.head == "pooled" else explained.head
    gains = explained.raw - scorer.rest(x) + scorer.rests(rows)
    chances = np.array([scorer.calibration.p_good(float(gain), head) for gain in gains])
    across = np.flatnonzero((chances >= cut) != (explained.p_good >= cut))
    if not len(across):
        return None
    sizes = np.abs(values - x[columns]) / np.maximum(np.asarray(spread)[columns], 1e-6)
    best = across[np.argmin(sizes[across])]
    column = int(columns[best])
    return Flip(FEATURES[column], float(x[column]), float(values[best]), float(chances[best]))


def _candidates(scorer: Scorer, x: Row) -> NDArray[np.float64]:
    """Returns (feature, value) pairs just past each threshold, on the side where x is not; shape (n, 2)."""
    found = set()
    for feature, threshold in _thresholds(scorer.trees.dump_model()["tree_info"]):
        below = np.float32(threshold)
        if below > threshold:
            below = np.nextafter(below, np.float32(-np.inf))
        value = np.nextafter(below, np.float32(np.inf)) if x[feature] <= threshold else below
        if feature in FLAGS:
            value = np.float32(1.0) if x[feature] <= threshold else np.float32(0.0)  # it is one or the other
        found.add((feature, float(value)))
    return np.array(sorted(found), dtype=np.float64).reshape(-1, 2)


def _thresholds(trees: list[dict[str, Any]]) -> Iterator[tuple[int, float]]:
    nodes = [tree["tree_structure"] for tree in trees]
    while nodes:
        node = nodes.pop()
        if "split_feature" in node:
            yield node["split_feature"], float(node["threshold"])
            nodes += [node["left_child"], node["right_child"]]
