"""What was spent, what the baseline would have cost, and the difference (NUMBERS: Savings, Hold-out, Controls).

Where the baseline answered, its cost is measured. Elsewhere the length of its answer is predicted, from
its answers to conversations drawn by chance (`predicted.py`); with too few of those there is no
difference to print, only what it would be if its answers were as long as those that were served.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from router.core.prices import dollars
from router.reports.arms import Arms, arms
from router.reports.bill import SUMS, Bill, bill, money, total_of
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
    """Requests that the pause or the hold-out sent to the baseline, and what that gave up at the others' rate."""

    requests: int
    spent: Money
    given_up: Estimate


@dataclass(frozen=True, slots=True)
class Control:
    """What another way of choosing would have cost on the same requests, or in `why` why that cannot be said."""

    name: str
    cost: Money | None = None
    share_small: Estimate | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Calls of one upstream with one origin, charged by one price: free, unknown, or where its figures stand."""

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
    """The whole report. `withheld`: why there is no headline, empty when there is one."""

    question: Question
    total: Bill
    groups: tuple[Bill, ...]
    withheld: str
    gaps: tuple[Gap, ...]
    idle: Idle
    arms: Arms
    evidence: tuple[Evidence, ...]
    controls: tuple[Control, ...]
    calls: tuple[Call, ...]
    open_calls: int
    shadow: Forecast | None


def savings(ledger: Ledger, question: Question) -> Savings:
    """The report for `question`. Everything we spent counts: judges, shadows, retries, the hold-out.

    A cost that is not known is never a zero: it is named in `gaps`, and no difference is printed
    over it.
    """
    rows = ledger.aggregate("savings.conversations", **question.params)
    calls = ledger.aggregate("savings.calls", **question.params)
    baselines = ledger.aggregate("savings.baselines", **question.params)
    known, written = predicted(ledger, question)
    total = bill("all", rows, written, known)
    return Savings(
        question=question,
        total=total,
        groups=_groups(ledger, question, known),
        withheld=_withheld(total, known),
        gaps=(*_unpriced_calls(calls), *_unpriced_baselines(baselines)),
        idle=_idle(rows, written, known),
        arms=arms(rows),
        evidence=known.evidence,
        controls=_controls(total, rows, calls, {row["upstream"] for row in baselines}),
        calls=tuple(_call(row) for row in calls),
        open_calls=sum(row["open_calls"] for row in calls),
        shadow=forecast(ledger, question),
    )


def _groups(ledger: Ledger, question: Question, known: Predicted) -> tuple[Bill, ...]:
    if question.by is None:
        return ()
    by_group, of_group = (_by_group(ledger, f"savings.{name}", question) for name in ("conversations", "written"))
    return tuple(bill(group, rows, of_group.get(group, []), known) for group, rows in by_group.items())


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
        if row["unknown_calls"]
    ]


def _unpriced_baselines(baselines: Rows) -> list[Gap]:
    why = "what this baseline would have cost is unknown"
    return [Gap(row["upstream"], "", row["missing"], why) for row in baselines if row["missing"]]


def _idle(rows: Rows, written: Rows, known: Predicted) -> Idle:
    complete = not total_of(rows, "unknown_calls") and not total_of(rows, "baseline_missing") and not known.lacking
    count, seen = total_of(rows, "idle"), Conversations(known.beside(rows, written), (*SUMS, *known.names))

    def given_up(t: Totals) -> Any:
        """What the idle requests cost beyond what they would have cost at the routed requests' rate."""
        rate = ratio(t["spent"] - t["idle_spent"], t["baseline"] + known.correction(t) - t["idle_baseline"])
        return (t["idle_spent"] - t["idle_baseline"] * rate) / 1e9

    return Idle(
        requests=count,
        spent=money(rows, "idle_spent", "unknown_calls"),
        given_up=seen.estimate(given_up, over="n") if complete and count else Estimate(None, n=len(rows)),
    )


def _controls(total: Bill, rows: Rows, calls: Rows, baselines: set[str]) -> tuple[Control, ...]:
    needs_grades = "needs grades: see report quality"
    always = Control("always the baseline", total.baseline, Estimate(0.0, 0.0, 0.0, len(rows)))
    others = tuple(Control(name, why=needs_grades) for name in ("prompt length", "task mean", "oracle"))
    small = [row for row in calls if row["upstream"] not in baselines and row["origin"] in ("serve", "panel")]
    if not small or any(row["price_state"] != "free" for row in small):
        why = "no small upstream was asked" if not small else "small answers are not free, and not all were asked"
        return (always, Control("always small", why=why), Control("random mix at this cost", why=why), *others)
    free = Control("always small", Money(Decimal(0)), Estimate(1.0, 1.0, 1.0, len(rows)))
    return (always, free, _random_mix(total), *others)


def _random_mix(total: Bill) -> Control:
    """Sending a random share to the baseline costs that share of its bill: at our cost the rest is small."""
    saved = total.saved_share
    if saved.value is None:
        return Control("random mix at this cost", why="what the baseline would have cost is not known")
    low, high = (None if bound is None else min(max(bound, 0.0), 1.0) for bound in (saved.low, saved.high))
    share = Estimate(min(max(saved.value, 0.0), 1.0), low, high, saved.n)
    return Control("random mix at this cost", total.spent, share)


def _call(row: dict[str, Any]) -> Call:
    return Call(
        upstream=row["upstream"],
        model=row["model"],
        origin=row["origin"],
        calls=row["calls"],
        tokens_in=row["tokens_in"],
        tokens_out=row["tokens_out"],
        spent=Money(dollars(row["spent"]), not row["unknown_calls"]),
        price=row["price_source"] or row["price_state"],
    )
