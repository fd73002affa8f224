"""The ways that `bench.panel` measures: each learns and fixes its cuts on some questions and is played on others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from classifier import curve, means, panel, panel_train, train
from classifier.evaluate import LEVELS, Options
from classifier.label import Label
from classifier.lessons import Floats
from classifier.means import Smoothing
from classifier.panel_train import Plan
from classifier.questions import Question
from classifier.stopping import Outcome, Stages

QUESTION, ANSWER, TURNS, ONCE = WAYS = (
    "question only",
    "+ answer evidence",
    "+ panel in sequence",
    "+ panel at once",
)
WHICH = "which model for the task"
CONTROLS = ("always small", "length", "task mean", "random mix", "oracle")
SAFE = 1.645
"""Standard errors that a safe cut adds: the upper end of a one-sided 95 % interval on the questions it was fixed on."""


@dataclass(frozen=True)
class Run:
    """How to measure: the recipe and its margin on every cut, prices, draws; how many members confer."""

    plan: Plan
    options: Options
    members: int

    def safe(self) -> "Run":
        """Returns the same with cuts whose upper bound is within the level."""
        return replace(self, plan=replace(self.plan, deviations=SAFE))


Made = dict[str, dict[str, Outcome]]
Parts = tuple[Sequence[Question], Sequence[Question]]


def ways(learned: Sequence[Question], unseen: Sequence[Question], run: Run) -> tuple[Made, Made]:
    """Returns what each way does with the unseen questions at each level: by point cuts, and by safe ones."""
    parts = (learned, unseen)
    scored = {
        QUESTION: question_scores(parts, run),
        "length": _lengths(parts),
        "task mean": (task_scores(parts, run, (0,))),
    }
    point, safe = ({name: _cut(*scores, parts, one) for name, scores in scored.items()} for one in (run, run.safe()))
    everyone = range(len(learned[0].labels))
    if len(everyone) > 1:
        which = task_scores(parts, run, tuple(everyone))
        point[WHICH], safe[WHICH] = (_cut(*which, parts, one) for one in (run, run.safe()))
    for made, more in zip((point, safe), _conferring(parts, run), strict=True):
        made.update(more)
    return point, safe


def _conferring(parts: Parts, run: Run) -> tuple[Made, Made]:
    """What the second stage does with one answer, and with a panel's in turn and at once; each trained once."""
    found: tuple[Made, Made] = ({}, {})
    for size in sorted({1, run.members}):
        learned, unseen = ([panel.reordered(one, tuple(range(size))) for one in part] for part in parts)
        point = panel_train.learn(learned, run.plan)
        safe = replace(point, plan=run.safe().plan)
        best = point.unseen(unseen)
        for made, one in zip(found, (point, safe), strict=True):
            turns = {level: panel.sequence(one, best, float(level))[0] for level in LEVELS}
            made[TURNS if size > 1 else ANSWER] = turns
            if size > 1:
                made[ONCE] = {level: panel.together(one, best, float(level))[0] for level in LEVELS}
    return found


def question_scores(parts: Parts, run: Run) -> tuple[Floats, Floats, Floats, Floats]:
    """Returns the first stage's expected gain of the big model, out of fold and unseen, with the grades there."""
    learned, unseen = parts
    settings = train.Settings(seed=run.plan.recipe.seed, task_from=run.plan.task_from)
    made = train.train([paired(question) for question in learned], settings)
    table = train.tabulate([paired(question) for question in unseen], run.plan.task_from, made.classifier.salt)
    scorer = made.classifier.scorer
    return made.out_of_fold, scorer.gains(table.xs, table.paths, table.digests), first(learned), first(unseen)


def task_scores(parts: Parts, run: Run, members: Sequence[int]) -> tuple[Floats, Floats, Floats, Floats]:
    """Returns, by the smoothed mean of the category alone, the least expected gain over the members and whose grade.

    With one member it is the control; with several it says which small model is asked for the task.
    """
    learned, unseen = parts
    questions = [*learned, *unseen]
    n, codes = len(learned), _codes(questions)
    gains = np.array([[one.big - one.grades[m] for one in questions] for m in members])
    fold = np.array([hash_of(one.key) % run.plan.recipe.folds for one in learned])
    scores = np.empty(gains.shape)
    for row, gain in zip(scores, gains, strict=True):
        for k in np.unique(fold):
            own = np.flatnonzero(fold == k)
            row[own] = means.fit(codes, gain, np.flatnonzero(fold != k), Smoothing()).encode(codes, own)
        row[n:] = means.fit(codes, gain, np.arange(n), Smoothing()).encode(codes, np.arange(n, len(questions)))
    chosen = scores.argmin(axis=0)
    grade = np.array([one.grades[members[m]] for one, m in zip(questions, chosen.tolist(), strict=True)])
    return scores.min(axis=0)[:n], scores.min(axis=0)[n:], grade[:n], grade[n:]


def _codes(questions: Sequence[Question]) -> means.Codes:
    paths = [train.path_of(one.label, "category", b"") for one in questions]
    return means.number(paths, ["*"] * len(questions))


def hash_of(key: str) -> int:
    """Returns a number of a question's key, the same on every machine."""
    return int.from_bytes(key.encode()[-8:], "big") % 1_000_003


def _lengths(parts: Parts) -> tuple[Floats, Floats, Floats, Floats]:
    learned, unseen = ([float(question.ask.chars) for question in part] for part in parts)
    return np.array(learned), np.array(unseen), first(parts[0]), first(parts[1])


def _cut(  # noqa: PLR0913  # a score and a grade on either side, and whose they are
    before: Floats, score: Floats, learned: Floats, grade: Floats, parts: Parts, run: Run
) -> dict[str, Outcome]:
    """Returns what a cut on the score does with the unseen questions, fixed on the learned ones' scores."""
    own = panel.side(parts[0], _stages(learned, parts[0]), run.options)
    grades = curve.Grades(learned, own.stages.big, own.costs.small[0], own.costs.large, own.groups)
    ranking, found = curve.rank(before), {}
    for level in LEVELS:
        kept = score <= curve.cut(ranking, grades, float(level), run.plan.deviations)
        found[level] = Outcome(kept, np.where(kept, grade, 0.0), kept.astype(np.float64))
    return found


def oracle(questions: Sequence[Question], run: Run) -> dict[str, Outcome]:
    """Returns what somebody who knows every grade would keep of the strongest model's answers."""
    own = panel.side(questions, stages_of(questions), run.options)
    grade = first(questions)
    grades = curve.Grades(grade, own.stages.big, own.costs.small[0], own.costs.large, own.groups)
    gain, ranking, found = grades.gain, curve.rank(grades.gain), {}
    for level in LEVELS:
        kept = gain <= curve.cut(ranking, grades, float(level), 0.0)
        found[level] = Outcome(kept, np.where(kept, grade, 0.0), kept.astype(np.float64))
    return found


def first(questions: Sequence[Question]) -> Floats:
    """Returns the grades of the strongest model, which is asked first."""
    return np.array([question.grades[0] for question in questions])


def stages_of(questions: Sequence[Question]) -> Stages:
    """Returns the questions as a panel of their first member alone."""
    return _stages(first(questions), questions)


def _stages(grade: Floats, questions: Sequence[Question]) -> Stages:
    big = np.array([question.big for question in questions])
    return Stages(np.zeros((1, len(big))), grade[None, :], big)


def paired(question: Question) -> Label:
    """Returns the strongest model's row, against the big model of the case."""
    one, against = question.labels[0], question.label
    return replace(one, large_quality=against.large_quality, large_model=against.large_model)
