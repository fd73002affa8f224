"""What machines were asked and how long they took: arrivals and service times, by hour and by upstream."""

from typing import Any

from sqlalchemy import Select, and_, case, func, select

from router.store.aggregates.scope import E, total, within
from router.store.tables import ATTEMPTS, EXCHANGES

A = ATTEMPTS.c
HOUR_US = 3_600_000_000
STEPS = 20  # service times are described by the middles of this many equal parts


def arrivals(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row an hour in which there were any: `n` requests, and how many of them asked a local upstream."""
    hour = (E.started_at // HOUR_US).label("hour")
    n: Any = func.count()
    local = (
        select(A.exchange.label("exchange"))
        .where(within(since_us, until_us, A.started_at), A.local)
        .group_by(A.exchange)
        .subquery("local")
    )
    return (
        select(hour, n.label("n"), func.count(local.c.exchange).label("local"))
        .select_from(EXCHANGES.outerjoin(local, local.c.exchange == E.id))
        .where(within(since_us, until_us))
        .group_by(hour)
        .order_by(hour)
    )


def services(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row a local upstream and hour: answers that went well, the sum and the sum of squares of their
    seconds, and their tokens."""
    hour = (A.started_at // HOUR_US).label("hour")
    seconds = A.total_ms / 1000.0
    return (
        select(
            A.upstream,
            hour,
            func.count().label("n"),
            total(seconds).label("seconds"),
            total(seconds * seconds).label("squares"),
            total(func.coalesce(A.output, 0) + func.coalesce(A.reasoning, 0)).label("tokens"),
        )
        .where(_well(since_us, until_us))
        .group_by(A.upstream, hour)
        .order_by(A.upstream, hour)
    )


def spread(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row a local upstream: `q0` to `q19`, the seconds at the middles of twenty equal parts of its answers."""
    ranked = (
        select(
            A.upstream,
            (A.total_ms / 1000.0).label("seconds"),
            func.row_number().over(partition_by=A.upstream, order_by=A.total_ms).label("place"),
            func.count().over(partition_by=A.upstream).label("n"),
        )
        .where(_well(since_us, until_us))
        .subquery("ranked")
    )
    r = ranked.c
    middles = [
        func.min(case((r.place * 2 * STEPS >= r.n * (2 * step + 1), r.seconds))).label(f"q{step}")
        for step in range(STEPS)
    ]
    return select(r.upstream, func.max(r.n).label("n"), *middles).group_by(r.upstream).order_by(r.upstream)


def asks(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row a local upstream: its calls in requests that asked several local upstreams, and how many those were."""
    several = (
        select(A.exchange.label("exchange"))
        .where(within(since_us, until_us, A.started_at), A.local)
        .group_by(A.exchange)
        .having(func.count(A.upstream.distinct()) > 1)
        .subquery("several")
    )
    panels = select(func.count()).select_from(several).scalar_subquery()
    return (
        select(A.upstream, func.count().label("calls"), panels.label("requests"))
        .select_from(ATTEMPTS.join(several, several.c.exchange == A.exchange))
        .where(A.local)
        .group_by(A.upstream)
        .order_by(A.upstream)
    )


def _well(since_us: int | None, until_us: int | None) -> Any:
    return and_(within(since_us, until_us, A.started_at), A.local, A.error.is_(None), A.total_ms > 0)
