"""Who saw what: how far calls went, and those that should not have gone there."""

from collections.abc import Sequence
from typing import Any
from unicodedata import normalize

from sqlalchemy import Boolean, ColumnElement, Select, and_, distinct, false, func, literal, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from router.store.aggregates.scope import E, count, dimension, total, within
from router.store.tables import ATTEMPTS, EXCHANGES

A = ATTEMPTS.c
UNSENT = ("unreachable", "timeout_connect", "not_local")
"""Errors of calls that no connection stands behind: nobody saw anything."""
STAYED = ("process", "loopback", "private", "premises")
SENT = or_(A.error.is_(None), A.error.not_in(UNSENT))
JOINED = ATTEMPTS.outerjoin(EXCHANGES, E.id == A.exchange)
INTO = func.coalesce(A.input, 0) + func.coalesce(A.cached, 0) + func.coalesce(A.cache_write, 0)
STARTED = func.coalesce(E.started_at, A.started_at)
BARE = "replace(replace(lower({}), '\"', ''), '''', '')"
SAID = f"',' || {BARE.format('pair.value')} || ','"
PAIR = f"EXISTS (SELECT 1 FROM {{}} WHERE trim({BARE.format('pair.key')}) = {{}} AND {{}} > 0)"  # noqa: S608 - constants alone
DETECTED = E.signals["has_pii"].as_boolean()


def processors(*, since_us: int | None = None, until_us: int | None = None, by: str | None = None) -> Select[Any]:
    """One row a group, processor and origin: requests, calls, tokens in, and how many had to stay or held a finding.

    A processor is an upstream, its model, and where its calls went. `uncounted` calls have no token count.
    """
    names = (A.egress, A.host, A.upstream, A.model, A.origin, A.local)
    group = dimension(by)
    return (
        select(
            group,
            *names,
            func.count(distinct(A.exchange)).label("requests"),
            func.count().label("calls"),
            total(INTO).label("tokens_in"),
            count(A.input.is_(None)).label("uncounted"),
            count(A.local_only).label("must_stay"),
            count(and_(DETECTED.is_not(None), DETECTED)).label("detected"),
            count(DETECTED.is_(None)).label("unsearched"),
        )
        .select_from(JOINED)
        .where(within(since_us, until_us, STARTED), SENT)
        .group_by(group, *names)
        .order_by(group, *names)
    )


def left(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """Calls that had to stay and went where it is not local: one row a processor, with the first of them."""
    had_to = or_(A.local_only, func.coalesce(E.local_only, false()))
    gone = and_(had_to, or_(not_(A.local), A.egress.not_in((*STAYED, ""))))
    return _violations(gone, since_us, until_us)


def strayed(
    *, tag: str, value: str, allowed: Sequence[str], since_us: int | None = None, until_us: int | None = None
) -> Select[Any]:
    """Calls under the tag that an upstream outside `allowed` saw; `local` in it allows every one that was local."""
    ok: ColumnElement[bool] = A.upstream.in_(tuple(allowed))
    if "local" in allowed:
        ok = or_(ok, and_(A.local, A.egress.in_(STAYED)))
    said = func.coalesce(A.tags[tag].as_string(), E.tags[tag].as_string())
    listed, one = literal(",") + said + ",", f",{value},"
    tagged = or_(func.replace(listed, one, "") != listed, *(_carries(tags, tag, value) for tags in (A.tags, E.tags)))
    return _violations(and_(tagged, not_(ok)), since_us, until_us)


def _carries(tags: ColumnElement[Any], tag: str, value: str) -> ColumnElement[bool]:
    """Whether `tags` have the pair however either is capitalised or quoted, as requests are held to it."""
    return Carries(tags, literal(_plain(tag)), literal(f",{_plain(value)},"))


def _plain(text: str) -> str:
    return normalize("NFC", text).lower().replace('"', "").replace("'", "").strip()


class Carries(FunctionElement[bool]):
    """Whether a JSON object of texts has a key, and under it, in a list with commas, a value; both in small letters."""

    inherit_cache = True
    type = Boolean()


@compiles(Carries, "sqlite")
def _in_sqlite(element: Carries, compiler: Any, **how: Any) -> str:
    tags, name, value = (compiler.process(clause, **how) for clause in element.clauses)
    return PAIR.format(f"json_each({tags}) AS pair", name, f"instr({SAID}, {value})")


@compiles(Carries)
def _elsewhere(element: Carries, compiler: Any, **how: Any) -> str:
    tags, name, value = (compiler.process(clause, **how) for clause in element.clauses)
    return PAIR.format(f"json_each_text({tags}) AS pair(key, value)", name, f"strpos({SAID}, {value})")


def unproven(*, since_us: int | None = None, until_us: int | None = None) -> Select[Any]:
    """One row: calls written before it was kept where they went, those still open, all, and those nobody got."""
    columns: list[ColumnElement[Any]] = [
        count(A.egress == "").label("before"),
        count(A.ended_at.is_(None)).label("open"),
        func.count().label("calls"),
        count(not_(SENT)).label("unsent"),
    ]
    return select(*columns).select_from(JOINED).where(within(since_us, until_us, STARTED))


def _violations(condition: Any, since_us: int | None, until_us: int | None) -> Select[Any]:
    names = (A.upstream, A.model, A.egress, A.host, A.peer, A.origin)
    return (
        select(
            *names,
            func.count(distinct(A.exchange)).label("requests"),
            total(INTO).label("tokens_in"),
            func.min(A.started_at).label("first_at"),
            func.max(A.started_at).label("last_at"),
            func.min(A.exchange).label("example"),
        )
        .select_from(JOINED)
        .where(within(since_us, until_us, STARTED), SENT, condition)
        .group_by(*names)
        .order_by(func.count().desc(), *names)
    )
