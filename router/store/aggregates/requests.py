"""How requests went: outcomes, tokens, times and errors."""

from typing import Any

from sqlalchemy import Select, and_, func, not_, or_, select

from router.store.aggregates.scope import AGAIN, COUNTED, E, count, dimension, total, within
from router.store.tables import ATTEMPTS, EXCHANGES

A = ATTEMPTS.c
OUTCOMES = ("answered", "failed", "aborted", "interrupted", "refused")
MEASURES = frozenset({"ttft_ms", "overhead_ms", "total_ms"})


def groups(*, since_us: int | None = None, until_us: int | None = None, by: str | None = None) -> Select[Any]:
    """One row a group: requests, outcomes, escalations, fallbacks, tokens of every call, known cost."""
    group = dimension(by)
    scope = within(since_us, until_us)
    calls = (
        select(
            E.id,
            func.count(A.id).label("attempts"),
            total(func.coalesce(A.input, 0) + func.coalesce(A.cached, 0) + func.coalesce(A.cache_write, 0)).label(
                "into"
            ),
            total(func.coalesce(A.output, 0) + func.coalesce(A.reasoning, 0)).label("out"),
            total(func.coalesce(A.cost, 0)).label("spent"),
            count(and_(A.ended_at.is_not(None), A.cost.is_(None))).label("unknown"),
        )
        .select_from(EXCHANGES.outerjoin(ATTEMPTS, A.exchange == E.id))
        .where(scope)
        .group_by(E.id)
        .subquery("calls")
    )
    return (
        select(
            group,
            count(COUNTED).label("n"),
            count(not_(COUNTED)).label("resent"),
            *(count(and_(E.outcome == outcome, COUNTED)).label(outcome) for outcome in OUTCOMES),
            count(E.escalated.is_not(None)).label("escalated"),
            count(E.fallback.is_not(None)).label("fallback"),
            count(E.degraded).label("degraded"),
            count(E.stream).label("streamed"),
            total(calls.c.attempts).label("attempts"),
            total(calls.c.into).label("tokens_in"),
            total(calls.c.out).label("tokens_out"),
            total(calls.c.spent).label("spent"),
            total(calls.c.unknown).label("unknown_calls"),
        )
        .select_from(EXCHANGES.join(calls, calls.c.id == E.id).outerjoin(AGAIN, AGAIN.c.id == E.id))
        .where(scope)
        .group_by(group)
        .order_by(group)
    )


def quantiles(
    *,
    measure: str,
    since_us: int | None = None,
    until_us: int | None = None,
    by: str | None = None,
) -> Select[Any]:
    """One row a group: `p50` and `p95` of `ttft_ms`, `overhead_ms` or `total_ms`, and over how many.

    The p-quantile is the smallest value that at least p of the values do not exceed. Raises
    ValueError on another measure.
    """
    if measure not in MEASURES:
        raise ValueError(f"no measure is called {measure!r}; there are {', '.join(sorted(MEASURES))}")
    group = dimension(by)
    value = E[measure]
    ranked = (
        select(
            group,
            value.label("value"),
            func.row_number().over(partition_by=group, order_by=value).label("place"),
            func.count().over(partition_by=group).label("n"),
        )
        .where(within(since_us, until_us), value.is_not(None))
        .subquery("ranked")
    )
    r = ranked.c
    return select(
        r.group,
        func.max(r.n).label("n"),
        func.min(r.value).filter(r.place * 100 >= r.n * 50).label("p50"),
        func.min(r.value).filter(r.place * 100 >= r.n * 95).label("p95"),
    ).group_by(r.group)


def errors(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row an upstream, error and status: attempts that went wrong, the most frequent first."""
    names = (A.upstream, A.error, A.status)
    return (
        select(*names, func.count().label("attempts"))
        .where(within(since_us, until_us, A.started_at), A.error.is_not(None))
        .group_by(*names)
        .order_by(func.count().desc(), *names)
    )


def recent(*, since_us: int | None = None, until_us: int | None = None, limit: int = 20) -> Select[Any]:
    """The newest exchanges, at most 100, in the few columns that fit on a line."""
    columns = (E.id, E.started_at, E.outcome, E.status, E.error, E.policy, E.rule, E.upstream, E.escalated, E.fallback)
    return (
        select(*columns, E.p_good, E.ttft_ms, E.overhead_ms, E.total_ms, E.cost, E.price_state)
        .where(within(since_us, until_us))
        .order_by(E.started_at.desc(), E.id.desc())
        .limit(min(limit, 100))
    )


def begins(*, prefix: str, limit: int) -> Select[Any]:
    """The ids of exchanges whose own or whose reply's begins with `prefix`, newest first."""
    past = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    alike = (and_(column >= prefix, column < past) for column in (E.id, E.reply_id))
    return select(E.id).where(or_(*alike)).order_by(E.id.desc()).limit(limit)
