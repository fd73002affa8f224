"""The same requests under other ways of choosing, by their graded part: what any routing has to beat.

Always small, always big and the random mix are exact. The mean by task and by prompt length, and
the oracle, are chosen in hindsight on the very rows they are judged on: they look better than they
would have been, which is the side to err on for a control.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from router.reports.intervals import SHARE, Conversations, Estimate, Statistic, Totals, ratio

GRADES = ("w", "s", "b", "q", "best", "keepable")
# The two strata: graded at different rates, and each answered by its share of the requests.
GRADED_PARTS = ("kept_graded_w", "big_graded_w")
UNGRADED = "of what the baseline answered nothing has both grades"
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
    """The graded requests, summed three ways: by conversation, by task, by prompt length.

    What was kept and what the baseline answered are graded at different rates (the latter needs no label to know what
    was lost), so each counts by its share of all answered requests and not by its number of labels.
    """

    seen: Conversations
    by_task: Rows
    by_length: Rows


def controls(graded: Graded) -> tuple[Control, ...]:
    """Every control at our own share answered small, where it has one. Quality is the mean grade."""
    seen = graded.seen
    if not seen.n or not seen.total("graded"):
        return ()
    kept = seen.total("kept") / seen.total("n")
    keepable = seen.estimate(lambda t: mean(t, "keepable")).value
    if keepable is None:
        shares = {"always small": 1.0, "always big": 0.0, "random mix": kept, "prompt length": kept, "task mean": kept}
        return tuple(Control(name, Estimate(None), share, UNGRADED) for name, share in shares.items())
    return (
        Control("always small", mean_of(seen, "s"), 1.0),
        Control("always big", mean_of(seen, "b"), 0.0),
        Control("random mix", _by_strata(seen, random_mix, "s", "b"), kept),
        _sorted("prompt length", _weighed(graded.by_length, seen), kept, shortest_first),
        _sorted("task mean", _weighed(graded.by_task, seen), kept, best_first),
        Control("oracle", mean_of(seen, "best"), keepable),
    )


def mean(t: Totals, name: str) -> Any:
    """The mean of a grade over all answered requests: that of the kept ones and that of the others, by their shares.

    Not a number where one of the two has requests and no grades.
    """
    kept = ratio(t["kept"], t["n"])
    small = ratio(t[f"kept_graded_{name}"], t["kept_graded_w"])
    big = ratio(t[f"big_graded_{name}"], t["big_graded_w"])
    nothing = 0.0 * kept  # and not a number where nothing was answered
    return np.where(kept > 0, kept * small, nothing) + np.where(kept < 1, (1 - kept) * big, nothing)


def random_mix(t: Totals) -> Any:
    """The mean grade when as many requests as ours are answered small, drawn blindly."""
    kept = ratio(t["kept"], t["n"])
    return kept * mean(t, "s") + (1 - kept) * mean(t, "b")


def mean_of(seen: Conversations, name: str) -> Estimate:
    """The mean of a grade over all answered requests, no surer than the smaller stratum's conversations allow."""
    return _by_strata(seen, lambda t: mean(t, name), name)


def _by_strata(seen: Conversations, statistic: Statistic, *grades: str) -> Estimate:
    """A mean of these grades, with one conversation more in the stratum that has fewest: of the best grades, or the
    worst."""
    graded = [part for part in GRADED_PARTS if seen.total(part)] or list(GRADED_PARTS)
    few = min(graded, key=seen.worth)
    best = {few: 1.0} | {f"{few.removesuffix('w')}{grade}": 1.0 for grade in grades}
    return seen.estimate(statistic, within=SHARE, over=GRADED_PARTS, beyond=(best, {few: 1.0}))


def _weighed(rows: Rows, seen: Conversations) -> list[dict[str, Any]]:
    """The groups' sums as shares of all answered requests."""
    kept = seen.total("kept") / seen.total("n")
    small, big = (seen.total(f"{part}_graded_w") for part in ("kept", "big"))
    each, other = kept / small if small else 0.0, (1 - kept) / big if big else 0.0
    return [
        {"group": row["group"]}
        | {name: each * row[f"kept_graded_{name}"] + other * row[f"big_graded_{name}"] for name in ("w", "s", "b")}
        for row in rows
    ]


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
