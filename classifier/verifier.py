"""The second stage: question, answers and evidence to the best answer and the chance that it may be kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any, Self

from classifier import evidence
from classifier.answers import Answer, Asked, Given, asked, read
from classifier.evidence import FEATURES, Candidate

__all__ = ["FEATURES", "Given", "Verifier", "Weighed"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the answers given so far are worth.

    `best`: index of the answer to send, the strongest supporter in good form of the best-scored value. `p_kept`:
    P(it is no worse than the big model's), None where the level is not known. `gain`: expected quality over
    the big model's, NaN where not known. `hopeless`: P(a later answer of the panel would be kept), None where not
    known. `evidence`: `FEATURES` of the best value. `support` of `asked` answers give it, of `distinct` values.
    """

    best: int
    value: str | None
    p_kept: float | None
    gain: float
    hopeless: float | None
    evidence: tuple[float, ...]
    support: int
    asked: int
    distinct: int


class Verifier:
    """Weighs the answers of small models to one request; without an artifact that fits, by votes."""

    def __init__(self, strength: Mapping[str, float] | None = None) -> None:
        self.strength: Mapping[str, float] = strength or {}

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Returns the verifier saved in a folder; of a folder without one, the untrained verifier."""
        return cls()

    def weigh(
        self, body: Mapping[str, Any], given: Sequence[Given], *, members: Sequence[str], task: Any = None
    ) -> Weighed:
        """Returns the best of the answers given, in their asking order, and what is known of it.

        `members`: the digests of the whole panel in asking order, those not yet asked included. `task`: the request's
        elements (`task.elements`), None reads them from the body. Deterministic; raises ValueError without an answer.
        """
        if not given:
            raise ValueError("weigh: no answer was given; ask a member first")
        ask = asked(body)
        answers = read(body, given, ask.kind)
        found = evidence.candidates(answers, self.strength)
        return self._by_votes(found, answers, ask)

    def _by_votes(self, found: Sequence[Candidate], answers: Sequence[Answer], ask: Asked) -> Weighed:
        one = evidence.by_votes(found, answers, self.strength)
        table = evidence.rows(found, answers, ask, self.strength)
        row = tuple(table[found.index(one)].tolist())
        distinct = sum(candidate.value is not None for candidate in found)
        return Weighed(one.best, one.value, None, nan, None, row, len(one.supporters), len(answers), distinct)
