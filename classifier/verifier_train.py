"""Trains the second stage on graded panels: small, slow trees, scored out of fold."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from classifier import means, smooth_train
from classifier.averaged import averaged
from classifier.evidence import FEATURES, KNOWN, TASK
from classifier.lessons import Floats, Ints, Lessons
from classifier.means import Fitted, Smoothing
from classifier.smooth import Smooth
from classifier.stopping import Stages


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the second stage is trained. Larger trees cost up to 13 points of share on public panels.

    `fits`: of how many fits, by other rows and columns, the trees are the mean; `smooth`: whether tables and curves
    (`classifier/smooth.py`) stand beside them.
    """

    seed: int = 7
    folds: int = 5
    trees: int = 150
    leaves: int = 4
    rate: float = 0.03
    min_child: int = 80
    share: float = 0.7
    l2: float = 5.0
    pseudo_rows: float = 30.0
    min_rows: int = 10
    many_rows: int = 10_000
    columns: tuple[str, ...] = KNOWN
    fits: int = 3
    smooth: bool = True

    @property
    def smoothing(self) -> Smoothing:
        """How task means are smoothed; a panel has no offsets by model, its columns say who is who."""
        return Smoothing(self.pseudo_rows, self.min_rows, False)

    def parameters(self, n: int, objective: str = "regression") -> dict[str, Any]:
        """Returns LightGBM's parameters for n rows; one thread, so that the same rows give the same bytes."""
        return {
            "objective": objective,
            "num_leaves": self.leaves,
            "min_data_in_leaf": max(5, min(self.min_child, n // 30)),
            "learning_rate": self.rate,
            "lambda_l2": self.l2,
            "bagging_fraction": self.share,
            "bagging_freq": 1,
            "feature_fraction": self.share,
            "seed": self.seed,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }


class Scorer(Protocol):
    """What was learned from some questions and scores the rows of others."""

    def score(self, lessons: Lessons, rows: Ints) -> Floats:
        """Returns the expected gain of lesson rows."""


@dataclass(frozen=True, slots=True)
class Ranker:
    """Trees, and tables and curves where there are any, on what the task means leave over.

    Together the expected quality over the big model's. `trees_weigh`: the trees' part of it, `smooth` has the rest.
    """

    trees: lgb.Booster
    fitted: Fitted
    columns: Ints
    smooth: Smooth | None = None
    trees_weigh: float = 1.0

    def score(self, lessons: Lessons, rows: Ints) -> Floats:
        """Returns the expected gain of lesson rows."""
        offsets = self.fitted.encode(lessons.codes, lessons.question[rows])
        xs = _with_task(lessons.xs[rows], offsets)
        raw = self.trees.predict(xs[:, self.columns], num_threads=1, raw_score=True)
        rest = 0.0 if self.smooth is None else smooth_train.score(self.smooth, xs)
        return offsets + np.asarray(raw, dtype=np.float64) + rest


@dataclass(frozen=True, slots=True)
class _Smoothed:
    """Tables and curves alone."""

    smooth: Smooth
    fitted: Fitted

    def score(self, lessons: Lessons, rows: Ints) -> Floats:
        offsets = self.fitted.encode(lessons.codes, lessons.question[rows])
        return offsets + smooth_train.score(self.smooth, _with_task(lessons.xs[rows], offsets))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of some questions, with what the means of other folds say of their tasks, and the means of all."""

    rows: Ints
    offsets: Floats
    fitted: Fitted
    weight: Floats | None

    @staticmethod
    def of(lessons: Lessons, questions: Ints, recipe: Recipe) -> "_Rows":
        gain, smoothing = lessons.strongest - lessons.big, recipe.smoothing
        fold, expected = folds(lessons.groups, recipe), np.zeros(len(lessons.big))
        for k in np.unique(fold[questions]):
            others, own = questions[fold[questions] != k], questions[fold[questions] == k]
            among = means.fit(lessons.codes, gain, others, smoothing, lessons.weight)
            expected[own] = among.encode(lessons.codes, own)
        rows = np.flatnonzero(np.isin(lessons.question, questions))
        weight = None if lessons.weight is None else lessons.weight[lessons.question[rows]]
        fitted = means.fit(lessons.codes, gain, questions, smoothing, lessons.weight)
        return _Rows(rows, expected[lessons.question[rows]], fitted, weight)


def fit(lessons: Lessons, questions: Ints, recipe: Recipe) -> Ranker:
    """Returns one fit of the trees to the given questions; the task means that they see are of other folds."""
    own = _Rows.of(lessons, questions, recipe)
    columns = np.array([FEATURES.index(name) for name in recipe.columns], dtype=np.int64)
    data = lgb.Dataset(
        _with_task(lessons.xs[own.rows], own.offsets)[:, columns],
        lessons.target[own.rows],
        weight=own.weight,
        init_score=own.offsets,
        feature_name=list(recipe.columns),
        params=recipe.parameters(len(own.rows)),
    )
    trees = lgb.train(recipe.parameters(len(own.rows)), data, num_boost_round=recipe.trees)
    return Ranker(trees, own.fitted, columns)


def _fit_smooth(lessons: Lessons, questions: Ints, recipe: Recipe) -> _Smoothed:
    own = _Rows.of(lessons, questions, recipe)
    xs = _with_task(lessons.xs[own.rows], own.offsets)
    return _Smoothed(smooth_train.fit(xs, lessons.target[own.rows] - own.offsets, own.weight), own.fitted)


def blended(lessons: Lessons, questions: Ints, recipe: Recipe, first: Floats) -> tuple[Ranker, Floats]:
    """Returns the mean of the recipe's fits and, as far as that errs less out of fold, tables and curves; its scores.

    `first`: the scores out of fold of the recipe's own seed. One fit, and one draw of the folds, moves a share by a
    point; and where few rows lie, curves err otherwise than trees do.
    """
    seeds = [replace(recipe, seed=recipe.seed + i) for i in range(recipe.fits)]
    scores: Floats = np.mean([first, *(out_of_fold(lessons, questions, one) for one in seeds[1:])], axis=0)
    fits = [fit(lessons, questions, one) for one in seeds]
    part, curved = 1.0, scores
    if recipe.smooth:
        curved = out_of_fold(lessons, questions, recipe, _fit_smooth)
        part = round(_part(lessons, scores, curved), 4)
    curves = None
    if part < 1.0:
        curves = smooth_train.scaled(_fit_smooth(lessons, questions, recipe).smooth, 1.0 - part)
    ranker = replace(fits[0], trees=averaged([one.trees for one in fits], part), smooth=curves, trees_weigh=part)
    return ranker, part * scores + (1.0 - part) * curved


def _part(lessons: Lessons, trees: Floats, curved: Floats) -> float:
    """The part of the trees, 0 to 1, with which both together err least."""
    apart, known = trees - curved, np.isfinite(trees)
    w = np.ones(len(apart)) if lessons.weight is None else lessons.weight[lessons.question]
    between, beyond = (w * apart**2)[known].sum(), (w * apart * (lessons.target - curved))[known].sum()
    return float(np.clip(beyond / between, 0.0, 1.0)) if between > 0 else 1.0


def _with_task(xs: NDArray[np.float32], gain: Floats) -> NDArray[np.float32]:
    """The rows (a copy) with the mean gain of their tasks, so that agreement may count for more in one than another."""
    xs[:, FEATURES.index(TASK)] = gain
    return xs


def out_of_fold(
    lessons: Lessons, questions: Ints, recipe: Recipe, learn: Callable[[Lessons, Ints, Recipe], Scorer] = fit
) -> Floats:
    """Returns each lesson row's score by what saw none of its question's fold; NaN outside `questions`."""
    fold, scores = folds(lessons.groups, recipe), np.full(len(lessons.question), np.nan)
    for k in np.unique(fold[questions]):
        ranker = learn(lessons, questions[fold[questions] != k], recipe)
        own = np.flatnonzero(np.isin(lessons.question, questions[fold[questions] == k]))
        scores[own] = ranker.score(lessons, own)
    return scores


def folds(groups: Ints, recipe: Recipe) -> Ints:
    """Returns each question's fold; equal questions are in one."""
    shuffled = np.random.default_rng(recipe.seed).permutation(int(groups.max()) + 1)
    return np.asarray(shuffled[groups] % recipe.folds, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Best:
    """The best-scored candidate of each stage: its evidence (stages, n, d) and what `stopping` needs of it."""

    xs: NDArray[np.float32]
    stages: Stages


def best(lessons: Lessons, questions: Ints, scores: Floats) -> Best:
    """Returns the best candidate of each question at each stage; of equal scores the one with most support."""
    order = np.lexsort((-lessons.support, -scores, lessons.stage, lessons.question))
    question, stage = lessons.question[order], lessons.stage[order]
    first = np.r_[True, (question[1:] != question[:-1]) | (stage[1:] != stage[:-1])]
    table = np.zeros((lessons.stages, len(lessons.big)), dtype=np.int64)
    table[stage[first] - 1, question[first]] = order[first]
    rows = table[:, questions]
    drawn, belief = (None if w is None else w[questions] for w in (lessons.drawn, lessons.weight))
    stages = Stages(scores[rows], lessons.grade[rows], lessons.big[questions], weight=drawn, belief=belief)
    stages = replace(stages, groups=lessons.groups[questions])
    return Best(lessons.xs[rows], stages)
