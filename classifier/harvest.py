"""Labelled exchanges of a ledger as rows to learn from and rows to measure on, without any body."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from classifier.features import FEATURES, feature_set
from classifier.label import Known, Label, Spending
from classifier.labels import apart

GRADERS = ("check", "person", "benchmark", "judge", "feedback", "agreement", "asked_again", "structure")
"""Who grades, the surest first."""

KINDS = ("exact", "graded", "pairwise")
"""Kinds of label, the one that is learned from first where two are equally many."""

MIN_QUESTIONS = 50
"""Questions with both answers graded below which nothing is trained: two fifths of them would decide a fold."""

HELD_OUT = 5
"""One conversation of so many is measured on and never learned from."""

HEAVIEST = 20.0
"""No row stands for more rows than this: one that did would decide a task by itself."""

LICENCE = "this ledger's owner"


class HarvestError(ValueError):
    """The ledger does not hold what training needs; the message says what is missing and how it comes."""


@dataclass(frozen=True, slots=True)
class Graded:
    """One label of one exchange, with what the ledger holds of that exchange.

    `features`: packed float32; `path`: its task; `question`, `conversation`: salted hashes, the first "" where it is
    not known. `small`, `large`: models' names, `digest` the small one's. A quality is None where nobody graded it.
    `inclusion_p`: the chance it had of being graded.
    """

    exchange: str
    created_at: int
    conversation: str
    question: str
    features: bytes
    feature_set: str
    path: tuple[str, ...]
    who: str
    small: str
    digest: str
    large: str
    small_quality: float | None
    large_quality: float | None
    inclusion_p: float
    trust: float
    label_kind: str = "exact"
    spending: Spending = field(default_factory=Spending)

    @property
    def whole(self) -> bool:
        """Whether both answers were graded; an objection grades one, and speaks only where it objects."""
        return self.small_quality is not None and self.large_quality is not None


@dataclass(frozen=True, slots=True)
class Harvest:
    """Rows to learn from, rows to measure on, of other questions, and an account in plain data."""

    learned: tuple[Label, ...]
    measured: tuple[Label, ...]
    account: Mapping[str, Any]


def harvest(rows: Iterable[Graded]) -> Harvest:
    """Returns what the labels teach: one row for each exchange and small model, the surest grader's.

    A conversation is on one side for good. What it shares with one that is measured on, the same question, is not
    learned from; rows of one question have one key, so that folds hold them together. An answer graded alone teaches
    nothing: it was objected to, and one that nobody had to object to would have come here by no chance, which no weight
    mends. Labels are of one kind, the most frequent. Deterministic: the same rows in any order give the same harvest.
    Raises HarvestError.
    """
    given = list(rows)
    whole = [row for row in given if row.whole and _readable(row)]
    kind = _usual(row.label_kind for row in whole)
    usable = [row for row in whole if row.label_kind == kind]
    kept = sorted(_surest(usable), key=lambda pair: (pair[0].exchange, pair[0].digest))
    account = _account(given, kept) | {"label_kind": kind, "other_kinds": len(whole) - len(usable)}
    _enough(account)
    measured = [_label(row, chance) for row, chance in kept if _held_out(row)]
    learned, dropped = apart([_label(row, chance) for row, chance in kept if not _held_out(row)], measured)
    if not measured or not learned:
        raise HarvestError("no conversation is held out, or none asks what no other asks; label more conversations")
    return Harvest(tuple(learned), tuple(measured), account | {"also_held_out": dropped})


def _readable(row: Graded) -> bool:
    return row.feature_set == feature_set() and len(row.features) == 4 * len(FEATURES)


def _usual(kinds: Iterable[str]) -> str:
    """The most frequent kind: a relative loss over several of them would be of nothing in particular."""
    counts = Counter(kinds)
    ranked = sorted(counts, key=lambda kind: (-counts[kind], KINDS.index(kind) if kind in KINDS else len(KINDS), kind))
    return next(iter(ranked), KINDS[0])


def _surest(rows: Iterable[Graded]) -> list[tuple[Graded, float]]:
    """One row for each exchange and small model, with its chance of being labelled by anybody.

    Any of the graders would have brought the answer here, so the surest one's own chance is too low. Two labels by the
    same grader count as one draw.
    """
    byanswer: dict[tuple[str, str], list[Graded]] = {}
    for row in rows:
        byanswer.setdefault((row.exchange, row.digest), []).append(row)
    found = []
    for those in byanswer.values():
        best = min(those, key=lambda row: (_rank(row.who), -row.created_at, repr(row)))
        missed = 1.0
        for who in sorted({row.who for row in those}):
            missed *= 1.0 - max(row.inclusion_p for row in those if row.who == who)
        found.append((best, 1.0 - missed))
    return found


def _rank(who: str) -> int:
    return GRADERS.index(who) if who in GRADERS else len(GRADERS)


def _key(row: Graded) -> str:
    """What the row's question is known by: its hash, or where that is not known its features."""
    return f"q{row.question}" if row.question else f"f{hashlib.sha256(row.features).hexdigest()}"


