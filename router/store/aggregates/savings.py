"""What was spent and what the baseline would have cost, a row a conversation."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, not_, or_, select

from router.store.aggregates.scope import ANSWERED, CONVERSATION, SMALL, E, count, dimension, total, within
from router.store.tables import ATTEMPTS, EXCHANGES

A = ATTEMPTS.c
UNKNOWN = and_(A.ended_at.is_not(None), A.cost.is_(None))
# Answered, but what its baseline would have cost is not known. A local_only request has no other choice.
MISSING = and_(ANSWERED, E.baseline_cost.is_(None), E.baseline != "", not_(E.local_only))
ASKED_TO_SERVE = A.origin.in_(("serve", "panel"))


def conversations(*, since_us: int | None = None, until_us: int | None = None, by: str | None = None) -> Select[Any]:
    """One row a group and conversation: counts, and sums of nano-dollars.

    `spent` is every attempt of whatever origin, `side` the part that was not asked to answer,
    `rejected` the part of escalated exchanges that was asked to answer and did not.
    """
    bill = _bill(within(since_us, until_us))
    idle = or_(E.holdout, E.paused)
    # Whoever stays local or names an upstream is drawn into neither arm of the hold-out.
    in_an_arm = and_(not_(E.local_only), not_(E.named))
    group = dimension(by)
    return (
        select(
            group,
            CONVERSATION,
            func.max(case((E.holdout, 1), else_=0)).label("holdout"),
            func.count().label("n"),
            count(ANSWERED).label("answered"),
            count(SMALL).label("small"),
            count(and_(ANSWERED, bill.c.local > 0)).label("local"),
            count(E.escalated.is_not(None)).label("escalated"),
            count(E.fallback.is_not(None)).label("fallback"),
            total(bill.c.spent).label("spent"),
            total(bill.c.unknown).label("unknown_calls"),
            total(bill.c.side).label("side"),
            total(bill.c.rejected, E.escalated.is_not(None)).label("rejected"),
            total(func.coalesce(E.baseline_cost, 0)).label("baseline"),
            count(MISSING).label("baseline_missing"),
            count(and_(E.baseline_cost.is_not(None), E.baseline_source == "measured")).label("measured"),
            count(E.baseline_cost.is_not(None)).label("priced"),
            count(idle).label("idle"),
            total(bill.c.spent, idle).label("idle_spent"),
            total(func.coalesce(E.baseline_cost, 0), idle).label("idle_baseline"),
            count(in_an_arm).label("open_n"),
            total(bill.c.spent, in_an_arm).label("open_spent"),
        )
        .select_from(EXCHANGES.join(bill, bill.c.id == E.id))
        .where(within(since_us, until_us))
        .group_by(group, CONVERSATION)
        .order_by(group, CONVERSATION)
    )


def calls(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row an upstream, model, origin and price state: calls, tokens, and what they cost.

    `unknown_calls` ended without a cost anyone knows; `open_calls` have not ended.
    """
    names = (A.upstream, A.model, A.origin, A.local, A.price_state)
    return (
        select(
            *names,
            func.count().label("calls"),
            total(func.coalesce(A.input, 0) + func.coalesce(A.cached, 0) + func.coalesce(A.cache_write, 0)).label(
                "tokens_in"
            ),
            total(func.coalesce(A.output, 0) + func.coalesce(A.reasoning, 0)).label("tokens_out"),
            total(func.coalesce(A.cost, 0)).label("spent"),
            count(UNKNOWN).label("unknown_calls"),
            count(A.ended_at.is_(None)).label("open_calls"),
        )
        .select_from(ATTEMPTS.outerjoin(EXCHANGES, E.id == A.exchange))
        .where(within(since_us, until_us, func.coalesce(E.started_at, A.started_at)))
        .group_by(*names)
        .order_by(*names)
    )


def _bill(scope: ColumnElement[bool]) -> Subquery:
    """One row an exchange: the sums over its attempts."""
    other = and_(ASKED_TO_SERVE, A.upstream != E.upstream)
    return (
        select(
            E.id,
            total(func.coalesce(A.cost, 0)).label("spent"),
            count(UNKNOWN).label("unknown"),
            total(func.coalesce(A.cost, 0), not_(ASKED_TO_SERVE)).label("side"),
            total(func.coalesce(A.cost, 0), other).label("rejected"),
            count(and_(A.local, A.upstream == E.upstream)).label("local"),
        )
        .select_from(EXCHANGES.outerjoin(ATTEMPTS, A.exchange == E.id))
        .where(scope)
        .group_by(E.id)
        .subquery("bill")
    )


def baselines(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row an upstream that clients would have used: requests, and answered ones with an unknown cost there."""
    return (
        select(E.baseline.label("upstream"), func.count().label("n"), count(MISSING).label("missing"))
        .where(within(since_us, until_us), E.baseline != "")
        .group_by(E.baseline)
        .order_by(E.baseline)
    )
