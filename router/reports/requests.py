"""How requests went: outcomes, times, tokens, escalations and errors."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from router.core.prices import dollars
from router.reports.page import NOTHING, Money, Page, Sheet, milliseconds, share, usd
from router.reports.question import Ledger, Question, iso, minute

MEASURES = ("ttft_ms", "overhead_ms", "total_ms")
OUTCOMES = ("answered", "failed", "aborted", "interrupted", "refused")
SHOWN = 15
BEGINS = 18  # of an id: its millisecond and twelve bits by chance, which `explain` takes for the whole


@dataclass(frozen=True, slots=True)
class Times:
    """Median and 95th percentile over `n` requests that have the measure, in milliseconds."""

    p50: float | None = None
    p95: float | None = None
    n: int = 0


@dataclass(frozen=True, slots=True)
class Traffic:
    """One group's requests. `tokens_in` and `tokens_out` are those of every call made for them.

    `resent`: tries that their clients sent again; `requests` and `outcomes` count the last try only.
    """

    group: str
    requests: int
    outcomes: dict[str, int]
    escalated: int
    fallbacks: int
    degraded: int
    streamed: int
    attempts: int
    tokens_in: int
    tokens_out: int
    spent: Money
    ttft: Times
    overhead: Times
    total: Times
    resent: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Attempts that failed in the same way."""

    upstream: str
    error: str
    status: int | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Requests:
    """The whole report; `recent` are the newest, without bodies."""

    question: Question
    total: Traffic | None
    groups: tuple[Traffic, ...]
    failures: tuple[Failure, ...]
    recent: tuple[dict[str, Any], ...]


def requests(ledger: Ledger, question: Question) -> Requests:
    """The report for `question`."""
    whole = _traffic(ledger, question, None)
    return Requests(
        question=question,
        total=whole[0] if whole else None,
        groups=_traffic(ledger, question, question.by) if question.by else (),
        failures=tuple(Failure(**row) for row in ledger.aggregate("requests.errors", **question.params)),
        recent=tuple(ledger.aggregate("requests.recent", limit=SHOWN, **question.params)),
    )


def _traffic(ledger: Ledger, question: Question, by: str | None) -> tuple[Traffic, ...]:
    times: dict[str, dict[str, Times]] = {}
    for measure in MEASURES:
        for row in ledger.aggregate("requests.quantiles", measure=measure, by=by, **question.params):
            times.setdefault(str(row["group"]), {})[measure] = Times(row["p50"], row["p95"], row["n"])
    rows = ledger.aggregate("requests.groups", by=by, **question.params)
    return tuple(_one(row, times.get(str(row["group"]), {}), by) for row in rows)


def _one(row: dict[str, Any], times: dict[str, Times], by: str | None) -> Traffic:
    return Traffic(
        group=str(row["group"]) if by else "all",
        requests=row["n"],
        outcomes={outcome: row[outcome] for outcome in OUTCOMES},
        escalated=row["escalated"],
        fallbacks=row["fallback"],
        degraded=row["degraded"],
        streamed=row["streamed"],
        attempts=row["attempts"],
        tokens_in=row["tokens_in"],
        tokens_out=row["tokens_out"],
        spent=Money(dollars(row["spent"]), not row["unknown_calls"]),
        ttft=times.get("ttft_ms", Times()),
        overhead=times.get("overhead_ms", Times()),
        total=times.get("total_ms", Times()),
        resent=row["resent"],
    )


def page(report: Requests) -> Page:
    """For people."""
    by = f" by {report.question.by}" if report.question.by else ""
    title = f"Requests{by}, {report.question} UTC"
    total = report.total
    if total is None:
        return Page(title, "No requests in this period.", (), (NOTHING,))
    headline = (
        f"{total.requests:,} request{'' if total.requests == 1 else 's'}: "
        f"{_outcomes(total)}{_resent(total)}; {total.attempts:,} calls, "
        f"{total.tokens_in:,} tokens in, {total.tokens_out:,} out, {total.spent}."
    )
    sheets = [_times_sheet((*report.groups, total), report.question.by or "")]
    if report.failures:
        sheets.append(_failures_sheet(report.failures))
    if not report.question.by:
        sheets.append(_recent_sheet(report.recent))
    return Page(
        title,
        headline,
        tuple(sheets),
        ("Why one of them went where it did: smallfirst explain ID; the beginning shown will do.",),
    )


