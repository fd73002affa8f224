"""What a reader of an artifact should know of its making: rows, models, licences, settings, who graded."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from classifier.features import feature_set
from classifier.label import Label


def account(
    rows: Sequence[Label], questions: int, settings: Mapping[str, Any], weight: NDArray[np.float64] | None
) -> dict[str, Any]:
    """Returns plain data for the manifest; `weight` (n,) of the rows, None where all weigh the same."""
    lines = sorted(f"{r.key} {r.small_model} {r.large_model} {r.small_quality!r} {r.large_quality!r}" for r in rows)
    pairs = Counter(f"{r.source}: {r.small_model} -> {r.large_model}" for r in rows)
    return {
        "rows": len(rows),
        "questions": questions,
        "digest": hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16],
        "pairs": dict(sorted(pairs.items())),
        "licences": {source: _licences(rows, source) for source in sorted({r.source for r in rows})},
        "models": {r.small_digest: r.small_model for r in sorted(rows, key=lambda r: r.small_model)},
        "small_quality": round(float(np.mean([r.small_quality for r in rows])), 4),
        "large_quality": round(float(np.mean([r.large_quality for r in rows])), 4),
        "settings": dict(settings),
        "feature_set": feature_set(),
        "versions": {"lightgbm": lgb.__version__, "numpy": np.__version__},
        **_graders(rows, weight),
    }


def _graders(rows: Sequence[Label], weight: NDArray[np.float64] | None) -> dict[str, Any]:
    """Returns who graded rows that say so, and how many rows of equal weight theirs are worth (Kish)."""
    who = Counter(row.known.who for row in rows if row.known is not None)
    if not who:
        return {}
    w = np.ones(len(rows)) if weight is None else weight
    return {"graded_by": dict(sorted(who.items())), "worth_rows": round(float(w.sum() ** 2 / (w**2).sum()), 1)}


def _licences(rows: Sequence[Label], source: str) -> str:
    stated = sorted({row.licence for row in rows if row.source == source})
    return "; ".join(licence or "not stated" for licence in stated)
