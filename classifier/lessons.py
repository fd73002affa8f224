"""What the second stage learns from: a row for each question, number of answers so far and distinct value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier import evidence, means
from classifier.evidence import FEATURES, SLOTS, Candidate
from classifier.means import Codes
from classifier.questions import Question
from classifier.train import path_of, weights_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Rows as arrays: xs (n, d); of each row its question, stage (answers so far), candidate's grade and support.

    `groups`, `big`, `codes` (task paths) are of the questions, and two weights (mean 1, None where all weigh the same):
    `drawn`, for how many each stands, to measure and to cut with, and `weight`, that times its trust, to fit with.
    """

    xs: NDArray[np.float32]
    question: Ints
    stage: Ints
    grade: Floats
    support: Floats
    groups: Ints
    big: Floats
    strongest: Floats
    codes: Codes
    stages: int
    drawn: Floats | None = None
    weight: Floats | None = None

    @property
    def target(self) -> Floats:
        """Quality of the candidate over the big model's, in [-1, 1]."""
        return self.grade - self.big[self.question]


def slots_of(strength: Mapping[str, float]) -> dict[str, int]:
    """Returns a column for each of the strongest models, by digest."""
    ranked = sorted(strength, key=lambda digest: (-strength[digest], digest))
    return {digest: slot for slot, digest in enumerate(ranked[:SLOTS])}


def tabulate(questions: Sequence[Question], strength: Mapping[str, float], paths: Sequence[tuple[str, ...]]) -> Lessons:
    """Returns the lessons of questions whose panels may differ; `paths` are their tasks."""
    slots, out = slots_of(strength), _Rows([], [], [], [], [])
    for i, question in enumerate(questions):
        for stage in range(1, len(question.labels) + 1):
            found, table = _weighed(question, stage, strength)
            evidence.mark(table, found, question.digests[:stage], slots)
            out.xs.append(table)
            out.question.extend([i] * len(found))
            out.stage.extend([stage] * len(found))
            out.grade.extend(question.grades[one.best] for one in found)
            out.support.extend(float(len(one.supporters)) for one in found)
    keys = {key: i for i, key in enumerate(sorted({question.key for question in questions}))}
    return Lessons(
        xs=np.concatenate(out.xs) if out.xs else np.empty((0, len(FEATURES)), dtype=np.float32),
        question=np.array(out.question, dtype=np.int64),
        stage=np.array(out.stage, dtype=np.int64),
        grade=np.array(out.grade),
        support=np.array(out.support),
        groups=np.array([keys[question.key] for question in questions], dtype=np.int64),
        big=np.array([question.big for question in questions]),
        strongest=np.array([_strongest(question, strength) for question in questions]),
        codes=means.number(paths, ["*"] * len(questions)),
        stages=max(len(question.labels) for question in questions),
        drawn=weights_of([question.label.drawn for question in questions]),
        weight=weights_of([question.label.drawn * question.label.trust for question in questions]),
    )


def _weighed(
    question: Question, stage: int, strength: Mapping[str, float]
) -> tuple[Sequence[Candidate], NDArray[np.float32]]:
    """The values among the first answers and their evidence: read again, or as it was written down, then with whom the
    strongest supports by what is known now."""
    if not question.stages:
        answers = question.answers[:stage]
        read = evidence.candidates(answers, strength)
        return read, evidence.rows(read, answers, question.ask, strength)
    found, table = question.stages[stage - 1].found, question.stages[stage - 1].table.copy()
    first = min(range(stage), key=lambda i: (-strength.get(question.digests[i], -1.0), i))
    table[:, FEATURES.index("strongest_supports")] = [float(first in one.supporters) for one in found]
    return found, table


def paths_of(questions: Sequence[Question], task_from: str, salt: bytes) -> list[tuple[str, ...]]:
    """Returns the questions' task paths, () each when no task is to be known."""
    return [path_of(question.label, task_from, salt) for question in questions]


def _strongest(question: Question, strength: Mapping[str, float]) -> float:
    """The grade of the answer by the model known to be best."""
    pairs = zip(question.digests, question.grades, strict=True)
    return max(pairs, key=lambda pair: strength.get(pair[0], -1.0))[1]


@dataclass(frozen=True, slots=True)
class _Rows:
    xs: list[NDArray[np.float32]]
    question: list[int]
    stage: list[int]
    grade: list[float]
    support: list[float]
