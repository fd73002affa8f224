"""Grades beside what was served, a row a conversation (NUMBERS: grades, loss, population)."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, not_, or_, select

from router.store.aggregates.scope import (
    ANSWERED,
    CONVERSATION,
    CUT,
    OUTSIDE,
    SMALL,
    E,
    count,
    dimension,
    total,
    within,
)
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
    return _sums(kind, columns).where(within(since_us, until_us), not_(OUTSIDE)).group_by(*columns).order_by(*columns)


def groups(
    *,
    kind: str,
    since_us: int | None = None,
    until_us: int | None = None,
    by: str | None = None,
) -> Select[Any]:
    """One row a group: counts of the population, and weighted sums over its labels of one `kind`.

    Weights are 1 / inclusion_p. `kept` means answered by another upstream than the baseline. Sums over labels with
    both grades stand twice, `kept_graded_…` of kept exchanges and `big_graded_…` of the others, since the two are
    graded at different rates: weights `w`, grades `s` and `b`, `q` of what was served, `best` of the better one,
    `keepable` where the small one is no worse. `kept_w`, `kept_d`, `kept_harm` and `kept_b` (B) run over all labels of
    kept exchanges, a missing grade counting as d = 1 and B = 0; `big_w` and `big_b` over those of the others that grade
    the baseline, which pairwise is 1 without any label. What was answered to a prompt that its server had cut counts as
    0, whatever was said of it. `example`: the newest kept exchange that was graded worse; `first` and `last`: when.
    """
    group = dimension(by)
    return _sums(kind, (group,)).where(within(since_us, until_us), not_(OUTSIDE)).group_by(group).order_by(group)


def _sums(kind: str, columns: tuple[ColumnElement[Any], ...]) -> Select[Any]:
    label = label_of(kind)
    population = and_(ANSWERED, not_(E.local_only), not_(E.named))
    kept, big = and_(population, SMALL), and_(population, not_(SMALL))
    labelled = label.c.exchange.is_not(None)
    s, b, w = label.c.small_quality, label.c.big_quality, 1.0 / label.c.inclusion_p
    graded = and_(population, s.is_not(None), b.is_not(None))
    missing = and_(kept, labelled, or_(s.is_(None), b.is_(None)))
    served = case((CUT, 0.0), else_=s)
    pairwise = kind == "pairwise"
    worst: Any = 1.0 if pairwise else b
    grades = {"w": literal(1.0), "s": s, "b": b, "q": case((SMALL, served), else_=b)}
    grades |= {"best": case((s >= b, s), else_=b), "keepable": case((s >= b, 1.0), else_=0.0)}
    known = big if pairwise else and_(big, b.is_not(None))
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
        count(and_(population, E.degraded)).label("degraded"),
        count(graded).label("graded"),
        *(total(w * grade, and_(graded, kept)).label(f"kept_graded_{name}") for name, grade in grades.items()),
        *(total(w * grade, and_(graded, big)).label(f"big_graded_{name}") for name, grade in grades.items()),
        total(literal(1.0) if pairwise else w, known).label("big_w"),
        total(literal(1.0) if pairwise else w * b, known).label("big_b"),
        total(w, and_(kept, labelled)).label("kept_w"),
        total(w * func.coalesce(worst, 0.0), and_(kept, labelled)).label("kept_b"),
        total(w * d, and_(kept, labelled)).label("kept_d"),
        total(w * case((d > 0, d), else_=0.0), and_(kept, labelled)).label("kept_harm"),
        func.max(case((and_(kept, labelled, d > 0), E.id))).label("example"),
        func.min(case((population, E.started_at))).label("first"),
        func.max(case((population, E.started_at))).label("last"),
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
