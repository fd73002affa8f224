"""Grades beside what was served, a row a conversation (NUMBERS: grades, loss, population)."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, not_, or_, select

from router.store.aggregates.scope import ANSWERED, CONVERSATION, CUT, SMALL, E, count, dimension, total, within
from router.store.tables import EXCHANGES, LABELS

L = LABELS.c
# Who may speak of quality, the surest first; agreement, structure, feedback and asked_again never do.
WITNESSES = ("check", "person", "benchmark", "judge")


def conversations(
    *,
    kind: str,
    since_us: int | None = None,
    until_us: int | None = None,
    by: str | None = None,
) -> Select[Any]:
    """One row a group and conversation, for intervals: see `groups`."""
    group = dimension(by)
    columns = (group, CONVERSATION)
    return _sums(kind, columns).where(within(since_us, until_us)).group_by(*columns).order_by(*columns)


def groups(
    *,
    kind: str,
    since_us: int | None = None,
    until_us: int | None = None,
    by: str | None = None,
) -> Select[Any]:
    """One row a group: counts of the population, and weighted sums over its labels of one `kind`.

    Weights are 1 / inclusion_p. `kept` means answered by another upstream than the baseline. The
    sums `w`, `s`, `b`, `q`, `best`, `keepable` run over labels with both grades; `kept_w`, `kept_d` and `kept_harm`
    over the labels of kept exchanges, a missing grade counting as d = 1. What was answered to a prompt that its
    server had cut counts as 0, whatever was said of it.
    """
    group = dimension(by)
    return _sums(kind, (group,)).where(within(since_us, until_us)).group_by(group).order_by(group)


def _sums(kind: str, columns: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    label = label_of(kind)
    population = and_(ANSWERED, not_(E.local_only), not_(E.named))
    kept = and_(population, SMALL)
    labelled = label.c.exchange.is_not(None)
    s, b, w = label.c.small_quality, label.c.big_quality, 1.0 / label.c.inclusion_p
    graded = and_(population, s.is_not(None), b.is_not(None))
    missing = and_(kept, labelled, or_(s.is_(None), b.is_(None)))
    served = case((CUT, 0.0), else_=s)
    worst = 1.0 if kind == "pairwise" else b
    d = case((missing, 1.0), (CUT, worst), else_=difference_of(kind, s, b))
    return select(
        *columns,
        count(population).label("n"),
        func.count(case((population, E.day)).distinct()).label("days"),
        count(kept).label("kept"),
        count(and_(ANSWERED, E.local_only)).label("local_only"),
        count(and_(ANSWERED, E.named, not_(E.local_only))).label("named"),
        count(and_(population, labelled)).label("labelled"),
        count(and_(kept, labelled)).label("kept_labelled"),
        count(missing).label("missing"),
        count(and_(kept, CUT)).label("truncated"),
        count(graded).label("graded"),
        total(w, graded).label("w"),
        total(w * s, graded).label("s"),
        total(w * b, graded).label("b"),
        total(w * case((SMALL, served), else_=b), graded).label("q"),
        total(w * case((s >= b, s), else_=b), graded).label("best"),
        total(w, and_(graded, s >= b)).label("keepable"),
        total(w, and_(graded, SMALL)).label("graded_kept"),
        total(w, and_(kept, labelled)).label("kept_w"),
        total(w * d, and_(kept, labelled)).label("kept_d"),
        total(w * case((d > 0, d), else_=0.0), and_(kept, labelled)).label("kept_harm"),
    ).select_from(EXCHANGES.outerjoin(label, label.c.exchange == E.id))


def kinds(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """How many labels there are, by who gave them, of what kind, and by which judge."""
    names = (L.who, L.label_kind, L.judge)
    may = case((L.who.in_(WITNESSES), 1), else_=0).label("may_speak")
    return (
        select(*names, may, func.count().label("labels"))
        .select_from(LABELS.join(EXCHANGES, E.id == L.exchange))
        .where(within(since_us, until_us))
        .group_by(*names)
        .order_by(*names)
    )


def difference_of(kind: str, s: Any, b: Any) -> ColumnElement[Any]:
    """d = b − q where the small answer was served; of a pairwise label only which one was better."""
    sign = case((b > s, 1.0), (b < s, -1.0), else_=0.0)
    return sign if kind == "pairwise" else b - s


def label_of(kind: str) -> Subquery:
    """At most one label an exchange: the surest witness, the newest of theirs."""
    surest = case(*((L.who == who, rank) for rank, who in enumerate(WITNESSES)), else_=len(WITNESSES))
    place = func.row_number().over(partition_by=L.exchange, order_by=(surest, L.created_at.desc(), L.id))
    ranked = (
        select(LABELS, place.label("place"))
        .where(L.label_kind == kind, L.who.in_(WITNESSES), L.inclusion_p > 0)
        .subquery("ranked")
    )
    return select(ranked).where(ranked.c.place == 1).subquery("label")
