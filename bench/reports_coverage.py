"""How often the intervals of `report savings` and `report quality` hold the truth, by way of a ledger.

`python -m bench.reports_coverage` makes up days of requests, of each of which it knows what the big model would have
written and what both answers are worth; writes them into a ledger in SQLite as a server does, journal first, with the
labels that a draw leaves; asks for the reports of each day; and counts how often each printed interval holds the truth.
`--of quality` does the grades, `--case NAME` one case alone.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.reports_days import DAY_US, Day, Graded, Traffic
from router.reports.intervals import Estimate
from router.reports.quality import quality
from router.reports.question import Question
from router.reports.savings import savings
from router.store.sql import SqlStore
from router.store.upgrade import upgrade

DAYS_A_LEDGER = 20  # a report reads all labels of its ledger, whatever their day
START = 1_767_225_600_000_000  # 2026-01-01 00:00 UTC

SAVED: dict[str, Traffic] = {
    "5 conversations": Traffic(5, held=0.0, kept=0.0),
    "30, all held out": Traffic(30, held=1.0),
    "90, a third held out": Traffic(90, held=0.33),
    "120, very unequal": Traffic(120, held=0.25, variation=1.5),
    "300, very unequal": Traffic(300, held=0.12, variation=1.5),
    "300 of three turns": Traffic(300, held=0.15, variation=1.5, turns=3),
    "300, all kept": Traffic(300, held=0.15, kept=1.0),
    "300, nothing kept": Traffic(300, held=0.15, kept=0.0, shadows=0.5),
    "300, dearer than the baseline": Traffic(300, held=0.15, small_price=9.0, shadows=0.5),
    "300, retried, sampled, cut off": Traffic(300, held=0.15, retried=0.3, samples=3, interrupted=0.1),
    "300, one price unknown": Traffic(300, held=0.15, unknown=0.02),
    "3,000 at 2 % held out": Traffic(3000, held=0.02, variation=1.5),
}
RATED: dict[str, Graded] = {
    "30 labels of 60": Graded(60, drawn=0.5),
    "90, all labelled": Graded(90),
    "300, all labelled": Graded(300),
    "300, nothing lost": Graded(300, lost=0.0, won=0.0),
    "300, all kept": Graded(300, kept=1.0, lost=0.02, won=0.0),
    "300, nothing kept": Graded(300, kept=0.0),
    "300 of three turns alike": Graded(300, turns=3),
    "300 of forty questions": Graded(300, questions=40),
    "300, one in five labelled": Graded(300, drawn=0.2),
    "300, small ones drawn unequally": Graded(300, drawn=0.2, unequal=True),
    "300, the small ones are better": Graded(300, lost=0.02, won=0.1),
    "3,000, a tenth labelled": Graded(3000, drawn=0.1),
}


@dataclass(slots=True)
class Tally:
    """Of how many intervals the truth was inside, above and below; how many days had none; and how wide they were."""

    inside: int = 0
    above: int = 0
    below: int = 0
    none: int = 0
    width: float = 0.0

    def add(self, told: Estimate, truth: float) -> None:
        """One more day. A truth beyond an end by rounding alone is inside."""
        if told.low is None or told.high is None:
            self.none += 1
            return
        slack = 1e-9 * max(1.0, abs(truth))
        self.above += truth > told.high + slack
        self.below += truth < told.low - slack
        self.inside += told.low - slack <= truth <= told.high + slack
        self.width += told.high - told.low

    def __str__(self) -> str:
        known = self.inside + self.above + self.below
        if not known:
            return f"– | – | – | – | {self.none}"
        parts = (100 * count / known for count in (self.inside, self.above, self.below))
        return " | ".join(f"{part:.1f}" for part in parts) + f" | {self.width / known:.3g} | {self.none}"


def saved_on(ledger: SqlStore, question: Question) -> Mapping[str, Estimate]:
    """What `report savings` says of a day."""
    total = savings(ledger, question).total
    return {"saved": total.saved, "saved share": total.saved_share, "answered small": total.share_small}


def rated_on(ledger: SqlStore, question: Question) -> Mapping[str, Estimate]:
    """What `report quality` says of a day."""
    report = quality(ledger, question)
    total = report.total
    return {
        "answered small": total.share_small,
        "served": total.served,
        "loss": total.loss,
        "harm": total.harm,
        "loss among kept": total.kept_loss,
        "quality kept": total.quality_kept,
        "over random mix": report.over_mix,
    }


def tallied(case: Traffic | Graded, days: int, seed: int = 1) -> dict[str, Tally]:
    """What became of every figure of a case on so many days."""
    found: dict[str, Tally] = {}
    for first in range(0, days, DAYS_A_LEDGER):
        for told, truth in _told(case, range(first, min(days, first + DAYS_A_LEDGER)), seed):
            for name in truth:
                found.setdefault(name, Tally()).add(told[name], truth[name])
    return found


def _told(case: Traffic | Graded, days: range, seed: int) -> Iterator[tuple[Mapping[str, Estimate], dict[str, float]]]:
    """What the reports say of each day of one ledger, and the truth."""
    ask = saved_on if isinstance(case, Traffic) else rated_on
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        upgrade(url)
        store = SqlStore(url, clock_us=lambda: START)
        for number in days:
            start = START + number * DAY_US
            truth = _written(store, case.day(start, (seed, number)))
            yield ask(store, Question(start, start + DAY_US)), truth
        store.close()


def _written(store: SqlStore, day: Day) -> dict[str, float]:
    """Write a day's requests and labels; returns the truth about it."""
    for exchange in day.exchanges:
        store.append(exchange)
    if not store.flush():
        raise TimeoutError("the ledger takes nothing")
    for label in day.labels:
        store.put("labels", label)
    return day.truth


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line a case and figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.reports_coverage", description=__doc__)
    parser.add_argument("--days", type=int, default=300, help="days made up for each case (default: 300)")
    parser.add_argument("--of", choices=("savings", "quality"), default="savings")
    parser.add_argument("--case", action="append", help="only this one, by name; may stand several times")
    options = parser.parse_args(arguments)
    cases: Mapping[str, Traffic | Graded] = SAVED if options.of == "savings" else RATED
    print("| a day of | figure | holds the truth % | truth above % | below % | mean width | days without |")
    print("|---|---|---|---|---|---|---|")
    for name in options.case or cases:
        for figure, tally in tallied(cases[name], options.days).items():
            print(f"| {name} | {figure} | {tally} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
