"""How often the interval of what was saved holds the truth, by the report's own code, on requests made up.

`python -m bench.savings_coverage` draws lengths of the big model's answers from a lognormal distribution, which a
hold-out shows for some conversations and nobody for the others; bills them as `report savings` does; and counts how
often the printed interval holds what the big model's own answers would have cost more, and how often a percentile
bootstrap's does. `--of groups` does the same for two groups of unequal length, `--of conversations` for savings by
conversation, of routed against held-out ones. `bench.reports_coverage` goes through a ledger.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from router.reports.arms import Arms, arms
from router.reports.bill import SUMS, Bill, bill, gathered
from router.reports.groups import groups
from router.reports.intervals import Estimate
from router.reports.predicted import predicted

PROMPT, BIG, SMALL, LENGTH = 2_500_000, 10_000, 500, 400  # nano-dollars a prompt and a token; tokens an answer
COUNTS = (*SUMS, "escalated", "fallback", "raced", "measured", "predicted", "stayed", "truncated", "degraded")
OTHERS = ("named", "rejected", "outrun", "side", "measured_baseline", "idle", "holdout")
VARIATIONS = (0.5, 1.0, 1.5)
Row = tuple[float, float, float]
CASES = ((90, 30), (300, 30), (1470, 30), (1470, 100), (1470, 500))


@dataclass(frozen=True, slots=True)
class Day:
    """A day's bill, what a percentile bootstrap says of what was saved, and what really was, in dollars."""

    bill: Bill
    drawn: Estimate
    truth: float


def lengths(random: np.random.Generator, variation: float, count: int) -> NDArray[np.float64]:
    """Tokens of so many answers: lognormal, of mean `LENGTH` and this coefficient of variation."""
    spread = np.sqrt(np.log1p(variation**2))
    return LENGTH * random.lognormal(-(spread**2) / 2, spread, count)


def day(random: np.random.Generator, variation: float, routed: int, drawn: int) -> Day:
    """A day of so many routed and held-out requests, each a conversation."""
    long, short = lengths(random, variation, routed + drawn), lengths(random, 0.5, routed + drawn) / 2
    rows, written = [], []
    for place, (token, served) in enumerate(zip(long.tolist(), short.tolist(), strict=True)):
        held = place >= routed
        rows.append(_conversation(str(place), token, served, held))
        written.append(_written(str(place), token, served, held))
    known = predicted(written)
    spent, truth = sum(row["spent"] for row in rows), PROMPT * len(rows) + BIG * float(long.sum())
    seen = gathered(rows, written, known)
    plain = seen.estimate(lambda t: (t["baseline"] + known.correction(t) - t["spent"]) / 1e9)
    return Day(bill("all", rows, written, known, seen), plain, (truth - spent) / 1e9)


def _conversation(name: str, token: float, served: float, held: bool) -> dict[str, Any]:
    own = round(PROMPT + BIG * token)
    counts = {"n": 1, "answered": 1, "free_n": 1, "small": int(not held), "measured": int(held), "predicted": 1 - held}
    money = {"spent": own, "baseline": own, "measured_baseline": own}
    if not held:
        money = {"spent": round(SMALL * served), "baseline": round(PROMPT + BIG * served), "measured_baseline": 0}
    return dict.fromkeys((*COUNTS, *OTHERS), 0) | counts | money | {"conversation": name}


def _written(name: str, token: float, served: float, held: bool) -> dict[str, Any]:
    names = {"conversation": name, "policy": "balanced", "rule": "likely-good", "baseline": "big"}
    drawn = {"drawn": int(held), "drawn_cost": BIG * token * held, "drawn_price": float(BIG * held)}
    routed = {"routed": 1 - held, "routed_cost": 0.0, "predicted": 1 - held, "served": served * (1 - held)}
    return names | drawn | routed


