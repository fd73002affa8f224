"""What was tried out in the shadow of the baseline, a row a conversation: what it cost and would have saved."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select

from router.store.aggregates.quality import difference_of, label_of
from router.store.aggregates.scope import CONVERSATION, E, count, total, within
from router.store.tables import ATTEMPTS, EXCHANGES, VERDICTS

A, V = ATTEMPTS.c, VERDICTS.c
DUE = E.shadow != ""
KEPT = E.shadow == "kept"
# Carried out to its end: what would have become of the request is known.
TRIED = E.shadow.in_(("kept", "escalated", "fallback", "failed"))
GIVEN_UP = E.shadow.in_(("full", "busy", "recalled", "budget"))


def conversations(*, kind: str = "exact", since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row a conversation of the exchanges that were to be tried out.

    `due` were drawn, `tried` came to their end, `given_up` had no room or budget, `kept` would have been answered by
    the plan itself. Of those tried:
    `spent` on trying them (nano-dollars; `unknown` calls have no known cost), `baseline` is what the baseline's answers
    cost, `kept_baseline` what those would have that it need not have given. `uncut` had no cut that was known.
    `conferred` had several answers to one request, `unanimous` of them all said the same. Of their labels of one
    `kind`, weighted by 1 / inclusion_p: `w`, `b` and over the kept `d` and `harm`; a missing grade of a kept one counts
    as d = 1.
    """
    label, bill, votes = label_of(kind), _bill(within(since_us, until_us)), _votes()
    s, b, w = label.c.small_quality, label.c.big_quality, 1.0 / label.c.inclusion_p
    labelled = and_(TRIED, label.c.exchange.is_not(None))
    missing = or_(s.is_(None), b.is_(None))
    d = case((missing, 1.0), else_=difference_of(kind, s, b))
    conferred = and_(TRIED, votes.c.heard > 1)
    return (
        select(
            CONVERSATION,
            count(DUE).label("due"),
            count(TRIED).label("tried"),
            count(GIVEN_UP).label("given_up"),
            count(KEPT).label("kept"),
            total(func.coalesce(bill.c.spent, 0), TRIED).label("spent"),
            total(func.coalesce(bill.c.spent, 0)).label("spent_in_all"),
            total(func.coalesce(bill.c.unknown, 0)).label("unknown"),
            count(and_(TRIED, E.baseline_cost.is_(None))).label("unpriced"),
            total(func.coalesce(E.baseline_cost, 0), TRIED).label("baseline"),
            total(func.coalesce(E.baseline_cost, 0), KEPT).label("kept_baseline"),
            count(conferred).label("conferred"),
            count(and_(conferred, votes.c.agreed == votes.c.heard)).label("unanimous"),
            count(and_(TRIED, E.cut.is_(None), E.keep_cut.is_(None))).label("uncut"),
            count(labelled).label("labelled"),
            total(w, labelled).label("w"),
            total(w * func.coalesce(b, 0.0), labelled).label("b"),
            total(w * d, and_(labelled, KEPT)).label("d"),
            total(w * case((d > 0, d), else_=0.0), and_(labelled, KEPT)).label("harm"),
        )
        .select_from(
            EXCHANGES.outerjoin(bill, bill.c.id == E.id)
            .outerjoin(votes, votes.c.exchange == E.id)
            .outerjoin(label, label.c.exchange == E.id)
        )
        .where(within(since_us, until_us), DUE)
        .group_by(CONVERSATION)
        .order_by(CONVERSATION)
    )


def _bill(scope: ColumnElement[bool]) -> Subquery:
    """One row an exchange: what its shadow cost."""
    unknown = and_(A.ended_at.is_not(None), A.cost.is_(None))
    return (
        select(E.id, total(func.coalesce(A.cost, 0)).label("spent"), count(unknown).label("unknown"))
        .select_from(EXCHANGES.join(ATTEMPTS, and_(A.exchange == E.id, A.origin == "shadow")))
        .where(scope)
        .group_by(E.id)
        .subquery("shadow_bill")
    )


def _votes() -> Subquery:
    """One row an exchange: how many answers were heard in the end, and the most of them that said the same then."""
    shadowed = V.attempt.in_(select(A.id).where(A.origin == "shadow"))
    last = (
        select(V.exchange, func.max(V.stage).label("heard")).where(V.stage > 0, shadowed).group_by(V.exchange)
    ).subquery("last")
    return (
        select(last.c.exchange, last.c.heard, func.max(V.support).label("agreed"))
        .select_from(last.join(VERDICTS, and_(V.exchange == last.c.exchange, V.stage == last.c.heard)))
        .group_by(last.c.exchange, last.c.heard)
        .subquery("votes")
    )
