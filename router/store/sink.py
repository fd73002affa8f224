"""Rows into tables: idempotent, in one transaction, and an end that is written is never undone."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, and_, case, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from router.core.exchange import Outcome
from router.core.prices import PriceState
from router.store.rows import Row, Rows
from router.store.tables import ATTEMPTS, EXCHANGES, VERDICTS, blank

INTERRUPTED = Outcome.INTERRUPTED.value


def write(connection: Connection, batch: Iterable[Rows]) -> None:
    """Upsert everything in `batch`, later records over earlier ones.

    An open record never overwrites an ended one, so a journal may be replayed any number of times.
    """
    batch = tuple(batch)
    tables = ((EXCHANGES, "exchanges"), (ATTEMPTS, "attempts"), (VERDICTS, "verdicts"))
    for table, name in tables:
        rows: list[Row] = [row for record in batch for row in getattr(record, name)]
        if rows:
            connection.execute(upsert(connection, table), rows)


def upsert(connection: Connection, table: Table) -> Any:
    """INSERT … ON CONFLICT DO UPDATE for one row of `table`, in the connection's dialect."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    changes = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    where = None
    if "ended_at" in table.columns:
        where = or_(statement.excluded.ended_at.is_not(None), table.c.ended_at.is_(None))
    return statement.on_conflict_do_update(index_elements=keys, set_=changes, where=where)


def interrupt(connection: Connection, boots: Iterable[str], now_us: int) -> int:
    """End what the dead processes `boots` left open; returns how many attempts that were.

    Such an attempt ends with error `interrupted` and an unknown cost, unless its upstream is free:
    nobody saw how much came back. Its exchange gets a row with what the attempts know of it. The
    end is the time we found out.
    """
    boots = sorted(boots)
    ended = connection.execute(
        update(ATTEMPTS)
        .where(ATTEMPTS.c.writer.in_(boots), ATTEMPTS.c.ended_at.is_(None))
        .values(ended_at=now_us, error=INTERRUPTED, cost=_free_or_unknown())
    ).rowcount
    connection.execute(
        update(EXCHANGES)
        .where(EXCHANGES.c.writer.in_(boots), EXCHANGES.c.ended_at.is_(None))
        .values(ended_at=now_us, outcome=INTERRUPTED, error=INTERRUPTED)
    )
    rows = [_minimal(row, now_us) for row in connection.execute(_orphaned(boots)).mappings()]
    if rows:
        connection.execute(upsert(connection, EXCHANGES), rows)
    return ended


def _free_or_unknown() -> Any:
    return case((ATTEMPTS.c.price_state == PriceState.FREE.value, 0), else_=None)


def _orphaned(boots: list[str]) -> Any:
    """One row an exchange that has attempts of these processes and no row of its own."""
    known = select(literal(1)).where(EXCHANGES.c.id == ATTEMPTS.c.exchange).exists()
    unknown_costs = func.sum(case((ATTEMPTS.c.cost.is_(None), 1), else_=0))
    return (
        select(
            ATTEMPTS.c.exchange,
            ATTEMPTS.c.writer,
            func.min(ATTEMPTS.c.started_at).label("started_at"),
            func.min(ATTEMPTS.c.day).label("day"),
            func.sum(ATTEMPTS.c.cost).label("cost"),
            unknown_costs.label("unknown"),
        )
        .where(and_(ATTEMPTS.c.writer.in_(boots), ~known))
        .group_by(ATTEMPTS.c.exchange, ATTEMPTS.c.writer)
    )


def _minimal(row: Any, now_us: int) -> Row:
    state = PriceState.UNKNOWN if row["unknown"] else PriceState.KNOWN if row["cost"] else PriceState.FREE
    return blank(EXCHANGES) | {
        "id": row["exchange"],
        "writer": row["writer"],
        "started_at": row["started_at"],
        "ended_at": now_us,
        "day": row["day"],
        "outcome": INTERRUPTED,
        "error": INTERRUPTED,
        "cost": None if row["unknown"] else row["cost"],
        "price_state": state.value,
    }
