"""What other ways of choosing would have cost on the same requests (NUMBERS: Controls)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from router.core.prices import dollars
from router.reports.bill import Bill, Rows, total_of
from router.reports.intervals import Conversations, Estimate, Totals, ratio
from router.reports.page import Money
from router.reports.predicted import Predicted

SMALL, MIX = "always small", "random mix at this cost"
NEEDS_GRADES = "needs grades: see report quality"


@dataclass(frozen=True, slots=True)
class Control:
    """What another way of choosing would have cost on the same requests, or in `why` why that cannot be said.

    Beside a cost `why` says what it takes for granted. `between`: the cost with its interval, where it is an estimate.
    """

    name: str
    cost: Money | None = None
    share_small: Estimate | None = None
    why: str = ""
    between: Estimate | None = None


def controls(total: Bill, rows: Rows, seen: Conversations, known: Predicted) -> tuple[Control, ...]:
    """Always the baseline, always small, the random mix at our cost; and those that need grades.

    A small answer is one by another upstream than the one its client would have used: the same upstream may be one
    client's baseline and answer in place of another's.
    """
    predicted = total.baseline_between if total.predicted else None
    always = Control("always the baseline", total.baseline, Estimate(0.0, 0.0, 0.0, len(rows)), between=predicted)
    others = tuple(Control(name, why=NEEDS_GRADES) for name in ("prompt length", "task mean", "oracle"))
    asked, why = total_of(rows, "small_n"), ""
    if not asked:
        why = "no small upstream was asked"
    elif total_of(rows, "small_unknown"):
        why = "what a small answer costs is not known"
    if why:
        return (always, Control(SMALL, why=why), Control(MIX, why=why), *others)
    cost, granted = dollars(round(float(_always_small(seen.totals)[0]))), _taken_for_granted(rows)
    priced = not total_of(rows, "named_unknown")
    guessed = seen.estimate(lambda t: _always_small(t) / 1e9, over="n", leans=0.0) if granted and priced else None
    small = Control(SMALL, Money(cost, priced), Estimate(1.0, 1.0, 1.0, len(rows)), granted, guessed)
    return (always, small, _random_mix(total, seen, known), *others)


def _always_small(t: Totals) -> Any:
    """Nano-dollars: what was asked small cost that; the others are taken to cost as much each; the named stay."""
    return t["named_spent"] + t["free_n"] * ratio(t["small_spent"], t["small_n"])


def _taken_for_granted(rows: Rows) -> str:
    """What the cost of the requests that no small upstream was asked rests on; nothing to say where it is free."""
    missing = total_of(rows, "free_n") - total_of(rows, "small_n")
    if not missing or not total_of(rows, "small_spent"):
        return ""
    return f"{missing:,} were not asked: taken to cost as much each as those that were"


def _random_mix(total: Bill, seen: Conversations, known: Predicted) -> Control:
    """Answering a random share small costs that share of always small, and of the baseline the rest."""
    if total.saved_share.value is None:
        return Control(MIX, why="what the baseline would have cost is not known")

    def share(t: Totals) -> Any:
        baseline = t["baseline"] + known.correction(t)
        above = np.maximum(baseline - _always_small(t), 0.0)
        return np.clip(ratio(baseline - t["spent"], above), 0.0, 1.0)

    found = seen.estimate(share, over="n")
    if found.value is None:
        return Control(MIX, why="small answers would have cost no less than the baseline's")
    return Control(MIX, total.spent, found)
