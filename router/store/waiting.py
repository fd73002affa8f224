"""Counts what is journalled but not yet in the tables, after a process was killed or while the database is down."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from router.store.engine import file_of, open_engine
from router.store.journal import segments, whole
from router.store.rows import Rows, decode
from router.store.tables import ATTEMPTS, EXCHANGES

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records that no report counts yet: `requests` that have ended, and `calls` of upstreams.

    `cost`: nano-dollars of the calls that have ended at a known price; `unknown`: how many others there are.
    """

    requests: int = 0
    calls: int = 0
    cost: int = 0
    unknown: int = 0


def waiting(url: str, before_us: int) -> Waiting:
    """What the journal beside the store at `url` holds that is not in the tables. Changes nothing.

    What came after `before_us` is left out: a server writes rows within a tenth of a second. A store in memory has no
    journal.
    """
    path = file_of(url)
    exchanges: set[str] = set()
    attempts: dict[str, Any] = {}
    for rows in _journalled(path) if path else ():
        requests: Sequence[Any] = rows.exchanges
        calls: Sequence[Any] = rows.attempts
        exchanges.update(row.id for row in requests if row.ended_at <= before_us)
        for call in calls:
            if (call.ended_at or call.started_at) <= before_us and (call.ended_at or call.id not in attempts):
                attempts[call.id] = call
    if not exchanges and not attempts:
        return Waiting()
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            ended = _ends(connection, EXCHANGES, list(exchanges))
            settled = _ends(connection, ATTEMPTS, list(attempts))
    finally:
        engine.dispose()
    missing = [call for id_, call in attempts.items() if id_ not in settled or (call.ended_at and not settled[id_])]
    known = [call.cost for call in missing if call.ended_at is not None and call.cost is not None]
    return Waiting(sum(not ended.get(id_) for id_ in exchanges), len(missing), sum(known), len(missing) - len(known))


def _journalled(store: Path) -> Iterator[Rows]:
    for segment in segments(store.with_name(f"{store.name}.journal")):
        with suppress(FileNotFoundError):  # removed, as its rows were committed meanwhile
            for batch in whole(segment, AT_ONCE):
                for payload in batch.payloads:
                    with suppress(
                        ValueError, KeyError, TypeError, AttributeError
                    ):  # what is not a record will be set aside
                        yield decode(payload)


def _ends(connection: Connection, table: Table, ids: Sequence[str]) -> Mapping[str, int | None]:
    """When each of the rows with these ids ended, by id; rows that do not exist are left out."""
    found: dict[str, int | None] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = table.c.id.in_(ids[start : start + AT_ONCE])
        found |= {row.id: row.ended_at for row in connection.execute(select(table.c.id, table.c.ended_at).where(some))}
    return found
