"""The savings report laid out: for people, for programs, for spreadsheets."""

from dataclasses import asdict
from typing import Any

from router.reports.alternatives import Control
from router.reports.bill import Bill
from router.reports.page import NOTHING, Page, Sheet, dollars_between, percent, share, usd
from router.reports.predicted import MIN_DRAWN, Evidence
from router.reports.savings import Call, Savings
from router.reports.shadows import money_sheet

ABOUT = (
    "Spent: every call for these requests, judges, shadows, retries and the hold-out included. Saved, per reply: what "
    "each request's own baseline would have cost, same history, minus everything spent. Intervals: 95 %, bootstrap "
    "over conversations, wider where a few of them carry the sum."
)


def page(report: Savings) -> Page:
    """For people."""
    by = f" by {report.question.by}" if report.question.by else ""
    title = f"Savings{by}, {report.question} UTC"
    if not report.total.requests and not report.calls and not report.outside:
        return Page(title, headline(report), (), (NOTHING,))
    sheets = [_money_sheet(report.total)]
    if report.groups:
        sheets.append(_groups_sheet(report))
    if report.shadow:
        sheets.append(money_sheet(report.shadow))
    sheets += [_controls_sheet(report), _calls_sheet(report)]
    return Page(title, headline(report), tuple(sheets), tuple(_notes(report)))


def headline(report: Savings) -> str:
    """One sentence; if there is no headline, why."""
    total = report.total
    if report.withheld:
        tried = " What trying out says stands below." if report.shadow and total.share_small.value == 0 else ""
        return f"No headline: {report.withheld}.{tried}"
    saved = total.saved.value or 0.0
    verb, less = ("Saved", "of") if saved > 0 else ("Spent more than the baseline:", "over")
    small = f"; {percent(total.share_small)} answered small" if total.share_small.known else ""
    guessed = f"; {total.predicted:,} of the baseline's answers are predicted, not measured" if total.predicted else ""
    return (
        f"{verb} {usd(abs(saved))} {less} {total.baseline}, {percent(total.saved_share)} "
        f"over {total.requests:,} requests in {total.conversations:,} conversations{small}{guessed}."
    )


def plain(report: Savings) -> dict[str, Any]:
    """For programs: the record's own names, money in exact dollars, times in UTC."""
    content = asdict(report)
    del content["question"]
    return {"report": "savings", **report.question.plain, "headline": headline(report), **content}


def flat(report: Savings) -> list[dict[str, Any]]:
    """For spreadsheets: a row for everything, then one a group."""
    return [_flat(bill) for bill in (report.total, *report.groups)]


def _money_sheet(total: Bill) -> Sheet:
    guessed = "not known" if total.lacking else "predicted"
    paid = f"{total.escalation_cost} of what was spent, for answers that were not served"
    told = "" if total.answered == total.requests else f"{total.answered:,} of them answered, "
    rows = (
        ("requests", f"{total.requests:,}", f"{told}in {total.conversations:,} conversations"),
        ("spent", str(total.spent), f"of it {total.side_cost} on calls that were not asked to answer"),
        ("baseline", _baseline(total), f"{total.measured:,} measured, {total.predicted:,} {guessed}"),
        ("saved", *_saved(total)),
        ("answered small", percent(total.share_small), f"on this machine or premises: {percent(total.share_local)}"),
        ("escalated", share(total.escalated, total.requests), paid),
        ("fallbacks", share(total.fallbacks, total.requests), "because an attempt failed"),
        *_raced(total),
        *_degraded(total),
    )
    return Sheet("Per reply", ("", "", ""), rows, numbers=False)


def _baseline(total: Bill) -> str:
    """What is measured is exact; what is predicted has an interval."""
    between = total.baseline_between
    return dollars_between(between) if total.predicted and between.known else str(total.baseline)


