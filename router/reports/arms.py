"""Savings per conversation: routed conversations against those held out permanently (NUMBERS: Hold-out)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from router.reports.intervals import SAVED, Conversations, Estimate, Totals, ratio

# Below this many hold-out conversations a mean over them says nothing.
MIN_HELD = 30
# Coefficient of variation of a conversation's cost, as long as too few are held out to measure it.
USUAL_CV = 1.5
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Arms:
    """Savings per conversation, by intention to treat: routed against held-out conversations.

    `needed`: hold-out conversations for ± 5 points, (1.96 · CV / 0.05)². `saved_share` is unknown
    while fewer than 30 are held out.
    """

    held_out: int
    routed: int
    saved_share: Estimate
    cv: float
    needed: int


def arms(rows: Rows) -> Arms:
    """The two arms. Exchanges that stay local or name an upstream are outside the hold-out, and so on neither side."""
    open_rows = [row for row in rows if row["open_n"]]
    held = [row for row in open_rows if row["holdout"]]
    both = [
        {"held": float(row["holdout"]), "one": 1.0, "spent": float(row["open_spent"])}
        | {"held_spent": float(row["open_spent"]) * float(row["holdout"])}
        for row in open_rows
    ]
    cv = _variation([float(row["open_spent"]) for row in held])
    seen = Conversations(both, ("held", "one", "spent", "held_spent"))
    enough = len(held) >= MIN_HELD and not any(row["unknown_calls"] for row in open_rows)
    return Arms(
        held_out=len(held),
        routed=len(open_rows) - len(held),
        saved_share=seen.estimate(_between_arms, within=SAVED, leans=0.0) if enough else Estimate(None, n=seen.n),
        cv=cv,
        needed=ceil((1.96 * cv / 0.05) ** 2),
    )


def _between_arms(t: Totals) -> Any:
    routed = ratio(t["spent"] - t["held_spent"], t["one"] - t["held"])
    return 1 - ratio(routed, ratio(t["held_spent"], t["held"]))


def _variation(costs: list[float]) -> float:
    if len(costs) < MIN_HELD or not sum(costs):
        return USUAL_CV
    mean = sum(costs) / len(costs)
    return float((sum((cost - mean) ** 2 for cost in costs) / (len(costs) - 1)) ** 0.5 / mean)
