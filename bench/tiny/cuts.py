"""Reads each tiny model's cut off the graded `cut` questions: `python -m bench.tiny.cuts`.

Their panel's cuts, one a stage, are those that its training found; here it is only told which, and what they give up.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.tiny import panel
from classifier.artifact import Classifier
from classifier.features import extract
from classifier.label import Label
from classifier.labels import read
from classifier.task import task_path

ARTIFACT = Path("router/builtin/artifact")
CUTS = Path("router/builtin/cuts.json")
MAX_LOSS = 0.02


def cut(chances: Sequence[float], rows: Sequence[Label], max_loss: float = MAX_LOSS) -> dict[str, Any]:
    """Return the lowest p_good at which the small model may be asked, and what that gives up on these rows.

    Loss is joint and relative: the quality lost by all requests the cut keeps small, over what the big model's
    answers to all requests are worth. The cut is the one that keeps most requests small with loss ≤ `max_loss`;
    requests of equal p_good stand on one side of it.
    """
    worth = sum(row.large_quality for row in rows)
    best: dict[str, Any] = {"cut": 1.01, "max_loss": max_loss, "n": len(rows), "share_small": 0.0, "loss": 0.0}
    lost = 0.0
    ranked = sorted(zip(chances, rows, strict=True), key=lambda pair: -pair[0])
    for kept, (chance, row) in enumerate(ranked, start=1):
        lost += row.gain
        last_of_equals = kept == len(ranked) or ranked[kept][0] < chance
        if last_of_equals and lost / worth <= max_loss:
            share, loss = round(kept / len(rows), 4), round(lost / worth, 4)
            best |= {"cut": floor(chance), "share_small": share, "loss": loss}
    return best


def floor(chance: float) -> float:
    """Return the chance cut after six digits, never above it: the request it was read from stays on its side."""
    return int(chance * 1_000_000) / 1_000_000


def main() -> int:
    """Write cuts.json; 0 when it is written."""
    classifier, rows = Classifier.load(ARTIFACT), read(["bench/tiny/graded/cut.jsonl.gz"])
    cuts = {}
    for name in sorted({row.small_model for row in rows}):
        own = [row for row in rows if row.small_model == name]
        paths = [task_path(row.body, classifier.salt) for row in own]
        chances = [
            classifier.p_good(extract(row.body), path, row.small_digest) for row, path in zip(own, paths, strict=True)
        ]
        cuts[name] = cut(chances, own)
    stop = panel.learnt(f"{MAX_LOSS:g}")
    entry = {"strictness": MAX_LOSS, "keep_cut": stop.keep[-1]}
    cuts[" > ".join(panel.MEMBERS)] = entry | panel.cost_of(panel.watch("cut"), stop)
    CUTS.write_text(json.dumps(cuts, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
