"""The second stage: from question, answers and evidence to the best answer and the probability that it may be kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, nan
from pathlib import Path
from typing import Any, Self

import lightgbm as lgb
import numpy as np

from classifier import evidence, verifier_artifact
from classifier.answers import Answer, Given, asked, read
from classifier.artifact import ArtifactError
from classifier.evidence import FEATURES, TASK, Candidate
from classifier.single import Row, single_row
from classifier.task import elements, salted
from classifier.verifier_artifact import Level, Manifest, Stop

__all__ = ["FEATURES", "Given", "Verifier", "Weighed"]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the answers given so far are worth.

    `best`: index of the answer to send, the strongest supporter in good form of the best-scored value. `p_kept`:
    P(it is no worse than the big model's), None where the level is not known. `gain`: expected quality over
    the big model's, NaN where not known. `hopeless`: P(a later answer of the panel would be kept), None where not
    known. `evidence`: `FEATURES` of the best value. `support` of `asked` answers give it, of `distinct` values.
    `heard`: every answer by what it says, as (indexes, the one to send first; evidence), the best value first and
    without its evidence, last those that abstain, with None.
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
    heard: tuple[tuple[tuple[int, ...], tuple[float, ...] | None], ...] = ()


class Verifier:
    """Weighs the answers of small models to one request; without an artifact that fits, by votes."""

    def __init__(self, manifest: Manifest | None = None, trees: Mapping[str, str] | None = None) -> None:
        """Without an artifact the order is that of votes, then of the strongest; the first asked is the strongest."""
        self.manifest = manifest
        self._strength: Mapping[str, float] = manifest.strength if manifest else {}
        self._scores: dict[str, Callable[[Row], float]] = {}
        self.digest = ""
        if manifest and trees:
            self._scores = {name: _scorer(lgb.Booster(model_str=text)) for name, text in trees.items()}
            self.digest = verifier_artifact.digest_of(manifest, trees)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Returns the verifier saved in a folder; of a folder that holds none, the untrained one.

        Raises ArtifactError for one that is broken.
        """
        if not (Path(folder) / verifier_artifact.MANIFEST).exists():
            return cls()
        manifest, trees = verifier_artifact.load(folder)
        try:
            return cls(manifest, trees)
        except lgb.basic.LightGBMError as broken:
            raise ArtifactError(f"{folder}: LightGBM cannot read its trees ({broken}); train it again") from broken

    def stop(self, members: Sequence[str], strictness: str, *, at_once: bool = False) -> Stop | None:
        """Returns when a panel (digests in asking order) stops at a strictness (`0.02`), None where not known.

        One that was measured in another order, or with more members, keeps only once all have answered, from the
        strictest of the cuts on: none of them was found for it.
        """
        level = self._level(members)
        stop = (level.at_once if at_once else level.sequence).get(strictness) if level else None
        if level is None or stop is None or level.members == tuple(members):
            return stop
        known = [cut for cut in stop.keep if cut is not None]
        return Stop((*[None] * (len(members) - 1), max(known, default=None)), stop.hopeless)

    def weigh(self, body: Mapping[str, Any], given: Sequence[Given], *, members: Sequence[str]) -> Weighed:
        """Returns the best of the answers given, in their asking order, and what is known of it.

        `members`: the digests of the whole panel in asking order, those not yet asked included. Deterministic; raises
        ValueError without an answer.
        """
        if not given:
            raise ValueError("weigh: no answer was given; ask a member first")
        ask = asked(body)
        answers = read(body, given, ask)
        found = evidence.candidates(answers, self._strength)
        table = evidence.rows(found, answers, ask, self._strength)
        manifest = self.manifest
        if manifest is None or ask.kind not in manifest.kinds:
            return _weighed(evidence.by_votes(found, answers, self._strength), found, answers, table)
        path = salted(elements(body), manifest.salt)
        place = manifest.means.place(path, "*")
        table[:, FEATURES.index(TASK)] = place.total
        own = all(answer.digest in manifest.slots for answer in answers)
        if own:
            evidence.mark(table, found, [answer.digest for answer in answers], manifest.slots)
        rests = [self._rest(row, own=own) for row in table]
        best = max(range(len(found)), key=lambda i: (rests[i], len(found[i].supporters)))
        weighed = _weighed(found[best], found, answers, table)
        gain = place.total + rests[best]
        level = self._level(members) if own and place.level != "global" else None
        if level is None:
            return _with(weighed, gain, None, None)
        p_kept = level.calibration.p_good(-gain, str(len(answers)))
        return _with(weighed, gain, p_kept, self._later(table[best]) if len(answers) < len(members) else None)

    def _rest(self, row: Row, *, own: bool) -> float:
        """What trees, tables and curves add to the task mean; the trees that know no model where one is not known."""
        if not own:
            return self._scores["agnostic.txt"](row)
        smooth = self.manifest.smooth if self.manifest else None
        return self._scores["verifier.txt"](row) + (smooth.adds(row.tolist()) if smooth else 0.0)

    def _later(self, row: Row) -> float:
        return 1.0 / (1.0 + exp(-min(max(self._scores["hopeless.txt"](row), -30.0), 30.0)))

    def _level(self, members: Sequence[str]) -> Level | None:
        """The level of exactly this panel, else of one that has all these models, else none."""
        levels = self.manifest.levels if self.manifest else ()
        for level in levels:
            if level.members == tuple(members):
                return level
        return next((level for level in levels if set(members) <= set(level.members)), None)


def _scorer(trees: lgb.Booster) -> Callable[[Row], float]:
    """What scores one row of `FEATURES` by the columns that the trees name."""
    ask = single_row(trees)
    columns = np.array([FEATURES.index(name) for name in trees.feature_name()])
    return lambda row: ask(row[columns])


def _weighed(
    one: Candidate,
    found: Sequence[Candidate],
    answers: Sequence[Answer],
    table: "np.ndarray[Any, np.dtype[np.float32]]",
) -> Weighed:
    row = tuple(table[found.index(one)].tolist())
    distinct = sum(candidate.value is not None for candidate in found)
    heard = tuple(_heard(one, found, answers, table))
    return Weighed(one.best, one.value, None, nan, None, row, len(one.supporters), len(answers), distinct, heard)


def _heard(
    best: Candidate,
    found: Sequence[Candidate],
    answers: Sequence[Answer],
    table: "np.ndarray[Any, np.dtype[np.float32]]",
) -> Iterator[tuple[tuple[int, ...], tuple[float, ...] | None]]:
    yield _by(best), ()
    for other, row in zip(found, table.tolist(), strict=True):
        if other is not best:
            yield _by(other), tuple(row)
    silent = tuple(i for i, answer in enumerate(answers) if answer.value is None)
    if silent:
        yield silent, None


def _by(one: Candidate) -> tuple[int, ...]:
    """Its supporters, the one to send first."""
    return tuple(sorted(one.supporters, key=lambda i: (i != one.best, i)))


def _with(weighed: Weighed, gain: float, p_kept: float | None, hopeless: float | None) -> Weighed:
    return replace(weighed, gain=gain, p_kept=p_kept, hopeless=hopeless)
