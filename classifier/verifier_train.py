"""Graded panels to a second stage: small slow trees on who supports what, scores of folds that had not seen the row."""

from dataclasses import dataclass, replace
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from classifier import means
from classifier.evidence import FEATURES, KNOWN, TASK
from classifier.lessons import Floats, Ints, Lessons
from classifier.means import Fitted, Smoothing
from classifier.stopping import Stages


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the second stage is trained. Larger trees cost up to 13 points of share on public panels."""

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


@dataclass(frozen=True, slots=True)
class Ranker:
    """Trees on what the task means leave over: together the expected quality over the big model's."""

    trees: lgb.Booster
    fitted: Fitted
    columns: Ints

    def score(self, lessons: Lessons, rows: Ints) -> Floats:
        """Returns the expected gain of lesson rows."""
        offsets = self.fitted.encode(lessons.codes, lessons.question[rows])
        xs = _with_task(lessons.xs[rows], offsets)
        raw = self.trees.predict(xs[:, self.columns], num_threads=1, raw_score=True)
        return offsets + np.asarray(raw, dtype=np.float64)


def fit(lessons: Lessons, questions: Ints, recipe: Recipe) -> Ranker:
    """Returns the ranker of the given questions; the task means its trees see are of other folds."""
    gain = lessons.strongest - lessons.big
    fold = folds(lessons.groups, recipe)
    rows = np.flatnonzero(np.isin(lessons.question, questions))
    expected = np.zeros(len(lessons.big))
    for k in np.unique(fold[questions]):
        others, own = questions[fold[questions] != k], questions[fold[questions] == k]
        among = means.fit(lessons.codes, gain, others, recipe.smoothing, lessons.weight)
        expected[own] = among.encode(lessons.codes, own)
    columns = np.array([FEATURES.index(name) for name in recipe.columns], dtype=np.int64)
    offsets = expected[lessons.question[rows]]
    data = lgb.Dataset(
        _with_task(lessons.xs[rows], offsets)[:, columns],
        lessons.target[rows],
        weight=None if lessons.weight is None else lessons.weight[lessons.question[rows]],
        init_score=offsets,
        feature_name=list(recipe.columns),
        params=recipe.parameters(len(rows)),
    )
    trees = lgb.train(recipe.parameters(len(rows)), data, num_boost_round=recipe.trees)
    return Ranker(trees, means.fit(lessons.codes, gain, questions, recipe.smoothing, lessons.weight), columns)


def _with_task(xs: NDArray[np.float32], gain: Floats) -> NDArray[np.float32]:
    """The rows (a copy) with the mean gain of their tasks, so that agreement may count for more in one than another."""
    xs[:, FEATURES.index(TASK)] = gain
    return xs


def out_of_fold(lessons: Lessons, questions: Ints, recipe: Recipe) -> Floats:
    """Returns each lesson row's score by a ranker that saw none of its question's fold; NaN outside `questions`."""
    fold, scores = folds(lessons.groups, recipe), np.full(len(lessons.question), np.nan)
    for k in np.unique(fold[questions]):
        ranker = fit(lessons, questions[fold[questions] != k], recipe)
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
