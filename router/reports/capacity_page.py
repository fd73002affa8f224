"""The report on capacity for people, programs and spreadsheets."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from router.reports.capacity import Capacity, Machine, Plan
from router.reports.intervals import Estimate
from router.reports.page import Page, Sheet, percent
from router.reports.question import iso

NOTES = (
    "Each upstream is an M/G/c queue (Erlang 1917; Allen 1990): Poisson arrivals, measured service times, its slots. "
    "Service times hold whatever waiting happened inside the servers, so at a busy time they err on the safe side.",
    "Upstreams are taken to have slots of their own. Models that share a GPU slow each other: measure them together.",
    "Intervals: 95 %, hours drawn again. A share counts the requests that came while the rate was not exceeded.",
)


def page(report: Capacity) -> Page:
    """For people."""
    title = f"Capacity, {report.question} UTC"
    hours = "one hour" if report.hours == 1 else f"{report.hours:,} hours, {report.busiest:,} in the busiest"
    traffic = f"{report.requests:,} requests in {hours}."
    sheets = [_machines(report.machines)] if report.machines else []
    if report.withheld:
        return Page(title, f"{traffic} {report.withheld[0].upper()}{report.withheld[1:]}.", tuple(sheets))
    best = max(report.plans, key=lambda plan: plan.rate.value or 0)
    headline = (
        f"{traffic} At a p95 of {report.p95_s:g} s, {best.name} carries {percent(best.share)} of them "
        f"({_rate(best.rate)} requests an hour)."
    )
    return Page(title, headline, (_plans(report.plans), *sheets), (report.asked, *NOTES))


def plain(report: Capacity) -> dict[str, Any]:
    """For programs: the record's own names, times in UTC."""
    content = asdict(report)
    question = content.pop("question")
    return {
        "report": "capacity",
        "since": iso(question["since_us"]),
        "until": iso(question["until_us"]),
        **content,
    }


def flat(report: Capacity) -> list[dict[str, Any]]:
    """For spreadsheets: a row a plan, then one a machine, or the reason alone where there is neither."""
    why = {"withheld": report.withheld} if report.withheld else {}
    rows = [_flat(report, plan) for plan in report.plans]
    rows += [_flat_machine(machine) | why for machine in report.machines]
    return rows or [why]


def _plans(plans: Sequence[Plan]) -> Sheet:
    columns = ("with", "requests an hour", "of this traffic", "full first", "one more of it", "then")
    rows = tuple(
        (
            plan.name,
            _rate(plan.rate),
            percent(plan.share),
            plan.tightest,
            f"{plan.more_rate:,.0f}",
            f"{100 * plan.more_share:.1f} %",
        )
        for plan in plans
    )
    return Sheet("What these machines carry", columns, rows)


def _machines(machines: Sequence[Machine]) -> Sheet:
    columns = ("upstream", "slots", "answers", "mean s", "p95 s", "tokens/s")
    rows = tuple(
        (
            machine.name,
            "–" if machine.slots is None else str(machine.slots),
            f"{machine.answers:,}",
            _seconds(machine.mean_s),
            f"{machine.p95_s:.2f}",
            "–" if machine.tokens_per_s is None else f"{machine.tokens_per_s:,.1f}",
        )
        for machine in machines
    )
    return Sheet("As measured, an answer at a time", columns, rows)


def _rate(rate: Estimate) -> str:
    if rate.value is None:
        return "–"
    span = f" ({rate.low:,.0f} to {rate.high:,.0f})" if rate.low is not None and rate.high is not None else ""
    return f"{rate.value:,.0f}{span}"


def _seconds(mean: Estimate) -> str:
    if mean.value is None:
        return "–"
    span = f" ({mean.low:.2f} to {mean.high:.2f})" if mean.low is not None and mean.high is not None else ""
    return f"{mean.value:.2f}{span}"


def _flat(report: Capacity, plan: Plan) -> dict[str, Any]:
    return {
        "plan": plan.name,
        "p95_s": report.p95_s,
        "requests_an_hour": plan.rate.value,
        "requests_an_hour_low": plan.rate.low,
        "requests_an_hour_high": plan.rate.high,
        "share": plan.share.value,
        "share_low": plan.share.low,
        "share_high": plan.share.high,
        "tightest": plan.tightest,
        "more_requests_an_hour": plan.more_rate,
        "more_share": plan.more_share,
    }


def _flat_machine(machine: Machine) -> dict[str, Any]:
    return {
        "upstream": machine.name,
        "slots": machine.slots,
        "answers": machine.answers,
        "mean_s": machine.mean_s.value,
        "mean_s_low": machine.mean_s.low,
        "mean_s_high": machine.mean_s.high,
        "measured_p95_s": machine.p95_s,
        "tokens_per_s": machine.tokens_per_s,
    }
