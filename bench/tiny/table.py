"""Prints how often each tiny model is right, family by family, as Markdown: `python -m bench.tiny.table`."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

GRADED = Path("bench/tiny/graded")


def rows(paper: str) -> Iterator[Mapping[str, Any]]:
    """Yield the graded rows of one paper."""
    with gzip.open(GRADED / f"{paper}.jsonl.gz", "rt") as lines:
        yield from map(json.loads, lines)


def table(paper: str) -> str:
    """Return family by model: the share of right replies, and how many questions there were."""
    marks: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(paper):
        for family in (row["category"], "all"):
            marks[family][row["small_model"]].append(row["small_quality"])
    models = sorted(marks["all"])
    lines = [f"| {paper} | n | {' | '.join(models)} | any |", f"|---|---|{'---|' * (len(models) + 1)}"]
    for family in sorted(marks, key=lambda name: (name == "all", name)):
        own = [marks[family][model] for model in models]
        shares = " | ".join(f"{sum(grades) / len(grades):.2f}" for grades in own)
        best = [max(grades) for grades in zip(*own, strict=True)]
        lines.append(f"| {family} | {len(best)} | {shares} | {sum(best) / len(best):.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print("\n\n".join(table(paper) for paper in ("test", "shifted")))
