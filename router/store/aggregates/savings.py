"""What was spent and what the baseline would have cost, a row a conversation."""

from typing import Any

from sqlalchemy import ColumnElement, Float, Select, Subquery, and_, case, cast, func, not_, or_, select

from router.store.aggregates.scope import (
    AGAIN,
    ANSWERED,
    CONVERSATION,
    COUNTED,
    CUT,
    OUTSIDE,
    SMALL,
    E,
    count,
    dimension,
    total,
    within,
)
from router.store.tables import ATTEMPTS, EXCHANGES

A = ATTEMPTS.c
UNKNOWN = and_(A.ended_at.is_not(None), A.cost.is_(None))
# Answered, but what its baseline would have cost is not known. A local_only request has no other choice.
MISSING = and_(ANSWERED, E.baseline_cost.is_(None), E.baseline != "", not_(E.local_only), not_(OUTSIDE))
ASKED_TO_SERVE = A.origin.in_(("serve", "panel"))
# Asked in place of the upstream that this request's own client would have used, whoever else would have used it.
ASKED_SMALL = and_(ASKED_TO_SERVE, A.upstream != E.baseline)
# What must stay local could not have gone to any baseline; what was refused asked nobody.
HAS_A_BASELINE = and_(not_(E.local_only), E.outcome != "refused", E.baseline_cost.is_not(None))
MEASURED = and_(HAS_A_BASELINE, E.baseline_source == "measured")
# Not measured, so to be predicted. A row's own figure only assumes an answer as long; older rows call that predicted.
PREDICTED = and_(HAS_A_BASELINE, E.baseline_source == "predicted")
# Answered, and no client had named who should.
FREE = and_(ANSWERED, not_(E.named))
# Drawn by chance to be answered by the baseline, whatever the rule would have done.
DRAWN = and_(E.holdout, E.upstream == E.baseline)


def conversations(*, since_us: int | None = None, until_us: int | None = None, by: str | None = None) -> Select[Any]:
    """One row a group and conversation: counts, and sums of nano-dollars.

    `spent` is every attempt of whatever origin, `side` the part that was not asked to answer, `rejected` the part of
    escalated exchanges that was asked to answer and did not, `outrun` the same of exchanges in which several raced. Of
    the answered ones whose upstream no client named (`free_n`): `small_n` asked others than the baseline, which cost
    `small_spent` (`small_unknown` of these calls have no known cost). What no policy chooses for is left out.
    """
    bill, group = _bill(within(since_us, until_us)), dimension(by)
    return (
        select(group, CONVERSATION, *_counts(), *_of_the_bill(bill), *_of_the_baseline(), *_of_the_arms(bill))
        .select_from(EXCHANGES.join(bill, bill.c.id == E.id).outerjoin(AGAIN, AGAIN.c.id == E.id))
        .where(within(since_us, until_us), not_(OUTSIDE))
        .group_by(group, CONVERSATION)
        .order_by(group, CONVERSATION)
    )


def _counts() -> tuple[ColumnElement[Any], ...]:
    return (
        count(COUNTED).label("n"),
        count(ANSWERED).label("answered"),
        count(SMALL).label("small"),
        count(E.escalated.is_not(None)).label("escalated"),
        count(E.fallback.is_not(None)).label("fallback"),
        count(CUT).label("truncated"),
        count(and_(ANSWERED, E.degraded)).label("degraded"),
        count(and_(ANSWERED, E.local_only)).label("stayed"),
        count(E.named).label("named"),
        count(FREE).label("free_n"),
    )


def _of_the_bill(bill: Subquery) -> tuple[ColumnElement[Any], ...]:
    b = bill.c
    outrun, asked_small = and_(E.escalated.is_(None), b.races > 0), and_(FREE, b.small > 0)
    return (
        count(and_(ANSWERED, b.local > 0)).label("local"),
        total(b.spent).label("spent"),
        total(b.unknown).label("unknown_calls"),
        total(b.side).label("side"),
        total(b.rejected, E.escalated.is_not(None)).label("rejected"),
        total(b.rejected, outrun).label("outrun"),
        count(and_(outrun, b.others > 0)).label("raced"),
        total(b.spent, E.named).label("named_spent"),
        total(b.unknown, E.named).label("named_unknown"),
        count(asked_small).label("small_n"),
        total(b.small_spent, asked_small).label("small_spent"),
        total(b.small_unknown, FREE).label("small_unknown"),
    )


def _of_the_baseline() -> tuple[ColumnElement[Any], ...]:
    cost = func.coalesce(E.baseline_cost, 0)
    return (
        total(cost, and_(HAS_A_BASELINE, COUNTED)).label("baseline"),
        total(cost, and_(MEASURED, COUNTED)).label("measured_baseline"),
        count(MISSING).label("baseline_missing"),
        count(and_(MEASURED, COUNTED)).label("measured"),
        count(and_(ANSWERED, PREDICTED)).label("predicted"),
    )


def _of_the_arms(bill: Subquery) -> tuple[ColumnElement[Any], ...]:
    """What pause and hold-out sent to the baseline; whoever stays local or names an upstream is in neither arm."""
    idle, in_an_arm = or_(E.holdout, E.paused), and_(not_(E.local_only), not_(E.named))
    cost = func.coalesce(E.baseline_cost, 0)
    return (
        func.max(case((E.holdout, 1), else_=0)).label("holdout"),
        count(and_(idle, COUNTED)).label("idle"),
        total(bill.c.spent, idle).label("idle_spent"),
        total(cost, and_(HAS_A_BASELINE, idle, COUNTED)).label("idle_baseline"),
        count(and_(in_an_arm, COUNTED)).label("open_n"),
        total(bill.c.spent, in_an_arm).label("open_spent"),
    )