def plain(report: Requests) -> dict[str, Any]:
    """For programs: the record's own names, money in exact dollars, times in UTC."""
    content = asdict(report)
    del content["question"]
    recent = [_recent(row) for row in content.pop("recent")]
    return {"report": "requests", **report.question.plain, **content, "recent": recent}


def flat(report: Requests) -> list[dict[str, Any]]:
    """For spreadsheets: a row for everything, then one a group."""
    return [_flat(traffic) for traffic in ((report.total,) if report.total else ()) + report.groups]


def _outcomes(traffic: Traffic) -> str:
    counts = ((outcome, traffic.outcomes[outcome]) for outcome in OUTCOMES)
    return ", ".join(f"{count:,} {outcome}" for outcome, count in counts if count) or "none has ended"


def _resent(traffic: Traffic) -> str:
    return f", {traffic.resent:,} earlier tries of them not counted" if traffic.resent else ""


def _times_sheet(groups: Sequence[Traffic], by: str) -> Sheet:
    columns = (by, "requests", "answered", "escalated", "fallback", "first token ms", "ours ms", "total ms")
    rows = tuple(
        (
            traffic.group or "(none)",
            f"{traffic.requests:,}",
            f"{traffic.outcomes['answered']:,}",
            share(traffic.escalated, traffic.requests),
            f"{traffic.fallbacks:,}",
            _both(traffic.ttft),
            _both(traffic.overhead),
            _both(traffic.total),
        )
        for traffic in groups
    )
    return Sheet("Times: median · 95th percentile", columns, rows)


def _both(times: Times) -> str:
    return f"{milliseconds(times.p50)} · {milliseconds(times.p95)}" if times.n else "–"


def _failures_sheet(failures: Sequence[Failure]) -> Sheet:
    rows = tuple(
        (
            failure.upstream,
            failure.error,
            "–" if failure.status is None else str(failure.status),
            f"{failure.attempts:,}",
        )
        for failure in failures[:SHOWN]
    )
    return Sheet("What went wrong, by call", ("upstream", "error", "status", "calls"), rows, numbers=False)


def _recent_sheet(recent: Sequence[dict[str, Any]]) -> Sheet:
    columns = ("id", "time", "outcome", "upstream", "rule", "ms", "cost")
    rows = tuple(
        (
            row["id"][:BEGINS],
            minute(row["started_at"])[5:],
            row["error"] or row["outcome"] or "open",
            row["upstream"] or "–",
            row["rule"] or "–",
            milliseconds(row["total_ms"]),
            "unknown" if row["cost"] is None else usd(dollars(row["cost"])),
        )
        for row in recent
    )
    return Sheet("Newest", columns, rows, numbers=False)


def _recent(row: dict[str, Any]) -> dict[str, Any]:
    cost = None if row["cost"] is None else dollars(row["cost"])
    return row | {"started_at": iso(row["started_at"]), "cost": cost}


def _flat(traffic: Traffic) -> dict[str, Any]:
    return {
        "group": traffic.group,
        "requests": traffic.requests,
        "resent": traffic.resent,
        **traffic.outcomes,
        "escalated": traffic.escalated,
        "fallbacks": traffic.fallbacks,
        "degraded": traffic.degraded,
        "streamed": traffic.streamed,
        "attempts": traffic.attempts,
        "tokens_in": traffic.tokens_in,
        "tokens_out": traffic.tokens_out,
        "spent_usd": traffic.spent.usd,
        "spent_complete": traffic.spent.complete,
        "ttft_p50_ms": traffic.ttft.p50,
        "ttft_p95_ms": traffic.ttft.p95,
        "overhead_p50_ms": traffic.overhead.p50,
        "overhead_p95_ms": traffic.overhead.p95,
        "total_p50_ms": traffic.total.p50,
        "total_p95_ms": traffic.total.p95,
    }
