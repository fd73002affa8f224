"""How much better the large model is on a task, as smoothed means that back off to wider ones."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from classifier.task import TEMPLATE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Node:
    """A task's mean gain of the large model, smoothed towards its parent's, and each small model's own offset."""

    mean: float
    rows: int
    offsets: Mapping[str, float]


class Place(Struct, frozen=True):
    """What the means say of one request: the terms add up to the expected gain before any feature is read.

    `steps` are (level, difference to the wider level), `offset` is the small model's own, `level` the
    narrowest that is known: `global`, `app` or `task`.
    """

    level: str
    base: float
    steps: tuple[tuple[str, float], ...]
    offset: float

    @property
    def total(self) -> float:
        """Expected gain of the large model on this task, for this small model."""
        below: float = sum(map(itemgetter(1), self.steps))
        return self.base + below + self.offset


@dataclass(frozen=True, slots=True)
class TaskMeans:
    """All known tasks by their path element; the root is `global`."""

    nodes: Mapping[str, Node]

    def place(self, path: Iterable[str], digest: str) -> Place:
        """Returns the terms for a path (wide to narrow), stopping at the first element never seen."""
        return self.place_at(self.known(path), digest)

    def known(self, path: Iterable[str]) -> list[tuple[str, Node]]:
        """Returns the known part of a path as (level, node): the same for every small model, so it can be kept."""
        found = []
        for element in path:
            node = self.nodes.get(element)
            if node is None:
                break
            found.append((element.partition(":")[0], node))
        return found

    def place_at(self, known: Sequence[tuple[str, Node]], digest: str) -> Place:
        """Returns the terms for the `known` part of a path."""
        node = self.nodes[GLOBAL]
        level, base, steps = GLOBAL, node.mean, []
        offset = node.offsets.get(digest, 0.0)
        for level, below in known:
            steps.append((level, below.mean - node.mean))
            offset = below.offsets.get(digest, offset)
            node = below
        return Place(level, base, tuple(steps), offset)


