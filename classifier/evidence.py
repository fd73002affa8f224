"""What is known of each distinct answer, as numbers: who supports it, how it compares, how sure, of which request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p, nan

import numpy as np
from numpy.typing import NDArray

from classifier import choosing, grounds, wording
from classifier.answers import Answer, Asked
from classifier.features import FEATURES as ASK_FEATURES
from classifier.values import Kind
from classifier.values_calls import NO_CALL, triples

SLOTS = 8
"""Models that have a column of their own in one artifact."""

SHARED = [
    *"support_share lead_share distinct_share abstained_share strongest_supports first_supports "
    "relative_chars longest_over_shortest value_chars prompt_chars prompt_numbers faults tools calls calls_nothing "
    "overlap_mean overlap_max logprob_mean logprob_least logprob_unsure others_logprob_mean kind asked".split(),
    *grounds.FEATURES,
    *wording.FEATURES,
    *choosing.FEATURES,
]
"""Features that mean the same whichever models are asked."""

OWN = [*"support lead distinct abstained tokens chars".split(), *(f"who_{slot}" for slot in range(SLOTS))]
"""Features that mean something for the models an artifact was trained on."""

_MEASURES = [i for i, name in enumerate(ASK_FEATURES) if not name.startswith("says_")]
ASK = [f"ask_{ASK_FEATURES[i]}" for i in _MEASURES]
"""The first stage's measures of the request; its families of words only add noise here."""

TASK = "task_gain"
"""The mean gain of the task over others of its kind; written by whoever knows the task, of other folds in training."""

FEATURES: tuple[str, ...] = (*SHARED, *OWN, TASK, *ASK)

_SAID_BY_OWN = frozenset(
    "support_share lead_share distinct_share abstained_share strongest_supports first_supports relative_chars "
    "value_chars".split()
)
KNOWN: tuple[str, ...] = tuple(name for name in FEATURES if name not in _SAID_BY_OWN)
"""What trees read of a panel whose models they know: shares say again what counts and columns say."""
KINDS: tuple[Kind, ...] = ("number", "choice", "label", "json", "tools", "code")
"""By the number that stands for them."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A distinct value and who gives it. `best` is the strongest supporter in good form, an index of the answers."""

    value: str | None
    supporters: tuple[int, ...]
    best: int


def candidates(answers: Sequence[Answer], strength: Mapping[str, float]) -> tuple[Candidate, ...]:
    """Returns the distinct values in the order they came; where all abstain, one without a value or support.

    `strength` is a digest's known quality; who is not in it counts by the order in which it was asked.
    """
    groups: dict[str, list[int]] = {}
    for i, answer in enumerate(answers):
        if answer.value is not None:
            groups.setdefault(answer.value, []).append(i)
    if not groups:
        return (Candidate(None, (), _strongest(range(len(answers)), answers, strength)),)
    return tuple(
        Candidate(value, tuple(members), _strongest(members, answers, strength)) for value, members in groups.items()
    )


def by_votes(found: Sequence[Candidate], answers: Sequence[Answer], strength: Mapping[str, float]) -> Candidate:
    """Returns the candidate most answers support, of equals the one that the strongest supports."""
    order = _order(answers, strength)
    return max(found, key=lambda one: (len(one.supporters), -min((order[i] for i in one.supporters), default=0)))


def rows(
    found: Sequence[Candidate], answers: Sequence[Answer], ask: Asked, strength: Mapping[str, float]
) -> NDArray[np.float32]:
    """Returns one row of `FEATURES` a candidate, float32, NaN where a thing is not known; slots are left NaN."""
    order = _order(answers, strength)
    first = order.index(0) if order else 0
    overlaps = [triples(one.value or NO_CALL) for one in found] if ask.kind == "tools" else None
    votes = [len(one.supporters) for one in found]
    common = _Common.of(answers)
    out = np.full((len(found), len(FEATURES)), nan, dtype=np.float32)
    for i, one in enumerate(found):
        lead = votes[i] - max((votes[j] for j in range(len(found)) if j != i), default=0)
        shown, n = answers[one.best], len(answers)
        values = [
            votes[i] / n,
            lead / n,
            len(found) / n,
            common.abstained / n,
            float(first in one.supporters),
            float(0 in one.supporters),
            shown.chars / common.mean_chars,
            common.spread,
            log1p(len(one.value or "")),
            log1p(ask.chars),
            float(ask.numbers),
            shown.faults,
            float(ask.tools),
            shown.calls,
            nan if shown.calls != shown.calls else float(shown.calls == 0),
            *_overlap(i, overlaps),
            shown.sureness.mean,
            shown.sureness.least,
            shown.sureness.unsure,
            _others(one, answers),
            float(KINDS.index(ask.kind)) if ask.kind else -1.0,
            float(n),
            *grounds.stands(one.value, ask.kind, ask.ground),
            *shown.worded,
            *shown.chosen,
            float(votes[i]),
            float(lead),
            float(len(found)),
            float(common.abstained),
            shown.tokens,
            float(shown.chars),
        ]
        out[i, : len(values)] = values
    out[:, len(FEATURES) - len(ASK) :] = ask.features[_MEASURES]
    return out


def mark(
    out: NDArray[np.float32], found: Sequence[Candidate], digests: Sequence[str], slots: Mapping[str, int]
) -> None:
    """Writes who supports what into the slots: the share of a model's answers that do; NaN was not asked.

    `digests`: who gave each answer.
    """
    start = len(SHARED) + len(OWN) - SLOTS
    for digest, slot in slots.items():
        own = [i for i, theirs in enumerate(digests) if theirs == digest]
        for row, one in enumerate(found):
            if own:
                out[row, start + slot] = sum(i in one.supporters for i in own) / len(own)


@dataclass(frozen=True, slots=True)
class _Common:
    """What all candidates of a request share."""

    abstained: int
    mean_chars: float
    spread: float

    @staticmethod
    def of(answers: Sequence[Answer]) -> "_Common":
        sizes = [answer.chars + 1 for answer in answers]
        mean, spread = sum(sizes) / len(sizes), max(sizes) / min(sizes)
        return _Common(sum(answer.value is None for answer in answers), mean, spread)


def _order(answers: Sequence[Answer], strength: Mapping[str, float]) -> list[int]:
    """Each answer's rank by its model's known quality, then by asking order; 0 is the strongest."""
    ranked = sorted(range(len(answers)), key=lambda i: (-strength.get(answers[i].digest, -1.0), i))
    order = [0] * len(answers)
    for rank, i in enumerate(ranked):
        order[i] = rank
    return order


def _strongest(members: Sequence[int] | range, answers: Sequence[Answer], strength: Mapping[str, float]) -> int:
    order = _order(answers, strength)
    return min(members, key=lambda i: (not answers[i].clean, order[i]))


def _overlap(i: int, overlaps: Sequence[frozenset[str]] | None) -> tuple[float, float]:
    """Mean and greatest Jaccard overlap of a candidate's call triples with the other candidates'."""
    if overlaps is None or len(overlaps) < 2:
        return nan, nan
    shares = [len(overlaps[i] & o) / max(len(overlaps[i] | o), 1) for j, o in enumerate(overlaps) if j != i]
    return sum(shares) / len(shares), max(shares)


def _others(one: Candidate, answers: Sequence[Answer]) -> float:
    """How sure the supporters beside the one shown were, on average; NaN where none says."""
    known = [answers[i].sureness.mean for i in one.supporters if i != one.best]
    sure = [value for value in known if value == value]
    return sum(sure) / len(sure) if sure else nan
