"""What panels answered, as the ledger holds it, as questions for the second stage to learn from: evidence, no text."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from classifier.answers import Asked
from classifier.evidence import FEATURES, KINDS, Candidate
from classifier.harvest import HarvestError
from classifier.label import Known, Label
from classifier.questions import Question, Stage
from classifier.verifier_artifact import feature_digest

MIN_QUESTIONS = 10
"""Questions below which nothing is said of a panel; to learn from, more are needed (`panel_train.learn`)."""


@dataclass(frozen=True, slots=True)
class Value:
    """One distinct value that was given: by which models (digests, the one whose text goes out first), and its evidence
    as packed float32; None of those that said nothing that can be compared."""

    by: tuple[str, ...]
    evidence: bytes | None


@dataclass(frozen=True, slots=True)
class Weighing:
    """What was heard after `stage` answers; `cut`: what was enough then, None where nothing was; `names`: the digest of
    what the evidence's numbers mean."""

    exchange: str
    stage: int
    cut: float | None
    names: str
    values: tuple[Value, ...]


def hear(labels: Iterable[Label], weighings: Iterable[Weighing], members: Sequence[str]) -> list[Question]:
    """Returns the questions that a panel (digests in asking order) was heard on to its end, every answer graded.

    Where a cut could have ended it early it is left out: there, who was heard to the end was a hard question. The first
    answer alone is always heard. In the order of the exchanges. Raises HarvestError that says what is missing.
    """
    graded: dict[str, dict[str, Label]] = {}
    for label in labels:
        graded.setdefault(label.prompt_id, {})[label.small_digest] = label
    heard: dict[str, list[Weighing]] = {}
    for weighing in weighings:
        if weighing.stage <= len(members):
            heard.setdefault(weighing.exchange, []).append(weighing)
    found: list[Question] = []
    missing: Counter[str] = Counter()
    for exchange in sorted(heard):
        own, stages = graded.get(exchange, {}), sorted(heard[exchange], key=lambda one: one.stage)
        if why := _unfit(own, stages, members):
            missing[why] += 1
        else:
            found.append(_question([own[digest] for digest in members], stages))
    _enough(found, missing)
    return found


def _unfit(own: Mapping[str, Label], stages: Sequence[Weighing], members: Sequence[str]) -> str:
    """Why an exchange teaches nothing of this panel, "" where it does."""
    if [one.stage for one in stages] != list(range(1, len(members) + 1)) or not all(
        sorted(digest for value in one.values for digest in value.by) == sorted(members[: one.stage]) for one in stages
    ):
        return "heard other models, or not all of them once and in this order"
    if any(one.cut is not None for one in stages[:-1]):
        return "could have ended early, since a cut was in force"
    if any(one.names != feature_digest() for one in stages):
        return "have evidence that this release does not read"
    if not all(digest in own for digest in members):
        return "have not every answer graded, or are held out"
    return ""


def _question(labels: Sequence[Label], weighings: Sequence[Weighing]) -> Question:
    places = {label.small_digest: i for i, label in enumerate(labels)}
    stages = tuple(_stage(weighing, places) for weighing in weighings)
    kind = int(stages[0].table[0, FEATURES.index("kind")])
    known = labels[0].known or Known(np.empty(0, dtype=np.float32), (), "")
    ask = Asked(KINDS[kind] if kind >= 0 else None, 0, 0, 0, known.features, None)
    return Question(labels[0], tuple(labels), ask, (), stages)


def _stage(weighing: Weighing, places: Mapping[str, int]) -> Stage:
    """Candidates over the question's answers; where all abstained, the one without support, as when it was served."""
    found, rows = [], []
    silent = next((value.by for value in weighing.values if value.evidence is None), ())
    for value in weighing.values:
        if value.evidence is not None:
            by = tuple(places[digest] for digest in value.by)
            best = by[0] if by else min(places[digest] for digest in silent)
            found.append(Candidate("" if by else None, tuple(sorted(by)), best))
            rows.append(np.frombuffer(value.evidence, dtype="<f4"))
    table = np.array(rows, dtype=np.float32)
    table[:, [i for i, name in enumerate(FEATURES) if name.startswith("who_")]] = nan
    return Stage(tuple(found), table)


def _enough(found: Sequence[Question], missing: Mapping[str, int]) -> None:
    have = len({question.key for question in found})
    if have >= MIN_QUESTIONS:
        return
    gaps = "".join(f"; {n} {why}" for why, n in sorted(missing.items()))
    raise HarvestError(
        f"the ledger holds {have} questions on which this panel was heard to its end and every answer is graded{gaps}. "
        "Let a policy without `keep_cut` try the panel out (`panel: …, judges: [verifier]` with `shadow: {share: 1}`)"
    )
