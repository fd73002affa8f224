"""What a way of choosing achieved on n requests: shares kept, lost and saved, each with its interval."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.curve import Floats, Grades
from classifier.sampled import Sampled, of_all, of_money, of_quality

MEANS = 8
"""So many draws of a mean to one of a ranking, which is dearer."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a way did with n requests: which it kept, what that lost in grades and saved in dollars.

    `fixed`: it keeps such a share whatever is asked, as a coin does.
    """

    kept: Floats
    lost: Floats
    saved: Floats
    fixed: bool = False


def measured(way: Measured, seen: Grades, draws: int, seed: int) -> dict[str, Any]:
    """Returns share, loss, harm and saving with their intervals by question."""
    most = float(way.kept.max()) if way.fixed else 1.0
    ratios = (
        of_all(way.kept),
        of_quality(way.lost, seen.large, most),
        of_all(np.maximum(way.lost, 0), most),
        of_money(way.saved, seen.large_cost, seen.w, way.fixed),
    )
    sampled = Sampled(seen.groups, seen.w, MEANS * draws, seed)
    share, loss, harm, cost = sampled.intervals(ratios)
    if way.fixed:
        share |= {"low": share["value"], "high": share["value"]}
    return {
        "share_small": share,
        "loss": loss["value"],
        "loss_interval": loss,
        "harm": harm["value"],
        "harm_interval": harm,
        "cost_saved": cost["value"],
        "cost_saved_interval": cost,
    }
