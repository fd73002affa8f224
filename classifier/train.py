"""Labelled rows to an artifact: task means, trees on the rest, calibration; same seed, same bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np
import orjson
from numpy.typing import NDArray

from classifier import calibration, forms_train, means
from classifier.account import account
from classifier.artifact import Classifier, Manifest, spread_of
from classifier.features import FEATURES, extract
from classifier.label import Label
from classifier.means import Codes, Smoothing
from classifier.task import named_path, task_path

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

"""Where a row's task comes from: its request, as when serving; its source and category; nowhere."""

DEFAULT_SALT = b"smallfirst"


class TrainingError(ValueError):
    """The rows do not suffice to train on; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. The same for every artifact that ships. With `form_questions` 0 every form is known."""

    seed: int = 7
    task_from: str = "request"
    salt: bytes = DEFAULT_SALT
    folds: int = 5
    trees: int = 120
    leaves: int = 7
    min_child: int = 100
    rate: float = 0.04
    l2: float = 20.0
    row_share: float = 0.8
    feature_share: float = 0.5
    pseudo_rows: float = 30.0
    template_pseudo_rows: float = 100.0
    min_rows: int = 10
    form_questions: int = 3

    @property
    def smoothing(self) -> Smoothing:
        """How means that come before the trees are smoothed."""
        return Smoothing(self.pseudo_rows, self.min_rows, self.task_from == "category")

    @property
    def smoothing_left(self) -> Smoothing:
        """How means of what the trees leave over are smoothed; without a task no model's own offset is used."""
        return Smoothing(self.template_pseudo_rows, self.min_rows, self.task_from != "none")

    @property
    def shown(self) -> dict[str, Any]:
        """All settings but the salt, by name: what an artifact tells of them."""
        return {name: getattr(self, name) for name in Settings.__slots__ if name != "salt"}

    def early(self, codes: Codes) -> Codes:
        """Returns the places whose means come before the trees: named tasks, else applications alone."""
        return means.apart(codes) if self.task_from == "request" else codes


