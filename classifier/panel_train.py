"""Trains a second stage on graded questions: trees, levels, cuts, and a record of how they were made."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from classifier import calibration, lessons, means, stopping, verifier_artifact, verifier_train
from classifier.calibration import Calibration
from classifier.evidence import ASK, FEATURES, SHARED
from classifier.lessons import Floats, Lessons
from classifier.questions import Question, strengths
from classifier.stopping import Cuts, Stages
from classifier.train import DEFAULT_SALT, TrainingError
from classifier.verifier_artifact import Level, Manifest, Stop
from classifier.verifier_train import Best, Ranker, Recipe

LEVELS = ("0.01", "0.02", "0.05")
HOPELESS, MOSTLY_KEPT = 0.1, 0.6
"""Below this chance of being kept later none is asked more; used only where less than this share is kept."""

MORE_TREES = 8
"""Thirds of a recipe's trees that many rows bear; on fewer, more trees overshoot the cuts."""

_HOPELESS_LEVEL, _HOPELESS_TREES = "0.02", 80


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train a second stage; `deviations`: standard errors of margin when its cuts are fixed."""

    recipe: Recipe = field(default_factory=Recipe)
    task_from: str = "request"
    salt: bytes = DEFAULT_SALT
    deviations: float = 1.0


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned: the ranker, who is how strong, and the best candidates by scores out of fold."""

    questions: tuple[Question, ...]
    strength: Mapping[str, float]
    lessons: Lessons
    ranker: Ranker
    best: Best
    plan: Plan

    def unseen(self, questions: Sequence[Question]) -> Best:
        """Returns the best candidates of questions that were not learned from."""
        return self.best_of(self.tabled(questions))

    def tabled(self, questions: Sequence[Question]) -> Lessons:
        """Returns questions that were not learned from as lessons; the recipe makes no difference."""
        paths = lessons.paths_of(questions, self.plan.task_from, self.plan.salt)
        return _renumbered(lessons.tabulate(questions, self.strength, paths), self.lessons)

    def best_of(self, table: Lessons) -> Best:
        """Returns the best candidates of what `tabled` returned."""
        scores = self.ranker.score(table, np.arange(len(table.question)))
        return verifier_train.best(table, np.arange(len(table.big)), scores)


@dataclass(frozen=True, slots=True)
class Read:
    """Questions, who is how strong by them, and their lessons."""

    questions: tuple[Question, ...]
    strength: Mapping[str, float]
    lessons: Lessons


def learn(questions: Sequence[Question], plan: Plan, say: Callable[[str], None] = lambda line: None) -> Learned:
    """Returns the ranker of these questions and its scores out of fold. Raises TrainingError under 40 questions."""
    if len({question.key for question in questions}) < 40:
        raise TrainingError(f"{len(questions)} questions are too few for a second stage; label at least 40")
    say(f"reading the answers to {len(questions)} questions")
    told = read(questions, plan)
    say("fitting folds")
    return taught(told, plan)


def read(questions: Sequence[Question], plan: Plan) -> Read:
    """Returns questions as `taught` takes them; the plan's recipe makes no difference."""
    strength = strengths(questions)
    table = lessons.tabulate(questions, strength, lessons.paths_of(questions, plan.task_from, plan.salt))
    return Read(tuple(questions), strength, table)


def taught(told: Read, plan: Plan) -> Learned:
    """Returns the ranker of questions that were read and its scores out of fold."""
    table, everything = told.lessons, np.arange(len(told.questions), dtype=np.int64)
    recipe, first = _chosen(table, everything, plan.recipe)
    plan = replace(plan, recipe=recipe)
    ranker, scores = verifier_train.blended(table, everything, recipe, first)
    return Learned(told.questions, told.strength, table, ranker, verifier_train.best(table, everything, scores), plan)