def _held_out(row: Graded) -> bool:
    """Whether a row is measured on: by the hash of its conversation alone, so that no other row ever moves it."""
    return hashlib.sha256(f"held out {row.conversation}".encode()).digest()[0] % HELD_OUT == 0


def _label(row: Graded, chance: float) -> Label:
    features = np.frombuffer(row.features, dtype="<f4").astype(np.float32)
    return Label(
        prompt_id=row.exchange,
        source="ledger",
        category=row.path[-1] if row.path else "",
        body={},
        key=_key(row),
        small_model=row.small,
        small_digest=row.digest,
        large_model=row.large,
        small_quality=float(row.small_quality or 0.0),
        large_quality=float(row.large_quality or 0.0),
        quality_kind=row.label_kind,
        split="",
        spending=row.spending,
        licence=LICENCE,
        known=Known(features, row.path, row.who),
        drawn=min(1.0 / chance, HEAVIEST),
        trust=row.trust,
    )


def _account(given: Sequence[Graded], kept: Sequence[tuple[Graded, float]]) -> dict[str, Any]:
    return {
        "labels": len(given),
        "other_features": sum(not _readable(row) for row in given),
        "small_not_graded": sum(row.small_quality is None for row in given),
        "small_alone": sum(row.small_quality is not None and not row.whole for row in given),
        "rows": len(kept),
        "questions": len({_key(row) for row, _ in kept}),
        "graded_by": dict(sorted(Counter(row.who for row, _ in kept).items())),
        "capped": sum(1.0 / chance > HEAVIEST for _, chance in kept),
        "small_models": dict(sorted(Counter(row.small for row, _ in kept).items())),
    }


def _enough(account: Mapping[str, Any]) -> None:
    """Raises HarvestError that says what there is, what is missing and how it comes."""
    have = account["questions"]
    if have >= MIN_QUESTIONS:
        return
    said = [f"{account['labels']} labels that may train, of which {have} questions have both answers graded"]
    if account["small_alone"]:
        said.append(f"{account['small_alone']} grade the small one alone, as objections do: not learned from")
    if account["other_kinds"]:
        said.append(f"{account['other_kinds']} are of another kind than {account['label_kind']}")
    if account["other_features"]:
        said.append(f"{account['other_features']} are of features that this release does not have")
    if account["small_not_graded"]:
        said.append(f"{account['small_not_graded']} grade no small answer")
    raise HarvestError(
        f"the ledger holds {'; '.join(said)}. {MIN_QUESTIONS - have} more such questions are missing: let a policy try "
        "out what the baseline answers (`shadow: {share: 1}`, or `mode: observe`), or have answers graded. Trying out "
        "labels only answers that can be compared: a number, a choice, a word, JSON, a tool call; prose must be graded"
    )