@dataclass(frozen=True, slots=True)
class Table:
    """Labelled rows as arrays: xs (n, d), gain (n,), good (n,), folds' group numbers (n,), weights (n,) or None."""

    labels: tuple[Label, ...]
    paths: tuple[tuple[str, ...], ...]
    xs: NDArray[np.float32]
    gain: Floats
    groups: Ints
    weight: Floats | None = None

    @property
    def good(self) -> NDArray[np.bool_]:
        """Where the small answer was no worse."""
        return self.gain <= 0

    @property
    def digests(self) -> list[str]:
        """The small model's digest of every row."""
        return [label.small_digest for label in self.labels]


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier, the rows it learned from, and the raw scores they got from folds that had not seen them."""

    classifier: Classifier
    table: Table
    out_of_fold: Floats


def path_of(label: Label, task_from: str, salt: bytes) -> tuple[str, ...]:
    """Returns the task path of a labelled row, () when no task is to be known."""
    if task_from == "request" and label.known is not None:
        return label.known.path
    if task_from == "category":
        return named_path(label.source, label.category, salt)
    return task_path(label.body, salt) if task_from == "request" else ()


def tabulate(labels: Sequence[Label], task_from: str, salt: bytes) -> Table:
    """Returns the rows as arrays; equal requests are read once."""
    seen: dict[bytes, NDArray[np.float32]] = {}
    xs = np.empty((len(labels), len(FEATURES)), dtype=np.float32)
    for i, label in enumerate(labels):
        if label.known is not None:
            xs[i] = label.known.features
            continue
        key = orjson.dumps(label.body)
        if key not in seen:
            seen[key] = extract(label.body)
        xs[i] = seen[key]
    keys = {key: i for i, key in enumerate(sorted({label.key for label in labels}))}
    return Table(
        labels=tuple(labels),
        paths=tuple(path_of(label, task_from, salt) for label in labels),
        xs=xs,
        gain=np.array([label.gain for label in labels]),
        groups=np.array([keys[label.key] for label in labels], dtype=np.int64),
        weight=weights_of([label.drawn * label.trust for label in labels]),
    )


def weights_of(values: Sequence[float]) -> Floats | None:
    """Returns weights (n,) with the mean 1; None where all rows weigh the same."""
    if len(set(values)) < 2:
        return None
    weights = np.array(values, dtype=np.float64)
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def train(labels: Sequence[Label], settings: Settings, say: Callable[[str], None] = lambda line: None) -> Trained:
    """Returns the classifier trained on the rows, and their out-of-fold raw scores.

    Deterministic: the same rows, settings, library versions and machine give the same bytes. `say`
    hears of each stage. Raises TrainingError under 40 rows or 2 distinct questions a fold.
    """
    say(f"reading features of {len(labels)} rows")
    table = tabulate(labels, settings.task_from, settings.salt)
    _enough(table, settings)
    codes = means.number(table.paths, table.digests)
    fold = _folds(table.groups, settings)
    settings, trees = _chosen(table, codes, fold, settings, say)
    say("fitting on all rows")
    everything = np.arange(len(labels), dtype=np.int64)
    booster, fitted = _fit(table, codes, everything, fold, settings)
    if settings.task_from == "request":
        left = means.fit(codes, table.gain - trees, everything, settings.smoothing_left, table.weight)
        fitted = means.joined(codes, fitted, left)
    scores = _completed(table, codes, fold, settings, trees)
    forms = forms_train.fit(_forms(table, codes), everything, settings.form_questions, settings.min_rows)
    manifest = Manifest(
        means=means.tree(codes, fitted, settings.smoothing_left),
        calibration=calibration.fit(scores, table.good, table.digests, table.weight),
        salt=settings.salt,
        spread=spread_of(table.xs),
        training=account(table.labels, len(np.unique(table.groups)), settings.shown, table.weight),
        forms=forms.forms() if settings.form_questions else None,
    )
    return Trained(Classifier(manifest, booster.model_to_string()), table, scores)


def _chosen(
    table: Table, codes: Codes, fold: Ints, settings: Settings, say: Callable[[str], None]
) -> tuple[Settings, Floats]:
    """The settings with leaves as they are or two a tree, whichever errs less, and its scores before `_completed`.

    From about a thousand rows larger trees err more; on one of three sets, more than no tree at all
    (docs/panels-measured.md).
    """
    tried = [settings, replace(settings, leaves=2)]
    trees = [_out_of_fold(table, codes, fold, one, say) for one in tried]
    scores = [_completed(table, codes, fold, settings, found) for found in trees]
    errors = [float(np.average((found - table.gain) ** 2, weights=table.weight)) for found in scores]
    best = errors.index(min(errors))
    return tried[best], trees[best]


def _out_of_fold(table: Table, codes: Codes, fold: Ints, settings: Settings, say: Callable[[str], None]) -> Floats:
    scores, early = np.empty(len(table.gain)), settings.early(codes)
    for k in range(settings.folds):
        say(f"fold {k + 1} of {settings.folds}, trees of {settings.leaves} leaves")
        inside, outside = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        booster, fitted = _fit(table, codes, inside, fold, settings)
        scores[outside] = fitted.encode(early, outside) + booster.predict(table.xs[outside], num_threads=1)
    return scores


def _completed(table: Table, codes: Codes, fold: Ints, settings: Settings, trees: Floats) -> Floats:
    """Returns the out-of-fold scores `trees` with the means, of other folds, of what they left over.

    Templates and models come after the trees: most of what the first words tell, the trees tell better, and a model
    that was asked other questions than the rest would stand for them (docs/classifier.md#templates-after-the-trees).
    A row whose form the other folds did not have is scored as such rows are served.
    """
    scores, left, forms = trees.copy(), table.gain - trees, _forms(table, codes)
    for k in range(settings.folds):
        inside, outside = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        if settings.task_from == "request":
            fitted = means.fit(codes, left, inside, settings.smoothing_left, table.weight)
            scores[outside] += fitted.encode(codes, outside)
        if settings.form_questions:
            known = forms_train.fit(forms, inside, settings.form_questions, settings.min_rows)
            scores[outside[known.unseen(forms, outside)]] = known.expected
    return scores


def _forms(table: Table, codes: Codes) -> forms_train.Rows:
    sources = [label.source for label in table.labels]
    return forms_train.rows_of(table.xs, codes, table.groups, sources, (table.gain, table.weight))


def _fit(table: Table, codes: Codes, rows: Ints, fold: Ints, settings: Settings) -> tuple[lgb.Booster, means.Fitted]:
    """Returns trees and the means before them, of the given rows; what the trees learn from are means of other folds.

    A row's own label in its mean would leak: the trees would learn to undo it.
    """
    early = settings.early(codes)
    fitted = means.fit(early, table.gain, rows, settings.smoothing, table.weight)
    expected = np.empty(len(rows))
    for k in np.unique(fold[rows]):
        others, own = rows[fold[rows] != k], np.flatnonzero(fold[rows] == k)
        among = means.fit(early, table.gain, others, settings.smoothing, table.weight)
        expected[own] = among.encode(early, rows[own])
    parameters = _parameters(settings, len(rows))
    data = lgb.Dataset(
        table.xs[rows],
        table.gain[rows],
        weight=None if table.weight is None else table.weight[rows],
        init_score=expected,
        feature_name=list(FEATURES),
        params=parameters,
    )
    return lgb.train(parameters, data, num_boost_round=settings.trees), fitted


def _parameters(settings: Settings, n: int) -> dict[str, Any]:
    return {
        "objective": "regression",
        "num_leaves": settings.leaves,
        "min_data_in_leaf": max(5, min(settings.min_child, n // 30)),
        "learning_rate": settings.rate,
        "lambda_l2": settings.l2,
        "bagging_fraction": settings.row_share,
        "bagging_freq": 1,
        "feature_fraction": settings.feature_share,
        "seed": settings.seed,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }


def _folds(groups: Ints, settings: Settings) -> Ints:
    shuffled = np.random.default_rng(settings.seed).permutation(int(groups.max()) + 1)
    return np.asarray(shuffled[groups] % settings.folds, dtype=np.int64)


def _enough(table: Table, settings: Settings) -> None:
    questions = len(np.unique(table.groups))
    if len(table.labels) < 40 or questions < 2 * settings.folds:
        raise TrainingError(
            f"{len(table.labels)} rows of {questions} questions are too few to train on; "
            f"label at least 40 rows of {2 * settings.folds} questions"
        )
