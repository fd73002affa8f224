"""What was spent, what the baseline would have cost, and the difference (NUMBERS: Savings, Hold-out, Controls)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from router.core.prices import dollars
from router.reports.arms import Arms, arms
from router.reports.intervals import SHARE, Conversations, Estimate, Totals, ratio
from router.reports.page import Money
from router.reports.question import Ledger, Question

SUMS = (
    "n",
    "answered",
    "small",
    "local",
    "spent",
    "baseline",
    "idle_spent",
    "idle_baseline",
    "unknown_calls",
    "baseline_missing",
)
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Bill:
    """One group's money and shares. `saved` and `saved_share` are per reply; unknown when a price is."""

    group: str
    requests: int
    conversations: int
    spent: Money
    baseline: Money
    saved: Estimate
    saved_share: Estimate
    share_small: Estimate
    share_local: Estimate
    escalated: int
    escalation_cost: Money
    fallbacks: int
    side_cost: Money
    measured: int
    predicted: int

    @property
    def cost_share(self) -> Estimate:
        """What was spent as a share of the baseline; unknown when a price is."""
        saved = self.saved_share
        if saved.value is None or saved.low is None or saved.high is None:
            return Estimate(None if saved.value is None else 1 - saved.value, n=saved.n)
        return Estimate(1 - saved.value, 1 - saved.high, 1 - saved.low, saved.n)


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
    """Calls of one upstream with one origin."""

    upstream: str
    model: str
    origin: str
    calls: int
    tokens_in: int
    tokens_out: int
    spent: Money


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
    controls: tuple[Control, ...]
    calls: tuple[Call, ...]
    open_calls: int


def savings(ledger: Ledger, question: Question) -> Savings:
    """The report for `question`. Everything we spent counts: judges, shadows, retries, the hold-out.

    A cost that is not known is never a zero: it is named in `gaps`, and no difference is printed
    over it.
    """
    rows = ledger.aggregate("savings.conversations", **question.params)
    calls = ledger.aggregate("savings.calls", **question.params)
    baselines = ledger.aggregate("savings.baselines", **question.params)
    total = _bill("all", rows)
    return Savings(
        question=question,
        total=total,
        groups=_groups(ledger, question),
        withheld=_withheld(total),
        gaps=(*_unpriced_calls(calls), *_unpriced_baselines(baselines)),
        idle=_idle(rows),
        arms=arms(rows),
        controls=_controls(rows, calls, {row["upstream"] for row in baselines}),
        calls=tuple(_call(row) for row in calls),
        open_calls=sum(row["open_calls"] for row in calls),
    )


def _groups(ledger: Ledger, question: Question) -> tuple[Bill, ...]:
    if question.by is None:
        return ()
    by_group: dict[str, list[dict[str, Any]]] = {}
    for row in ledger.aggregate("savings.conversations", by=question.by, **question.params):
        by_group.setdefault(str(row["group"]), []).append(row)
    return tuple(_bill(group, rows) for group, rows in by_group.items())


def _bill(group: str, rows: Rows) -> Bill:
    seen = Conversations(rows, SUMS)
    spent, baseline = _money(rows, "spent", "unknown_calls"), _money(rows, "baseline", "baseline_missing")
    complete = spent.complete and baseline.complete
    unknown = Estimate(None, n=seen.n)
    return Bill(
        group=group,
        requests=_sum(rows, "n"),
        conversations=seen.n,
        spent=spent,
        baseline=baseline,
        saved=seen.estimate(lambda t: (t["baseline"] - t["spent"]) / 1e9) if complete else unknown,
        saved_share=seen.estimate(lambda t: 1 - ratio(t["spent"], t["baseline"])) if complete else unknown,
        share_small=seen.estimate(lambda t: ratio(t["small"], t["answered"]), within=SHARE),
        share_local=seen.estimate(lambda t: ratio(t["local"], t["answered"]), within=SHARE),
        escalated=_sum(rows, "escalated"),
        escalation_cost=Money(dollars(_sum(rows, "rejected")), spent.complete),
        fallbacks=_sum(rows, "fallback"),
        side_cost=Money(dollars(_sum(rows, "side")), spent.complete),
        measured=_sum(rows, "measured"),
        predicted=_sum(rows, "priced") - _sum(rows, "measured"),
    )


def _withheld(total: Bill) -> str:
    if not total.requests:
        return "no requests in this period"
    if not (total.spent.complete and total.baseline.complete):
        return "a cost is not known, so neither is the difference (see below)"
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


def _idle(rows: Rows) -> Idle:
    complete = not _sum(rows, "unknown_calls") and not _sum(rows, "baseline_missing")
    count, seen = _sum(rows, "idle"), Conversations(rows, SUMS)
    known = complete and count
    return Idle(
        requests=count,
        spent=_money(rows, "idle_spent", "unknown_calls"),
        given_up=seen.estimate(_given_up) if known else Estimate(None, n=seen.n),
    )


def _given_up(t: Totals) -> Any:
    """What the idle requests cost beyond what they would have cost at the routed requests' rate."""
    rate = ratio(t["spent"] - t["idle_spent"], t["baseline"] - t["idle_baseline"])
    return (t["idle_spent"] - t["idle_baseline"] * rate) / 1e9


def _controls(rows: Rows, calls: Rows, baselines: set[str]) -> tuple[Control, ...]:
    total = _money(rows, "baseline", "baseline_missing")
    needs_grades = "needs grades: see report quality"
    always = Control("always the baseline", total, Estimate(0.0, 0.0, 0.0, len(rows)))
    others = tuple(Control(name, why=needs_grades) for name in ("prompt length", "task mean", "oracle"))
    small = [row for row in calls if row["upstream"] not in baselines and row["origin"] in ("serve", "panel")]
    if not small or any(row["price_state"] != "free" for row in small):
        why = "no small upstream was asked" if not small else "small answers are not free, and not all were asked"
        return (always, Control("always small", why=why), Control("random mix at this cost", why=why), *others)
    free = Control("always small", Money(Decimal(0)), Estimate(1.0, 1.0, 1.0, len(rows)))
    return (always, free, _random_mix(rows), *others)


def _random_mix(rows: Rows) -> Control:
    """Sending a random share to the baseline costs that share of its bill: at our cost the rest is small."""
    spent = _money(rows, "spent", "unknown_calls")
    if not (spent.complete and not _sum(rows, "baseline_missing")):
        return Control("random mix at this cost", why="a cost is not known")
    seen = Conversations(rows, SUMS)
    return Control(
        "random mix at this cost", spent, seen.estimate(lambda t: 1 - ratio(t["spent"], t["baseline"]), within=SHARE)
    )


def _call(row: dict[str, Any]) -> Call:
    return Call(
        upstream=row["upstream"],
        model=row["model"],
        origin=row["origin"],
        calls=row["calls"],
        tokens_in=row["tokens_in"],
        tokens_out=row["tokens_out"],
        spent=Money(dollars(row["spent"]), not row["unknown_calls"]),
    )


def _money(rows: Rows, name: str, unknown: str) -> Money:
    return Money(dollars(_sum(rows, name)), complete=not _sum(rows, unknown))


def _sum(rows: Rows, name: str) -> int:
    return sum(int(row[name]) for row in rows)
