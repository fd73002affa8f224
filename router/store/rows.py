"""Records as rows: what is written to the journal on the hot path, and what it becomes in the tables."""

import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import LargeBinary, Table

from router.core.errors import LedgerUnwritable
from router.core.exchange import Attempt, Exchange, Heard, Verdict
from router.core.prices import nanos
from router.store.tables import ATTEMPTS, EXCHANGES, VERDICTS, blank

Row = dict[str, Any]

EPOCH, DAY_US = date(1970, 1, 1), 86_400_000_000
COMPUTED = {"day", "task_key", "cost", "baseline_cost", "price_state", "writer"}
COPIED = tuple(str(column.name) for column in EXCHANGES.columns if column.name not in COMPUTED)
COPY = attrgetter(*COPIED)


@dataclass(frozen=True, slots=True)
class Shape:
    """A table's columns with their defaults, which of them are bytes (base64 in the journal), and which hold a value
    in every row."""

    defaults: Mapping[str, Any]
    packed: tuple[str, ...]
    filled: tuple[str, ...]

    @classmethod
    def of(cls, table: Table) -> "Shape":
        """The shape of `table`; worked out once, since every record is completed by it."""
        defaults = blank(table)
        packed = (str(column.name) for column in table.columns if isinstance(column.type, LargeBinary))
        return cls(defaults, tuple(packed), tuple(name for name, value in defaults.items() if value is not None))


EXCHANGE, ATTEMPT, VERDICT = Shape.of(EXCHANGES), Shape.of(ATTEMPTS), Shape.of(VERDICTS)


@dataclass(frozen=True, slots=True)
class Rows:
    """What one journal record says: rows of three tables, to be written together."""

    exchanges: tuple[Row, ...] = ()
    attempts: tuple[Row, ...] = ()
    verdicts: tuple[Row, ...] = ()


def rows_of(record: Attempt | Exchange, writer: str) -> Rows:
    """The rows that `record` means; `writer` names the process that saw it.

    Rows are made on the hot path and not later, so that a replay needs no price book and no core records.
    """
    if isinstance(record, Attempt):
        return Rows(attempts=(_attempt(record, writer),))
    return Rows(
        exchanges=(_exchange(record, writer),),
        attempts=tuple([_attempt(attempt, writer) for attempt in record.attempts]),
        verdicts=tuple([_verdict(record.id, seq, verdict) for seq, verdict in enumerate(record.verdicts)]),
    )


def encode(rows: Rows) -> bytes:
    """The JSON of `rows`, one line, ready for the journal. Raises LedgerUnwritable on text that is not Unicode."""
    content = {"exchanges": rows.exchanges, "attempts": rows.attempts, "verdicts": rows.verdicts}
    try:
        return orjson.dumps(content, default=plain)
    except orjson.JSONEncodeError as error:
        raise LedgerUnwritable(f"a record cannot be written: {error}") from error


def decode(payload: bytes) -> Rows:
    """The rows of one journal record, complete for this version's tables.

    A column the writing version did not know gets its default; one that we do not know is left out.
    Raises ValueError or KeyError when the payload is not a record of ours.
    """
    content = orjson.loads(payload)
    if not isinstance(content, dict):
        raise ValueError("a record is an object")
    return Rows(
        exchanges=tuple(_with_day(_complete(EXCHANGE, row)) for row in content.get("exchanges", ())),
        attempts=tuple(_with_day(_complete(ATTEMPT, row)) for row in content.get("attempts", ())),
        verdicts=tuple(_complete(VERDICT, row) for row in content.get("verdicts", ())),
    )


def _exchange(exchange: Exchange, writer: str) -> Row:
    row: Row = dict(zip(COPIED, COPY(exchange), strict=True))
    row["task_key"] = exchange.task[-1] if exchange.task else ""
    row["cost"] = nanos(exchange.cost)
    row["baseline_cost"] = nanos(exchange.baseline_cost)
    row["price_state"] = str(exchange.price_state)
    row["outcome"] = None if exchange.outcome is None else str(exchange.outcome)
    row["writer"] = writer
    return _with_day(row)


def _attempt(attempt: Attempt, writer: str) -> Row:
    usage = attempt.usage
    return {
        "id": attempt.id,
        "exchange": attempt.exchange,
        "step": attempt.step,
        "origin": str(attempt.origin),
        "reason": str(attempt.reason),
        "upstream": attempt.upstream,
        "model": attempt.model,
        "local": attempt.local,
        "local_only": attempt.local_only,
        "egress": attempt.egress,
        "host": attempt.host,
        "peer": attempt.peer,
        "tags": attempt.tags,
        "started_at": attempt.started_at,
        "ended_at": attempt.ended_at,
        "status": attempt.status,
        "error": attempt.error,
        "input": usage and usage.input,
        "cached": usage and usage.cached,
        "cache_write": usage and usage.cache_write,
        "output": usage and usage.output,
        "reasoning": usage and usage.reasoning,
        "usage_source": usage and usage.source,
        "unit_prices": attempt.price.as_charged,
        "price_source": attempt.price.source,
        "price_state": str(attempt.price.state),
        "cost": nanos(attempt.cost),
        "ttft_ms": attempt.ttft_ms,
        "total_ms": attempt.total_ms,
        "changes": attempt.changes,
        "machine": attempt.machine,
        "key": attempt.key,
        "policy": attempt.policy,
        "rule": attempt.rule,
        "writer": writer,
        "day": _day(attempt.started_at // DAY_US),
    }


def _verdict(exchange: str, seq: int, verdict: Verdict) -> Row:
    return {
        "exchange": exchange,
        "seq": seq,
        "attempt": verdict.attempt,
        "judge": verdict.judge,
        "action": verdict.action,
        "reason": verdict.reason,
        "score": verdict.score,
        "cut": verdict.cut,
        "stage": verdict.stage,
        "support": verdict.support,
        "evidence": packed(verdict.evidence),
        "heard": [_heard(one) for one in verdict.heard],
    }


def _heard(one: Heard) -> Row:
    """JSON, its evidence as base64 of packed floats: NaN is no JSON."""
    told = None if one.evidence is None else b64encode(packed(one.evidence)).decode()
    named = {"names": one.names} if one.names else {}
    return {"by": list(one.attempts), "evidence": told, **named}


def packed(numbers: tuple[float, ...]) -> bytes:
    """The numbers as little-endian float32."""
    return struct.pack(f"<{len(numbers)}f", *numbers)


def plain(value: object) -> object:
    """A value for orjson, which asks only about what it does not know. Raises TypeError for what is no data."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not belong in the ledger")


def _complete(shape: Shape, row: Row) -> Row:
    whole = {**shape.defaults, **row}
    if len(whole) > len(shape.defaults):
        whole = {name: whole[name] for name in shape.defaults}
    for name in shape.filled:
        if whole[name] is None:
            whole[name] = shape.defaults[name]
    for name in shape.packed:
        if isinstance(whole[name], str):
            whole[name] = b64decode(whole[name])
    return whole


def _with_day(row: Row) -> Row:
    row["day"] = _day(row["started_at"] // DAY_US)
    return row


@lru_cache(maxsize=8)
def _day(number: int) -> str:
    return (EPOCH + timedelta(days=number)).isoformat()
