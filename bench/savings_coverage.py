"""How often the interval of what was saved holds the truth, by the report's own code, on requests made up.

`python -m bench.savings_coverage` draws lengths of the big model's answers from a lognormal distribution, which a
hold-out shows for some conversations and nobody for the others; bills them as `report savings` does; and counts how
often the printed interval holds what the big model's own answers would have cost more.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from router.reports.bill import SUMS, Bill, bill
from router.reports.predicted import predicted

PROMPT, BIG, SMALL, LENGTH = 2_500_000, 10_000, 500, 400  # nano-dollars a prompt and a token; tokens an answer
COUNTS = (*SUMS, "escalated", "fallback", "raced", "measured", "predicted", "stayed", "truncated", "degraded")
OTHERS = ("named", "rejected", "outrun", "side", "measured_baseline", "idle", "holdout")
CASES = ((90, 30), (300, 30), (1470, 30), (1470, 100), (1470, 500))


def lengths(random: np.random.Generator, variation: float, count: int) -> NDArray[np.float64]:
    """Tokens of so many answers: lognormal, of mean `LENGTH` and this coefficient of variation."""
    spread = np.sqrt(np.log1p(variation**2))
    return LENGTH * random.lognormal(-(spread**2) / 2, spread, count)


def day(random: np.random.Generator, variation: float, routed: int, drawn: int) -> tuple[Bill, float]:
    """The bill of so many routed and held-out requests, each a conversation, and what was really saved, in dollars."""
    long, short = lengths(random, variation, routed + drawn), lengths(random, 0.5, routed + drawn) / 2
    rows, written = [], []
    for place, (token, served) in enumerate(zip(long.tolist(), short.tolist(), strict=True)):
        held = place >= routed
        rows.append(_conversation(place, token, served, held))
        written.append(_written(place, token, served, held))
    known = predicted(written)
    spent, truth = sum(row["spent"] for row in rows), PROMPT * len(rows) + BIG * float(long.sum())
    return bill("all", rows, written, known), (truth - spent) / 1e9


def _conversation(place: int, token: float, served: float, held: bool) -> dict[str, Any]:
    own = round(PROMPT + BIG * token)
    counts = {"n": 1, "answered": 1, "free_n": 1, "small": int(not held), "measured": int(held), "predicted": 1 - held}
    money = {"spent": own, "baseline": own, "measured_baseline": own}
    if not held:
        money = {"spent": round(SMALL * served), "baseline": round(PROMPT + BIG * served), "measured_baseline": 0}
    return dict.fromkeys((*COUNTS, *OTHERS), 0) | counts | money | {"conversation": str(place)}


def _written(place: int, token: float, served: float, held: bool) -> dict[str, Any]:
    names = {"conversation": str(place), "policy": "balanced", "rule": "likely-good", "baseline": "big"}
    drawn = {"drawn": int(held), "drawn_cost": BIG * token * held, "drawn_price": float(BIG * held)}
    routed = {"routed": 1 - held, "routed_cost": 0.0, "predicted": 1 - held, "served": served * (1 - held)}
    return names | drawn | routed


def covered(variation: float, routed: int, drawn: int, days: int, seed: int = 1) -> tuple[float, float, float]:
    """The share of so many days whose interval held the truth, that of those it was above, and the median width as a
    share of what was saved."""
    random, held, above, widths = np.random.default_rng(seed), 0, 0, []
    for _ in range(days):
        told, truth = day(random, variation, routed, drawn)
        low, high = told.saved.low or 0.0, told.saved.high or 0.0
        held += low <= truth <= high
        above += truth > high
        widths.append((high - low) / truth)
    return held / days, above / days, float(np.median(widths))


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line a case."""
    parser = argparse.ArgumentParser(prog="python -m bench.savings_coverage", description=__doc__)
    parser.add_argument("--days", type=int, default=1000, help="days made up for each case (default: 1000)")
    days = parser.parse_args(arguments).days
    print("| CV of lengths | routed | drawn | holds the truth % | truth is above % | width, of the saving |")
    print("|---|---|---|---|---|---|")
    for variation in (0.5, 1.0, 1.5):
        for routed, drawn in CASES:
            held, above, width = covered(variation, routed, drawn, days)
            print(f"| {variation} | {routed} | {drawn} | {100 * held:.1f} | {100 * above:.1f} | {100 * width:.0f} % |")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