def _raced(total: Bill) -> tuple[tuple[str, str, str], ...]:
    paid = f"{total.race_cost} of what was spent, for answers that came second"
    return (("raced", share(total.raced, total.requests), paid),) if total.raced else ()


def _degraded(total: Bill) -> tuple[tuple[str, str, str], ...]:
    why = "served although doubted or cut, since nothing better was to be had"
    return (("degraded", share(total.degraded, total.requests), why),) if total.degraded else ()


def _saved(total: Bill) -> tuple[str, str]:
    if total.lacking and total.as_long.value is not None:
        assumed = f"{usd(total.as_long.value)} if its answers were as long as those served: an assumption"
        return "not enough evidence", assumed
    return dollars_between(total.saved), percent(total.saved_share)


def _groups_sheet(report: Savings) -> Sheet:
    rows = [_group(bill, bill.group or "(none)") for bill in report.groups]
    if report.rest and not report.rest.lacking:
        few = sum(bill.lacking for bill in report.groups)
        rows.append(_group(report.rest, f"the {few} without enough evidence, together"))
    columns = (report.question.by or "", "requests", "small", "spent", "baseline", "saved", "escalated")
    return Sheet("Groups", columns, tuple(rows))


def _group(bill: Bill, name: str) -> tuple[str, ...]:
    saved = "not enough evidence" if bill.lacking else percent(bill.saved_share)
    counts = (f"{bill.requests:,}", percent(bill.share_small, 0), str(bill.spent), str(bill.baseline), saved)
    return (name, *counts, f"{bill.escalated:,}")


def _controls_sheet(report: Savings) -> Sheet:
    total = report.total
    ours = ("what was done", str(total.spent), percent(total.share_small), "")
    rows = (ours, *(_control(control) for control in report.controls))
    return Sheet("Controls, on the same requests", ("", "cost", "answered small", ""), rows, numbers=False)


def _control(control: Control) -> tuple[str, ...]:
    cost = "–" if control.cost is None else str(control.cost)
    if control.between and control.between.known:
        cost = dollars_between(control.between)
    return (control.name, cost, "–" if control.share_small is None else _share_of(control), control.why)


def _share_of(control: Control) -> str:
    estimate = control.share_small
    exact = estimate is not None and estimate.low == estimate.high
    if estimate is None or estimate.value is None:
        return "–"
    return f"{100 * estimate.value:.1f} %" if exact else percent(estimate)


def _calls_sheet(report: Savings) -> Sheet:
    columns = ("upstream", "why", "calls", "tokens in", "tokens out", "spent", "price")
    rows = tuple(_call(call) for call in report.calls)
    return Sheet("Calls", columns, rows)


def _call(call: Call) -> tuple[str, ...]:
    counts = (f"{count:,}" for count in (call.calls, call.tokens_in, call.tokens_out))
    return (call.upstream, call.origin, *counts, str(call.spent), call.price)


def _notes(report: Savings) -> list[str]:
    notes = [
        f"Not known: {gap.calls:,} × {gap.upstream}{f' ({gap.model})' if gap.model else ''}: {gap.why}."
        for gap in report.gaps
    ]
    if report.open_calls:
        notes.append(f"Still open, and not counted yet: {report.open_calls:,} calls.")
    notes.append(_arms(report))
    if report.idle.requests:
        notes.append(
            f"Sent to the baseline by pause or hold-out: {share(report.idle.requests, report.total.requests)}, "
            f"{report.idle.spent}; given up, at the other requests' rate: {dollars_between(report.idle.given_up)}."
        )
    if report.total.truncated:
        notes.append(
            f"Answered although the server had cut the prompt: {share(report.total.truncated, report.total.requests)}; "
            "what they saved is counted here, and what they lost in `smallfirst report quality`."
        )
    notes += [*_predictions(report), *_left_out(report)]
    if any(bill.lacking for bill in report.groups):
        notes.append(
            f"A group with under {MIN_DRAWN} conversations that the hold-out drew in it has not enough evidence."
        )
    if report.groups and report.total.predicted and not report.total.lacking:
        notes.append("The groups' baselines add up to the total's, and so does what was saved; intervals do not add.")
    notes.append("Whether the answers were as good is in `smallfirst report quality`, beside the random mix.")
    notes.append(ABOUT)
    return notes