def calls(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row an upstream, model, origin, price state and source of the price: calls, tokens, and what they cost.

    `unknown_calls` ended without a cost anyone knows; `open_calls` have not ended. `outside`: the dialect of requests
    that no policy chooses for, "" of all others.
    """
    outside = case((OUTSIDE, E.dialect), else_="").label("outside")
    names = (A.upstream, A.model, A.origin, A.local, A.price_state, A.price_source, outside)
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
            count(other).label("others"),
            count(and_(ASKED_TO_SERVE, A.reason.in_(("race", "hedge")))).label("races"),
            count(and_(ASKED_SMALL, A.error.is_(None))).label("small"),
            total(func.coalesce(A.cost, 0), ASKED_SMALL).label("small_spent"),
            count(and_(ASKED_SMALL, UNKNOWN)).label("small_unknown"),
            count(and_(A.local, A.upstream == E.upstream)).label("local"),
        )
        .select_from(EXCHANGES.outerjoin(ATTEMPTS, A.exchange == E.id))
        .where(scope)
        .group_by(E.id)
        .subquery("bill")
    )


def outside(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row a dialect that no policy chooses for: `n` requests, what they cost, and how many have no known cost."""
    bill = _bill(and_(within(since_us, until_us), OUTSIDE))
    return (
        select(
            E.dialect,
            func.count().label("n"),
            total(bill.c.spent).label("spent"),
            count(bill.c.unknown > 0).label("unknown"),
        )
        .select_from(EXCHANGES.join(bill, bill.c.id == E.id))
        .group_by(E.dialect)
        .order_by(E.dialect)
    )


def baselines(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row an upstream that clients would have used: requests, and answered ones with an unknown cost there."""
    return (
        select(E.baseline.label("upstream"), func.count().label("n"), count(MISSING).label("missing"))
        .where(within(since_us, until_us), E.baseline != "", not_(OUTSIDE))
        .group_by(E.baseline)
        .order_by(E.baseline)
    )


def written(*, since_us: int | None = None, until_us: int | None = None, by: str | None = None) -> Select[Any]:
    """One row a group, conversation, policy, rule and baseline: how long its answers are.

    Of the answered requests that no pause sent to the baseline. `drawn`: those that the hold-out
    sent there, `drawn_cost` what their answers' tokens cost (nano-dollars), `drawn_price` the sum of
    their prices a token; see `_answers`. `routed`: the others; `routed_cost` what the baseline's own answers among
    them cost, `predicted` how many it did not give, `served` the tokens that others gave instead.
    """
    group, answer = dimension(by), _answers(within(since_us, until_us))
    routed, names = not_(E.holdout), (E.policy, E.rule, E.baseline)
    population = and_(ANSWERED, HAS_A_BASELINE, not_(E.named), not_(E.paused), E.baseline != "", not_(OUTSIDE))
    return (
        select(
            group,
            CONVERSATION,
            *names,
            count(DRAWN).label("drawn"),
            total(answer.c.cost, DRAWN).label("drawn_cost"),
            total(answer.c.price, DRAWN).label("drawn_price"),
            count(routed).label("routed"),
            total(answer.c.cost, and_(routed, MEASURED)).label("routed_cost"),
            count(and_(routed, PREDICTED)).label("predicted"),
            total(answer.c.tokens, and_(routed, PREDICTED)).label("served"),
        )
        .select_from(EXCHANGES.join(answer, answer.c.id == E.id))
        .where(within(since_us, until_us), population)
        .group_by(group, CONVERSATION, *names)
        .order_by(*names, CONVERSATION)
    )


def _answers(scope: ColumnElement[bool]) -> Subquery:
    """One row an exchange: tokens of the answer that was served, their cost and price (nano-dollars a token).

    Of several by the upstream that answered, as samples are, the mean of those that came to their end: a call that
    failed is on the bill and is no answer.
    """
    output, reasoning = func.coalesce(A.output, 0), func.coalesce(A.reasoning, 0)
    served = and_(A.exchange == E.id, A.upstream == E.upstream, ASKED_TO_SERVE)
    cost = output * _nanos_a_token("output") + reasoning * _nanos_a_token("reasoning")
    return (
        select(
            E.id,
            _of_an_answer(output + reasoning).label("tokens"),
            _of_an_answer(cost).label("cost"),
            func.coalesce(func.max(_nanos_a_token("output")), 0.0).label("price"),
        )
        .select_from(EXCHANGES.outerjoin(ATTEMPTS, served))
        .where(scope)
        .group_by(E.id)
        .subquery("answers")
    )


def _of_an_answer(value: ColumnElement[Any]) -> ColumnElement[float]:
    """The mean over an exchange's calls that came to their end; where none did, over all of them; 0 over none."""
    whole, ended = cast(value, Float), or_(A.error.is_(None), A.error == "truncated")
    return func.coalesce(func.avg(case((ended, whole))), func.avg(whole), 0.0)


def _nanos_a_token(bucket: str) -> ColumnElement[float]:
    """Unit prices are USD a million tokens; a thousandth of a dollar a million is a nano-dollar each."""
    return func.coalesce(cast(A.unit_prices[bucket].as_string(), Float), 0.0) * 1000.0