def apart(random: np.random.Generator, routed: int, share: float) -> tuple[dict[str, Bill], dict[str, float]]:
    """Bills of two groups, one of answers nine times as long as the other's, of each of which a share was held out; and
    what each really saved."""
    rows: dict[str, list[dict[str, Any]]] = {}
    written: dict[str, list[dict[str, Any]]] = {}
    truth = {}
    for name, longer in (("short", 1.0), ("long", 9.0)):
        held = random.random(routed) < share
        each = (longer * lengths(random, 1.0, routed) / 4, longer * lengths(random, 0.5, routed) / 8, held)
        days = [(f"{name} {place}", *one) for place, one in enumerate(zip(*(x.tolist() for x in each), strict=True))]
        rows[name], written[name] = [_conversation(*one) for one in days], [_written(*one) for one in days]
        spent = sum(row["spent"] for row in rows[name])
        truth[name] = (PROMPT * routed + BIG * float(each[0].sum()) - spent) / 1e9
    every, all_written = ([row for its in of.values() for row in its] for of in (rows, written))
    known = predicted(all_written)
    bills = groups(rows, written, known, gathered(every, all_written, known)).bills
    return {one.group: one for one in bills}, truth


def compared(random: np.random.Generator, variation: float, held: int, routed: int) -> Arms:
    """Held-out conversations against routed ones, which cost two fifths of what they would have on average."""
    costs = lengths(random, variation, held + routed) * BIG
    rows = [
        {"open_n": 1, "holdout": int(place < held), "open_spent": int(cost if place < held else 0.4 * cost)}
        for place, cost in enumerate(costs.tolist())
    ]
    return arms([row | {"unknown_calls": 0} for row in rows])


def held_of(estimates: Sequence[tuple[Estimate, float]]) -> tuple[float, float, float]:
    """The share of estimates whose interval holds the truth, of those it lies above, and the median relative width."""
    known = [(one.low or 0.0, one.high or 0.0, truth) for one, truth in estimates]
    held = sum(low <= truth <= high for low, high, truth in known)
    above = sum(truth > high for _, high, truth in known)
    width = float(np.median([(high - low) / truth for low, high, truth in known]))
    return held / len(known), above / len(known), width


def covered(variation: float, routed: int, drawn: int, days: int, seed: int = 1) -> tuple[Row, Row]:
    """`held_of` what was saved on so many days, and the same by a percentile bootstrap."""
    random = np.random.default_rng(seed)
    made = [day(random, variation, routed, drawn) for _ in range(days)]
    return held_of([(one.bill.saved, one.truth) for one in made]), held_of([(one.drawn, one.truth) for one in made])


def covered_groups(routed: int, share: float, days: int, seed: int = 1) -> dict[str, tuple[float, float, float]]:
    """`held_of` what each group saved, of the days on which it has enough evidence."""
    random, found = np.random.default_rng(seed), dict[str, list[tuple[Estimate, float]]]()
    for _ in range(days):
        bills, truth = apart(random, routed, share)
        for name, told in bills.items():
            if not told.lacking:
                found.setdefault(name, []).append((told.saved, truth[name]))
    return {name: held_of(estimates) for name, estimates in found.items()}


def covered_conversations(variation: float, held: int, routed: int, days: int, seed: int = 1) -> Row:
    """`held_of` what was saved by conversation, which is three fifths."""
    random = np.random.default_rng(seed)
    return held_of([(compared(random, variation, held, routed).saved_share, 0.6) for _ in range(days)])


def table(of: str, days: int) -> Iterator[tuple[str, Row]]:
    """What is tried and what came of it."""
    if of == "total":
        for variation in VARIATIONS:
            for routed, drawn in CASES:
                ours, plain = covered(variation, routed, drawn, days)
                yield f"CV {variation}, {routed} predicted, {drawn} drawn", ours
                yield "the same by a percentile bootstrap", plain
    elif of == "groups":
        for routed in (1500, 5000):
            for name, found in covered_groups(routed, 0.03, days).items():
                yield f"{name} answers, {routed} requests a group, 3 % held out", found
    else:
        for variation in VARIATIONS:
            for held in (30, 100):
                yield f"CV {variation}, {held} held out", covered_conversations(variation, held, 1500, days)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line a case."""
    parser = argparse.ArgumentParser(prog="python -m bench.savings_coverage", description=__doc__)
    parser.add_argument("--days", type=int, default=1000, help="days made up for each case (default: 1000)")
    parser.add_argument("--of", choices=("total", "groups", "conversations"), default="total")
    options = parser.parse_args(arguments)
    print("| what | holds the truth % | truth is above % | width, of what was saved |\n|---|---|---|---|")
    for name, (held, above, width) in table(options.of, options.days):
        print(f"| {name} | {100 * held:.1f} | {100 * above:.1f} | {100 * width:.0f} % |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