def _predictions(report: Savings) -> list[str]:
    """What the baseline's bill rests on where it was not asked, and what is outside it."""
    notes = [_lacking(one, report.holdouts.get(one.policy)) for one in report.evidence if not one.enough]
    drawn = sum(one.drawn for one in report.evidence if one.enough)
    if drawn:
        notes.append(
            f"Predicted: how long the baseline's answers would have been, from {drawn:,} of its answers in "
            "conversations that the hold-out drew, rule by rule; their spread is in the interval."
        )
    if report.total.stayed:
        notes.append(f"Had to stay local, and so have no baseline: {report.total.stayed:,}; what they cost is counted.")
    return notes


def _lacking(one: Evidence, holdout: float | None) -> str:
    """What is missing, and how it comes: a policy that holds nothing out never has it, however long it runs."""
    missing = MIN_DRAWN - one.conversations
    said = (
        f"Not enough evidence: {one.predicted:,} answers stand where {one.baseline}'s would have (policy {one.policy}, "
        f"rule {', '.join(one.rules)}), and of its own the hold-out drew only {one.conversations:,} conversations "
        f"there; {MIN_DRAWN} say how long its answers are, so {missing:,} are missing"
    )
    if holdout == 0:
        return f"{said}. The policy has no `holdout:`, so none will come: write `holdout: 0.02`."
    return (
        f"{said}: at `holdout: {holdout:g}` some {missing / holdout:,.0f} conversations more."
        if holdout
        else f"{said}."
    )


def _left_out(report: Savings) -> list[str]:
    """What no policy chose for, and so is no part of what was chosen."""
    notes = [
        f"Left out, since no policy chooses there: {one.requests:,} {one.dialect}, which cost {one.spent}."
        for one in report.outside
    ]
    if report.total.named:
        named = f"Their client named the upstream: {report.total.named:,}"
        notes.append(f"{named}; on the bill on both sides, and in no share answered small.")
    return notes


def _arms(report: Savings) -> str:
    arms = report.arms
    said = f"Per conversation, from the hold-out ({arms.held_out:,} held out, {arms.routed:,} routed)"
    if arms.saved_share.known:
        return f"{said}: saved {percent(arms.saved_share)}; ± 5 points needs {arms.needed:,} (CV {arms.cv:.1f})."
    if any(gap.model for gap in report.gaps):
        return f"{said}: not known, since a cost is not known (see above)."
    return f"{said}: not enough evidence; ± 5 points needs {arms.needed:,} held out (CV {arms.cv:.1f})."


def _flat(bill: Bill) -> dict[str, Any]:
    return {
        "group": bill.group,
        "requests": bill.requests,
        "conversations": bill.conversations,
        "spent_usd": bill.spent.usd,
        "spent_complete": bill.spent.complete,
        "baseline_usd": bill.baseline.usd,
        "baseline_complete": bill.baseline.complete,
        "saved_usd": bill.saved.value,
        "saved_usd_low": bill.saved.low,
        "saved_usd_high": bill.saved.high,
        "saved_usd_if_as_long": bill.as_long.value,
        "saved_share": bill.saved_share.value,
        "saved_share_low": bill.saved_share.low,
        "saved_share_high": bill.saved_share.high,
        "share_small": bill.share_small.value,
        "share_small_low": bill.share_small.low,
        "share_small_high": bill.share_small.high,
        "escalated": bill.escalated,
        "fallbacks": bill.fallbacks,
        "raced": bill.raced,
        "truncated": bill.truncated,
        "degraded": bill.degraded,
        "named": bill.named,
    }
