"""What was spent, what the baseline would have cost, and the difference (NUMBERS: Savings, Hold-out, Controls).

Where the baseline answered, its cost is measured. Elsewhere the length of its answer is predicted, from
its answers to conversations drawn by chance (`predicted.py`); with too few of those there is no
difference to print, only what it would be if its answers were as long as those that were served.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.core.prices import dollars
from router.reports.alternatives import Control, controls
from router.reports.arms import Arms, arms
from router.reports.bill import Bill, bill, gathered, money, total_of
from router.reports.groups import Groups, groups
from router.reports.intervals import Conversations, Estimate, Totals, ratio
from router.reports.page import Money
from router.reports.predicted import Evidence, Predicted, predicted
from router.reports.question import Ledger, Question
from router.reports.shadows import Forecast, forecast

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something whose cost is not known: `calls` of a model at an upstream, and why."""

    upstream: str
    model: str
    calls: int
    why: str


@dataclass(frozen=True, slots=True)
class Idle:
    """Requests that the pause or the hold-out sent to the baseline, and what that cost beyond the others' rate."""

    requests: int
    spent: Money
    given_up: Estimate


@dataclass(frozen=True, slots=True)
class Outside:
    """Requests that no policy chooses for, by `dialect`: `embeddings`, or `passthrough`; and what they cost."""

    dialect: str
    requests: int
    spent: Money


@dataclass(frozen=True, slots=True)
class Call:
    """Calls of one upstream with one origin, charged at one price: free, unknown, or by the source of its figures.

    For requests that no policy chooses for, `origin` is the dialect.
    """

    upstream: str
    model: str
    origin: str
    calls: int
    tokens_in: int
    tokens_out: int
    spent: Money
    price: str = ""


@dataclass(frozen=True, slots=True)
class Savings:
    """The whole report. `rest`: a bill of the groups together that have not enough evidence each, None if all have.
    `withheld`: why there is no headline, empty when there is one. `holdouts`: by policy the share that it holds out, as
    far as that is known."""

    question: Question
    total: Bill
    groups: tuple[Bill, ...]
    rest: Bill | None
    withheld: str
    gaps: tuple[Gap, ...]
    idle: Idle
    arms: Arms
    evidence: tuple[Evidence, ...]
    controls: tuple[Control, ...]
    calls: tuple[Call, ...]
    open_calls: int
    shadow: Forecast | None
    outside: tuple[Outside, ...]
    holdouts: Mapping[str, float]


def savings(ledger: Ledger, question: Question, holdouts: Mapping[str, float] | None = None) -> Savings:
    """The report for `question`. Everything we spent counts: judges, shadows, retries, the hold-out.

    A cost that is not known is never a zero: it is named in `gaps`, and no difference is printed
    over it.
    """
    rows = ledger.aggregate("savings.conversations", **question.params)
    calls = ledger.aggregate("savings.calls", **question.params)
    baselines = ledger.aggregate("savings.baselines", **question.params)
    written = ledger.aggregate("savings.written", **question.params)
    known = predicted(written)
    seen = gathered(rows, written, known)
    total = bill("all", rows, written, known, seen)
    grouped = _groups(ledger, question, known, seen)
    return Savings(
        question=question,
        total=total,
        groups=grouped.bills,
        rest=grouped.rest,
        withheld=_withheld(total, known),
        gaps=(*_unpriced_calls(calls), *_unpriced_baselines(baselines)),
        idle=_idle(rows, seen, known),
        arms=arms(rows),
        evidence=known.evidence,
        controls=controls(total, rows, seen, known),
        calls=tuple(_call(row) for row in calls),
        open_calls=sum(row["open_calls"] for row in calls),
        shadow=forecast(ledger, question),
        outside=tuple(_outside(row) for row in ledger.aggregate("savings.outside", **question.params)),
        holdouts=holdouts or {},
    )


def _groups(ledger: Ledger, question: Question, known: Predicted, seen: Conversations) -> Groups:
    if question.by is None:
        return Groups((), None)
    rows, written = (_by_group(ledger, f"savings.{name}", question) for name in ("conversations", "written"))
    return groups(rows, written, known, seen)


def _by_group(ledger: Ledger, name: str, question: Question) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in ledger.aggregate(name, by=question.by, **question.params):
        found.setdefault(str(row["group"]), []).append(row)
    return found


def _withheld(total: Bill, known: Predicted) -> str:
    if not total.requests:
        return "no requests in this period"
    if not total.spent.complete or total.as_long.value is None:
        return "a cost is not known, so neither is the difference (see below)"
    if known.lacking:
        return "not enough evidence of how long the baseline's answers would have been (see below)"
    if not total.saved.known:
        return "one conversation is not enough for an interval"
    if total.saved.value == 0 and total.share_small.value == 0:
        return "the baseline answered everything, so nothing could be saved"
    if not total.saved.side_of_zero:
        return "not distinguishable from always asking the baseline: the interval holds zero"
    return ""


def _unpriced_calls(calls: Rows) -> list[Gap]:
    return [
        Gap(
            upstream=row["upstream"],
            model=row["model"],
            calls=row["unknown_calls"],
            why="price unknown" if row["price_state"] == "unknown" else "tokens unknown: the call was cut off",
        )
        for row in calls
        if row["unknown_calls"] and not row["outside"]
    ]


def _unpriced_baselines(baselines: Rows) -> list[Gap]:
    why = "what this baseline would have cost is unknown"
    return [Gap(row["upstream"], "", row["missing"], why) for row in baselines if row["missing"]]


def _idle(rows: Rows, seen: Conversations, known: Predicted) -> Idle:
    complete = not total_of(rows, "unknown_calls") and not total_of(rows, "baseline_missing") and not known.lacking
    count = total_of(rows, "idle")

    def given_up(t: Totals) -> Any:
        """What the idle requests cost beyond what they would have cost at the routed requests' rate."""
        rate = ratio(t["spent"] - t["idle_spent"], t["baseline"] + known.correction(t) - t["idle_baseline"])
        return (t["idle_spent"] - t["idle_baseline"] * rate) / 1e9

    return Idle(
        requests=count,
        spent=money(rows, "idle_spent", "unknown_calls"),
        given_up=seen.estimate(given_up, over="n", leans=0.0) if complete and count else Estimate(None, n=len(rows)),
    )


def _outside(row: dict[str, Any]) -> Outside:
    return Outside(row["dialect"], row["n"], Money(dollars(row["spent"]), not row["unknown"]))


def _call(row: dict[str, Any]) -> Call:
    return Call(
        upstream=row["upstream"],
        model=row["model"],
        origin=row["outside"] or row["origin"],
        calls=row["calls"],
        tokens_in=row["tokens_in"],
        tokens_out=row["tokens_out"],
        spent=Money(dollars(row["spent"]), not row["unknown_calls"]),
        price=row["price_source"] or row["price_state"],
    )
