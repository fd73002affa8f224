"""The same graded requests under other ways of choosing: what any routing has to beat.

Always small, always big and the random mix are exact. The mean by task and by prompt length, and
the oracle, are chosen in hindsight on the very rows they are judged on: they look better than they
would have been, which is the side to err on for a control.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from router.reports.intervals import SHARE, Conversations, Estimate, Totals, ratio

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Control:
    """Quality kept by another way of choosing, and the share it answers small; or in `why` why not."""

    name: str
    quality: Estimate
    share_small: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Graded:
    """The graded requests, summed three ways: by conversation, by task, by prompt length."""

    seen: Conversations
    by_task: Rows
    by_length: Rows


def controls(graded: Graded) -> tuple[Control, ...]:
    """Every control at our own share answered small, where it has one. Quality is the mean grade."""
    seen = graded.seen
    if not seen.n or not seen.total("w"):
        return ()
    kept = seen.total("graded_kept") / seen.total("w")
    keepable = seen.total("keepable") / seen.total("w")
    return (
        Control("always small", seen.estimate(lambda t: ratio(t["s"], t["w"]), within=SHARE, over="w"), 1.0),
        Control("always big", seen.estimate(lambda t: ratio(t["b"], t["w"]), within=SHARE, over="w"), 0.0),
        Control("random mix", seen.estimate(random_mix, within=SHARE, over="w"), kept),
        _sorted("prompt length", graded.by_length, kept, shortest_first),
        _sorted("task mean", graded.by_task, kept, best_first),
        Control("oracle", seen.estimate(lambda t: ratio(t["best"], t["w"]), within=SHARE, over="w"), keepable),
    )


def random_mix(t: Totals) -> Any:
    """The mean grade when as many requests as ours are answered small, drawn blindly."""
    kept = ratio(t["graded_kept"], t["w"])
    return kept * ratio(t["s"], t["w"]) + (1 - kept) * ratio(t["b"], t["w"])


def shortest_first(rows: Rows) -> Rows:
    """Short prompts are kept before long ones."""
    return sorted((row for row in rows if row["group"] is not None), key=lambda row: int(row["group"]))


def best_first(rows: Rows) -> Rows:
    """Tasks are kept in the order of what the small answer is worth there, against the big one."""
    return sorted(rows, key=lambda row: (row["b"] - row["s"]) / row["w"])


def _sorted(name: str, rows: Rows, share_small: float, order: Callable[[Rows], Rows]) -> Control:
    """Keep whole groups in `order` until the share is reached, and of the last one as much as fits."""
    ordered = order([row for row in rows if row["w"]])
    total = sum(row["w"] for row in ordered)
    whole = sum(row["w"] for row in rows)
    if len(ordered) < 2 or total < whole:
        why = "only one group" if total == whole else "not recorded for every request"
        return Control(name, Estimate(None), why=why)
    left, quality = share_small * total, 0.0
    for row in ordered:
        part = min(1.0, left / row["w"])
        left -= part * row["w"]
        quality += part * row["s"] + (1 - part) * row["b"]
    return Control(name, Estimate(quality / total), share_small)
