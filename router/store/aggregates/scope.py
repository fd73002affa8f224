"""Which exchanges are meant, how they are grouped, and what one conversation is."""

import re
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    case,
    func,
    literal,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from router.store.tables import EXCHANGES

E = EXCHANGES.c
PLAIN = frozenset({"upstream", "policy", "rule", "key", "day"})
PART = literal_column("1000000000", BigInteger)
TAG = re.compile(r"tag\.([A-Za-z0-9_.-]{1,64})")

# A request without a session is a conversation of its own.
CONVERSATION: ColumnElement[str] = case((E.session == "", E.id), else_=E.session).label("conversation")
ANSWERED: ColumnElement[bool] = E.outcome == "answered"
# A request that its client sent again counts by its last try; what the earlier ones cost is spent all the same.
AGAIN = select(E.retry_of.label("id")).where(E.retry_of != "").group_by(E.retry_of).subquery("again")
COUNTED: ColumnElement[bool] = AGAIN.c.id.is_(None)
# Answered although its server had cut the prompt: its grade is of another question, so nothing learns from it.
CUT: ColumnElement[bool] = and_(ANSWERED, E.error == "truncated")
# Nothing is chosen there: vectors come from the upstream that makes them, and what is nothing of ours is passed on.
OUTSIDE: ColumnElement[bool] = E.dialect.in_(("embeddings", "passthrough"))
# Answered by another upstream than the one its client would have used.
SMALL: ColumnElement[bool] = and_(ANSWERED, E.upstream != "", E.upstream != E.baseline)


def within(since_us: int | None, until_us: int | None, started_at: Any = E.started_at) -> ColumnElement[bool]:
    """Started at `since_us` or later, and before `until_us`."""
    conditions = [true()]
    if since_us is not None:
        conditions.append(started_at >= since_us)
    if until_us is not None:
        conditions.append(started_at < until_us)
    return and_(*conditions)


def dimension(by: str | None) -> ColumnElement[Any]:
    """The column to group by, labelled `group`; empty text for everything at once.

    `task` and `prompt_tokens` are there for slices and controls. Raises ValueError on others.
    """
    tag = TAG.fullmatch(by or "")
    if not by:
        column: ColumnElement[Any] = literal("")
    elif by in PLAIN:
        column = E[by]
    elif by == "task":
        column = E.task_key
    elif by == "prompt_tokens":
        column = E.signals["prompt_tokens"].as_integer()
    elif tag:
        column = func.coalesce(E.tags[tag[1]].as_string(), "")
    else:
        raise ValueError(f"cannot group by {by!r}: use upstream, policy, rule, key, day or tag.NAME")
    return column.label("group")


def total(value: ColumnElement[Any], when: ColumnElement[bool] | None = None) -> ColumnElement[Any]:
    """The sum of `value` over the rows where `when` holds; 0 over none."""
    chosen = value if when is None else case((when, value), else_=0)
    return WholeSum(chosen) if isinstance(value.type, Integer) else _sum(chosen)


def count(when: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows there are where `when` holds."""
    return _sum(case((when, 1), else_=0))


class WholeSum(FunctionElement[Any]):
    """A sum of whole numbers that does not fail: a report must not, for what one upstream once claimed.

    SQLite's own `sum` does where 64 bits do not hold it, so there billions and the rest are summed apart: exact up to
    64 bits, beyond them to 15 digits. Postgres sums as exactly as anybody likes.
    """

    inherit_cache = True
    type = BigInteger()


@compiles(WholeSum)
def _at_once(element: WholeSum, compiler: Any, **how: Any) -> str:
    (value,) = element.clauses
    return str(compiler.process(_sum(value), **how))


@compiles(WholeSum, "sqlite")
def _in_two_parts(element: WholeSum, compiler: Any, **how: Any) -> str:
    (value,) = element.clauses
    whole = value if isinstance(value.type, Integer) else type_coerce(value, BigInteger)
    return f"({compiler.process(_sum(whole // PART) * PART + _sum(whole % PART), **how)})"


def _sum(value: Any) -> ColumnElement[Any]:
    return func.coalesce(func.sum(value), 0)
