"""What may be learned from: labels that may train, with what the ledger holds of their exchanges; never a body."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, select

from router.store.aggregates.scope import AGAIN, ANSWERED, CONVERSATION, COUNTED, E, within
from router.store.tables import ATTEMPTS, EXCHANGES, LABELS, VERDICTS

A, L, V = ATTEMPTS.c, LABELS.c, VERDICTS.c
TRAIN = "train"


def labels(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row a label that may train, of an answered exchange of the population, with its features and its task.

    Left out: conversations of which any label is kept for certifying or for the watch, what was sent again, what was
    answered to a prompt that had been cut, what had to stay local and what the client named.
    """
    of_label = (L.id, L.exchange, L.created_at, L.who, L.label_kind, L.small, L.small_quality, L.big_quality)
    of_exchange = (E.question, E.features, E.feature_set, E.task, E.subject, E.baseline, E.upstream, E.propensity)
    return (
        select(*of_label, L.inclusion_p, L.trust, *of_exchange, CONVERSATION)
        .select_from(_labelled())
        .where(_may_train(since_us, until_us))
        .order_by(L.exchange, L.id)
    )


def attempts(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row an attempt that answered one of those exchanges, whoever saw the answer: who, with what, at what cost."""
    used = (A.input, A.cached, A.cache_write, A.output, A.reasoning, A.cost)
    return (
        select(A.id, A.exchange, A.upstream, A.model, A.origin, *used)
        .where(A.exchange.in_(_exchanges(since_us, until_us)), A.error.is_(None), A.ended_at.is_not(None))
        .where(A.origin.in_(("serve", "panel", "shadow", "explore")))
        .order_by(A.exchange, A.id)
    )


def weighings(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row a verdict of the second stage on answers to those exchanges, with the evidence of each."""
    columns = (V.attempt, V.stage, V.support, V.cut, V.score, V.evidence, V.heard)
    return (
        select(V.exchange, V.seq, *columns)
        .where(V.exchange.in_(_exchanges(since_us, until_us)), V.judge == "verifier", V.stage > 0)
        .order_by(V.exchange, V.seq)
    )


def uses(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """How many labels there are, by what they may be used for and who gave them."""
    return (
        select(L.use, L.who, func.count().label("labels"))
        .select_from(LABELS.join(EXCHANGES, E.id == L.exchange))
        .where(within(since_us, until_us))
        .group_by(L.use, L.who)
        .order_by(L.use, L.who)
    )


def _labelled() -> Any:
    return LABELS.join(EXCHANGES, E.id == L.exchange).outerjoin(AGAIN, AGAIN.c.id == E.id)


def _exchanges(since_us: int | None, until_us: int | None) -> Select[Any]:
    return select(L.exchange).select_from(_labelled()).where(_may_train(since_us, until_us))


def _may_train(since_us: int | None, until_us: int | None) -> ColumnElement[bool]:
    population = and_(ANSWERED, COUNTED, func.coalesce(E.error, "") != "truncated", not_(E.local_only), not_(E.named))
    drawn = and_(L.use == TRAIN, L.inclusion_p > 0, E.propensity > 0)
    return and_(within(since_us, until_us), drawn, population, _talk(E).not_in(_kept_apart()))


def _kept_apart() -> Select[Any]:
    """The conversations of which a label certifies or watches: what is learned from must not be them."""
    labels, exchanges = LABELS.alias("kept"), EXCHANGES.alias("theirs")
    joined = labels.join(exchanges, exchanges.c.id == labels.c.exchange)
    return select(_talk(exchanges.c)).select_from(joined).where(labels.c.use.in_(("certify", "watch")))


def _talk(exchange: Any) -> ColumnElement[str]:
    """The conversation of an exchange, which is itself where it has no session."""
    return case((exchange.session == "", exchange.id), else_=exchange.session)
