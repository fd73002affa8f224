"""Writes rows into tables. Writing them twice changes nothing, and an ended record is never reopened."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import JSON, Connection, Dialect, Table, and_, case, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from router.core.exchange import Origin, Outcome
from router.core.prices import PriceState
from router.store.rows import ATTEMPT, EXCHANGE, VERDICT, Rows
from router.store.tables import ATTEMPTS, EXCHANGES, VERDICTS, blank

INTERRUPTED = Outcome.INTERRUPTED.value


class Sink:
    """Writes batches in one SQL dialect. Its statements are compiled once, as each takes milliseconds."""

    def __init__(self, dialect: Dialect) -> None:
        self._exchanges = _Compiled.of(EXCHANGES, EXCHANGE.row, dialect)
        self._attempts = _Compiled.of(ATTEMPTS, ATTEMPT.row, dialect)
        self._verdicts = _Compiled.of(VERDICTS, VERDICT.row, dialect)

    def write(self, connection: Connection, batch: Iterable[Rows]) -> None:
        """Upsert everything in `batch`, later records over earlier ones.

        An open record never replaces an ended one, so a journal may be replayed any number of times.
        """
        batch = tuple(batch)
        for statement, rows in (
            (self._exchanges, _latest([row for record in batch for row in record.exchanges])),
            (self._attempts, _latest([row for record in batch for row in record.attempts])),
            (self._verdicts, [row for record in batch for row in record.verdicts]),
        ):
            if rows:
                statement.execute(connection, rows)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """An upsert in the driver's own form: SQLAlchemy's execution costs ten times as much for each row."""

    sql: str
    names: tuple[str, ...]
    pick: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    positional: bool
    json: tuple[int, ...]

    @classmethod
    def of(cls, table: Table, row: type[Struct], dialect: Dialect) -> "_Compiled":
        names = [str(column.name) for column in table.columns]
        compiled = upsert(dialect.name, table).compile(dialect=dialect, column_keys=names)
        order = compiled.positiontup
        names = list(map(str, order or names))
        pick = itemgetter(*map(row.__struct_fields__.index, names))
        json = (place for place, name in enumerate(names) if isinstance(table.c[name].type, JSON))
        return cls(str(compiled), tuple(names), pick, order is not None, tuple(json))

    def execute(self, connection: Connection, rows: Iterable[Struct]) -> None:
        """Write the rows; JSON is sent as text, which both databases take."""
        pick, json = self.pick, self.json
        values = []
        for row in rows:
            value = list(pick(astuple(row)))
            for place in json:
                value[place] = str(value[place], "utf-8")
            values.append(tuple(value))
        if self.positional:
            connection.exec_driver_sql(self.sql, values)
        else:
            connection.exec_driver_sql(self.sql, [dict(zip(self.names, value, strict=True)) for value in values])


def upsert(dialect: str, table: Table) -> Any:
    """INSERT … ON CONFLICT DO UPDATE for one row of `table`."""
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    keys = [column.name for column in table.primary_key]
    changes = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    where = None
    if "ended_at" in table.columns:
        where = or_(statement.excluded.ended_at.is_not(None), table.c.ended_at.is_(None))
    return statement.on_conflict_do_update(index_elements=keys, set_=changes, where=where)


def _latest(rows: Iterable[Any]) -> list[Struct]:
    """One row for each id: the last one, but an ended row is not replaced by an open one."""
    latest: dict[str, Any] = {}
    for row in rows:
        if row.ended_at is not None or latest.get(row.id, row).ended_at is None:
            latest[row.id] = row
    return list(latest.values())


IS_FREE = ATTEMPTS.c.price_state == PriceState.FREE.value
INHERITED = ("key", "policy", "rule")  # columns of an unfinished exchange that its attempts repeat


def interrupt(connection: Connection, boots: Iterable[str], now_us: int) -> int:
    """End what the dead processes `boots` left open; returns how many attempts that were.

    Such an attempt ends now, with the error `interrupted`. Its cost is unknown unless its upstream is free, since
    nobody knows how much came back. Its exchange gets a row with what its attempts tell, ended ones included.
    """
    boots = sorted(boots)
    rows = [_minimal(row, now_us) for row in connection.execute(_orphaned(boots)).mappings()]
    ended = connection.execute(
        update(ATTEMPTS)
        .where(ATTEMPTS.c.writer.in_(boots), ATTEMPTS.c.ended_at.is_(None))
        .values(ended_at=now_us, error=INTERRUPTED, cost=case((IS_FREE, 0), else_=None))
    ).rowcount
    connection.execute(
        update(EXCHANGES)
        .where(EXCHANGES.c.writer.in_(boots), EXCHANGES.c.ended_at.is_(None))
        .values(ended_at=now_us, outcome=INTERRUPTED, error=INTERRUPTED)
    )
    if rows:
        connection.execute(upsert(connection.dialect.name, EXCHANGES), rows)
    return ended


def _orphaned(boots: list[str]) -> Any:
    """Select what attempts tell of each exchange that these processes left open without a row; counts have none."""
    known = select(literal(1)).where(EXCHANGES.c.id == ATTEMPTS.c.exchange).exists()
    left_open = and_(ATTEMPTS.c.writer.in_(boots), ATTEMPTS.c.ended_at.is_(None))
    orphans = select(ATTEMPTS.c.exchange).where(left_open, ATTEMPTS.c.origin != Origin.COUNT.value, ~known)
    is_unknown = and_(ATTEMPTS.c.cost.is_(None), or_(ATTEMPTS.c.ended_at.is_not(None), ~IS_FREE))
    return (
        select(
            ATTEMPTS.c.exchange,
            func.max(ATTEMPTS.c.writer).label("writer"),
            func.min(ATTEMPTS.c.started_at).label("started_at"),
            func.min(ATTEMPTS.c.day).label("day"),
            func.max(case((IS_FREE, 0), else_=1)).label("paid"),
            func.max(case((is_unknown, 1), else_=0)).label("unknown"),
            func.coalesce(func.sum(ATTEMPTS.c.cost), 0).label("cost"),
            *(func.max(ATTEMPTS.c[name]).label(name) for name in INHERITED),
        )
        .where(ATTEMPTS.c.exchange.in_(orphans))
        .group_by(ATTEMPTS.c.exchange)
    )


def _minimal(row: Any, now_us: int) -> dict[str, Any]:
    return blank(EXCHANGES) | {
        "id": row["exchange"],
        "writer": row["writer"],
        "started_at": row["started_at"],
        "ended_at": now_us,
        "day": row["day"],
        "outcome": INTERRUPTED,
        "error": INTERRUPTED,
        "cost": None if row["unknown"] else int(row["cost"]),
        "price_state": _price_state(row).value,
        **{name: row[name] for name in INHERITED},
    }


def _price_state(row: Any) -> PriceState:
    if row["unknown"]:
        return PriceState.UNKNOWN
    return PriceState.KNOWN if row["paid"] else PriceState.FREE
