"""The detectors tried on the project's own specimens: recall and precision, each with its interval."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from router.core.privacy.detect import KINDS, Found, detect
from router.reports.specimens import NAME, Specimen, digest, specimens

Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, with Wilson's 95 % interval (Wilson 1927; Brown, Cai & DasGupta 2001)."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        """The share itself, None of nothing."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high; from 0 to 1 where nothing was tried."""
        if not self.n:
            return 0.0, 1.0
        p, z2 = self.hits / self.n, Z * Z / self.n
        middle, half = p + z2 / 2, Z * math.sqrt((p * (1 - p) + z2 / 4) / self.n)
        # Rounding must not put the share itself outside.
        return min(p, max(0.0, (middle - half) / (1 + z2))), max(p, min(1.0, (middle + half) / (1 + z2)))

    def __str__(self) -> str:
        if not self.n:
            return "–"
        low, high = self.interval
        return f"{100 * self.hits / self.n:.0f} % ({100 * low:.0f}–{100 * high:.0f})"


@dataclass(frozen=True, slots=True)
class Score:
    """One detector's: `recall` as people write, `disguised` in disguise; `precision` of what it reports on the
    whole set, None for a single country's number, which shares its kind's."""

    name: str
    recall: Share
    disguised: Share
    precision: Share | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What the detectors of this version did on one named set of `n` texts."""

    name: str
    digest: str
    n: int
    scores: tuple[Score, ...]
    forms: tuple[tuple[str, Share], ...]


@cache
def trial() -> Trial:
    """Every specimen searched once. The same version gives the same figures."""
    texts = specimens()
    seen = [(one, detect({"messages": [{"role": "user", "content": one.text}]})) for one in texts]
    kinds = [_score(kind, seen, precise=True) for kind in KINDS]
    names = sorted({one.by for one in texts if one.kind == "national_id"})
    countries = [_score(name, seen, precise=False) for name in names]
    forms = list(dict.fromkeys(one.form for one in texts if one.form in _disguises(texts)))
    return Trial(
        name=NAME,
        digest=digest(texts),
        n=len(texts),
        scores=(*kinds, *countries),
        forms=tuple((form, _share(form, seen)) for form in forms),
    )


def _disguises(texts: Iterable[Specimen]) -> set[str]:
    return {one.form for one in texts if one.disguised}


def _score(name: str, seen: list[tuple[Specimen, Found]], *, precise: bool) -> Score:
    own = [(one, found) for one, found in seen if name in (one.kind, one.by)]
    plain = [one.kind in found.kinds for one, found in own if not one.disguised]
    veiled = [one.kind in found.kinds for one, found in own if one.disguised]
    right = [name == one.kind for one, found in seen if name in found.kinds]
    return Score(
        name=name,
        recall=Share(sum(plain), len(plain)),
        disguised=Share(sum(veiled), len(veiled)),
        precision=Share(sum(right), len(right)) if precise else None,
    )


def _share(form: str, seen: list[tuple[Specimen, Found]]) -> Share:
    found = [one.kind in found.kinds for one, found in seen if one.disguised and one.form == form]
    return Share(sum(found), len(found))