def _chosen(table: Lessons, everything: lessons.Ints, recipe: Recipe) -> tuple[Recipe, Floats]:
    """The recipe without or with the request's own measures, whichever errs less out of fold, and one fit's scores.

    They tell tasks apart where applications mix them, and are noise where all questions are of one kind.
    """
    if len(table.question) >= recipe.many_rows:
        recipe = replace(recipe, trees=MORE_TREES * recipe.trees // 3)
    plain = tuple(name for name in recipe.columns if name not in ASK)
    tried = [replace(recipe, columns=columns) for columns in dict.fromkeys((plain, recipe.columns))]
    scores = [verifier_train.out_of_fold(table, everything, one) for one in tried]
    weight = None if table.weight is None else table.weight[table.question]
    errors = [float(np.average((found - table.target) ** 2, weights=weight)) for found in scores]
    best = errors.index(min(errors))
    return tried[best], scores[best]


def _renumbered(table: Lessons, known: Lessons) -> Lessons:
    """The same lessons with their tasks numbered as in those that were learned from; unknown ones stay above."""
    names = {name: i for i, name in enumerate(known.codes.names)}
    levels = np.full((len(table.big), known.codes.levels.shape[1]), -1, dtype=np.int64)
    for column in range(min(levels.shape[1], table.codes.levels.shape[1])):
        for row, node in enumerate(table.codes.levels[:, column].tolist()):
            above = column == 0 or levels[row, column - 1] >= 0
            levels[row, column] = names.get(table.codes.names[node], -1) if node >= 0 and above else -1
    codes = replace(known.codes, levels=levels, models=np.zeros(len(table.big), dtype=np.int64))
    return replace(table, codes=codes)


def later(learned: Learned, cuts: Cuts) -> tuple[Floats, lgb.Booster]:
    """Returns P(these cuts keep at a later stage), out of fold (stages, n), and the trees that tell it of others."""
    own, recipe = learned.best, learned.plan.recipe
    passes = own.stages.score >= np.array(cuts.keep)[:, None]
    after = np.zeros_like(passes)
    for t in range(len(passes) - 2, -1, -1):
        after[t] = after[t + 1] | passes[t + 1]
    xs, y = own.xs.reshape(-1, len(FEATURES)), after.ravel().astype(np.float64)
    fold = np.tile(verifier_train.folds(learned.lessons.groups, recipe), len(passes))
    chances = np.zeros(len(y))
    for k in np.unique(fold):
        chances[fold == k] = _chance(_hopeless_trees(xs[fold != k], y[fold != k], recipe), xs[fold == k])
    return chances.reshape(passes.shape), _hopeless_trees(xs, y, recipe)


def unseen_later(trees: lgb.Booster, unseen: Best) -> Floats:
    """Returns P(kept later) of questions that were not learned from, (stages, n)."""
    return _chance(trees, unseen.xs.reshape(-1, len(FEATURES))).reshape(unseen.stages.score.shape)


def finish(learned: Learned, say: Callable[[str], None] = lambda line: None) -> tuple[Manifest, dict[str, str]]:
    """Returns the manifest and the trees of a second stage that can be saved: levels and cuts of each panel."""
    say("fitting what knows no model by name")
    plan, table = learned.plan, learned.lessons
    everything = np.arange(len(learned.questions), dtype=np.int64)
    agnostic = verifier_train.fit(table, everything, replace(plan.recipe, columns=tuple(SHARED)))
    say("fixing cuts")
    levels = [_level(learned, members) for members in _panels(learned.questions)]
    usual = stopping.in_sequence(learned.best.stages, float(_HOPELESS_LEVEL), plan.deviations)
    _, hopeless = later(learned, usual)
    manifest = Manifest(
        strength=learned.strength,
        slots=lessons.slots_of(learned.strength),
        kinds=tuple(sorted({question.ask.kind for question in learned.questions if question.ask.kind})),
        means=means.tree(table.codes, learned.ranker.fitted, plan.recipe.smoothing),
        salt=plan.salt,
        levels=tuple(levels),
        training=account(learned),
        smooth=learned.ranker.smooth,
    )
    texts = (learned.ranker.trees, agnostic.trees, hopeless)
    return manifest, {n: t.model_to_string() for n, t in zip(verifier_artifact.TREES, texts, strict=True)}


def account(learned: Learned) -> dict[str, Any]:
    """Returns what a reader of the artifact should know of its making."""
    questions, recipe = learned.questions, learned.plan.recipe
    lines = sorted(
        f"{label.key} {label.small_model} {label.small_quality!r} {q.big!r}" for q in questions for label in q.labels
    )
    groups = Counter(
        (q.label.source, tuple(label.small_model for label in q.labels), q.label.large_model, q.label.licence)
        for q in questions
    )
    panels = [
        {"source": source, "members": list(members), "big": big, "licence": licence, "questions": n}
        for (source, members, big, licence), n in sorted(groups.items())
    ]
    settings = {name: getattr(recipe, name) for name in Recipe.__slots__ if name != "columns"}
    return {
        "rows": len(learned.lessons.question),
        "questions": len({question.key for question in questions}),
        "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16],
        "panels": panels,
        "settings": settings | {"trees_weigh": learned.ranker.trees_weigh} | _planned(learned.plan),
        "feature_set": verifier_artifact.feature_digest(),
        "features": len(FEATURES),
        "versions": {"lightgbm": lgb.__version__, "numpy": np.__version__},
    }


def _planned(plan: Plan) -> dict[str, Any]:
    return {"task_from": plan.task_from, "deviations": plan.deviations}


def _level(learned: Learned, members: tuple[str, ...]) -> Level:
    own = np.array([_members(question) == members for question in learned.questions])
    part = learned.best.stages.of(own)
    curve = calibrate(part)
    return Level(
        members=members,
        calibration=curve,
        sequence={t: stop(stopping.in_sequence(part, float(t), learned.plan.deviations), curve) for t in LEVELS},
        at_once={t: stop(stopping.at_once(part, float(t), learned.plan.deviations), curve) for t in LEVELS},
    )


def calibrate(stages: Stages) -> Calibration:
    """Returns the curve from expected gain to P(s >= b), bent for each stage; it falls strictly, so that cuts on the
    one are cuts on the other."""
    digests = [str(t + 1) for t in range(len(stages.score)) for _ in range(stages.n)]
    gains = -stages.score.ravel()
    weight = None if stages.belief is None else np.tile(stages.belief, len(stages.score))
    fitted = calibration.fit(gains, (stages.grade >= stages.big).ravel(), digests, weight)
    low, high = float(gains.min()) - 0.05, float(gains.max()) + 0.05
    first, last = fitted.chances[0], fitted.chances[-1]
    xs = [low, *fitted.gains, high]
    ys = [1 - (1 - first) / 2, *fitted.chances, last / 2]
    falling = np.array(ys) - 1e-6 * np.arange(len(ys))  # flat runs of pooled blocks keep their order
    return Calibration(tuple(np.round(xs, 6).tolist()), tuple(np.round(falling, 8).tolist()), fitted.heads)


def stop(cuts: Cuts, curve: Calibration) -> Stop:
    """Returns cuts on scores as cuts on `p_kept`, stage by stage."""
    keep = [
        None if cut == stopping.NEVER else round(curve.p_good(-cut, str(t)), 9) for t, cut in enumerate(cuts.keep, 1)
    ]
    return Stop(tuple(keep), HOPELESS)


def _members(question: Question) -> tuple[str, ...]:
    return tuple(label.small_digest for label in question.labels)


def _panels(questions: Sequence[Question]) -> list[tuple[str, ...]]:
    return sorted({_members(question) for question in questions})


def _chance(trees: lgb.Booster, xs: NDArray[np.float32]) -> Floats:
    return np.asarray(trees.predict(xs, num_threads=1), dtype=np.float64)


def _hopeless_trees(xs: NDArray[np.float32], y: Floats, recipe: Recipe) -> lgb.Booster:
    parameters = recipe.parameters(len(y), "binary")
    data = lgb.Dataset(xs, y, feature_name=list(FEATURES), params=parameters)
    return lgb.train(parameters, data, num_boost_round=_HOPELESS_TREES)