@dataclass(frozen=True, slots=True)
class Codes:
    """Rows' places as integers, so that means can be fitted many times.

    `levels`: (n, depth) node numbers, column 0 the root, -1 below a path's end; `parents`: (nodes,);
    `models`: (n,) numbers of the small models.
    """

    levels: Ints
    parents: Ints
    models: Ints
    names: tuple[str, ...]
    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How means are smoothed: pseudo-rows of the parent, rows below which a task is unknown, offsets or none."""

    pseudo_rows: float = 30.0
    min_rows: int = 10
    by_model: bool = True


@dataclass(frozen=True, slots=True)
class Fitted:
    """Means of every node of `Codes`: mean and rows (nodes,), offsets and rows seen of each model (nodes, models)."""

    mean: Floats
    rows: Ints
    offsets: Floats
    seen: Ints

    def encode(self, codes: Codes, rows: Ints) -> Floats:
        """Returns the expected gain of the given rows, shape (len(rows),)."""
        deepest = _deepest(codes.levels[rows])
        found: Floats = self.mean[deepest] + self.offsets[deepest, codes.models[rows]]
        return found


def number(paths: Sequence[tuple[str, ...]], digests: Sequence[str]) -> Codes:
    """Returns paths and small models of n rows as integers."""
    depth = 1 + max(map(len, paths), default=0)
    names, parents = {GLOBAL: 0}, [0]
    levels = np.full((len(paths), depth), -1, dtype=np.int64)
    levels[:, 0] = 0
    for row, path in enumerate(paths):
        above = 0
        for column, element in enumerate(path, start=1):
            if element not in names:
                names[element] = len(names)
                parents.append(above)
            above = levels[row, column] = names[element]
    models = {digest: i for i, digest in enumerate(sorted(set(digests)))}
    numbers = np.array([models[digest] for digest in digests], dtype=np.int64)
    return Codes(levels, np.array(parents, dtype=np.int64), numbers, tuple(names), tuple(models))


def fit(codes: Codes, gain: Floats, rows: Ints, smoothing: Smoothing, weight: Floats | None = None) -> Fitted:
    """Returns the smoothed means of the given rows' gains; `weight` (n,) is of all rows, their mean 1.

    Each node's mean is (sum + k · parent's mean) / (rows + k), with k pseudo-rows (empirical Bayes
    shrinkage); a node of fewer than `min_rows` takes its parent's mean. What a small model's rows
    then leave over, node by node and shrunk the same way, is that model's offset.
    """
    k, nodes = smoothing.pseudo_rows, len(codes.names)
    y, levels = gain[rows], codes.levels[rows]
    w = np.ones(len(rows)) if weight is None else weight[rows]
    mean = np.full(nodes, (w * y).sum() / w.sum() if len(y) else 0.0)
    counted = np.zeros(nodes, dtype=np.int64)
    counted[0] = len(y)
    for column in range(1, levels.shape[1]):
        here = np.unique(codes.levels[:, column])
        here = here[here >= 0]
        inside = levels[:, column] >= 0
        n = np.bincount(levels[inside, column], minlength=nodes)[here]
        total = np.bincount(levels[inside, column], weights=(w * y)[inside], minlength=nodes)[here]
        borne = np.bincount(levels[inside, column], weights=w[inside], minlength=nodes)[here]
        above = mean[codes.parents[here]]
        mean[here] = np.where(n >= smoothing.min_rows, (total + k * above) / (borne + k), above)
        counted[here] = n
    left = y - mean[_deepest(levels)]
    offsets, seen = _offsets(codes, (left, w), rows, smoothing)
    return Fitted(mean, counted, offsets, seen)


def apart(codes: Codes) -> Codes:
    """Returns the same rows placed by their application alone."""
    below = _templates(codes)
    levels = np.where((codes.levels >= 0) & below[codes.levels], -1, codes.levels)
    return replace(codes, levels=levels)


def joined(codes: Codes, wide: Fitted, left: Fitted) -> Fitted:
    """Returns means of applications (`wide`, of `apart(codes)`) with those of what they and the trees left over."""
    below, own = _templates(codes), np.arange(len(codes.names))
    for node in np.flatnonzero(below):  # parents are numbered before their children
        own[node] = own[codes.parents[node]]
    return Fitted(wide.mean[own] + left.mean, left.rows, wide.offsets[own] + left.offsets, left.seen)


def _templates(codes: Codes) -> NDArray[np.bool_]:
    return np.array([name.startswith(f"{TEMPLATE}:") for name in codes.names])


def tree(codes: Codes, fitted: Fitted, smoothing: Smoothing) -> TaskMeans:
    """Returns the means by name, without tasks of too few rows; numbers rounded to what is written."""
    nodes = {}
    for i, name in enumerate(codes.names):
        if i and fitted.rows[i] < smoothing.min_rows:
            continue
        own = np.flatnonzero(fitted.seen[i]) if smoothing.by_model else ()
        offsets = {codes.digests[m]: round(float(fitted.offsets[i, m]), 6) for m in own}
        nodes[name] = Node(round(float(fitted.mean[i]), 6), int(fitted.rows[i]), offsets)
    return TaskMeans(nodes)


def _offsets(codes: Codes, weighed: tuple[Floats, Floats], rows: Ints, smoothing: Smoothing) -> tuple[Floats, Ints]:
    left, w = weighed
    k, nodes, m = smoothing.pseudo_rows, len(codes.names), max(len(codes.digests), 1)
    offsets, seen = np.zeros((nodes, m)), np.zeros((nodes, m), dtype=np.int64)
    if not smoothing.by_model or len(codes.digests) < 2:
        return offsets, seen
    levels, models = codes.levels[rows], codes.models[rows]
    for column in range(levels.shape[1]):
        here = np.unique(codes.levels[:, column])
        here = here[here >= 0]
        inside = levels[:, column] >= 0
        cell = levels[inside, column] * m + models[inside]
        n = np.bincount(cell, minlength=nodes * m).reshape(nodes, m)[here]
        total = np.bincount(cell, weights=(w * left)[inside], minlength=nodes * m).reshape(nodes, m)[here]
        borne = np.bincount(cell, weights=w[inside], minlength=nodes * m).reshape(nodes, m)[here]
        above = offsets[codes.parents[here]] if column else 0.0
        known = n.sum(axis=1, keepdims=True) >= smoothing.min_rows
        offsets[here] = np.where(known | (column == 0), (total + k * above) / (borne + k), above)
        seen[here] = n
    return offsets, seen


def _deepest(levels: Ints) -> Ints:
    last = (levels >= 0).sum(axis=1) - 1
    found: Ints = levels[np.arange(len(levels)), last]
    return found
