"""Turns records into rows: to JSON for the journal on the hot path, and from there into the tables."""

import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

import orjson
from msgspec import Raw, Struct, defstruct
from msgspec.json import Encoder
from msgspec.structs import astuple
from sqlalchemy import JSON, LargeBinary, Table

from router.core.errors import LedgerUnwritable
from router.core.exchange import Attempt, Exchange, Heard, Verdict
from router.core.prices import nanos
from router.store.tables import ATTEMPTS, EXCHANGES, VERDICTS, blank

EPOCH, DAY_US = date(1970, 1, 1), 86_400_000_000

# The columns that are computed, in this order; they come after those that are copied from the record.
OF_EXCHANGE = (
    *("tags", "plan", "signals", "reasons", "task", "task_terms"),
    *("task_key", "cost", "baseline_cost", "price_state", "outcome", "day", "writer"),
)
COUNTS = ("input", "cached", "cache_write", "output", "reasoning", "usage_source")
OF_ATTEMPT = ("tags", "unit_prices", "changes", "cost", "day", "writer")
# Where to find columns that are not attributes of the record. Drivers bind plain text faster than enums.
PLACES = {
    "origin": "origin._value_",
    "reason": "reason._value_",
    "price_source": "price.source",
    "price_state": "price.state._value_",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What rows of a table look like in memory: `row` has a field for each column.

    `copied`: the columns copied from the record, which come first. `defaults`: those of all columns. `filled`: the
    columns that are never NULL. `packed`: columns of bytes, base64 in the journal. `json`: columns of JSON, kept as
    text.
    """

    row: type[Struct]
    copied: tuple[str, ...]
    defaults: Mapping[str, Any]
    filled: tuple[str, ...]
    packed: tuple[str, ...]
    json: tuple[str, ...]

    @classmethod
    def of(cls, table: Table, *made: str) -> "Shape":
        """The shape of `table`. The computed columns, `made`, come last."""
        defaults = blank(table)
        copied = tuple(name for name in defaults if name not in made)
        return cls(
            defstruct(table.name, [*copied, *made], gc=False),
            copied,
            defaults,
            tuple(name for name, value in defaults.items() if value is not None),
            tuple(str(column.name) for column in table.columns if isinstance(column.type, LargeBinary)),
            tuple(str(column.name) for column in table.columns if isinstance(column.type, JSON)),
        )


EXCHANGE = Shape.of(EXCHANGES, *OF_EXCHANGE)
ATTEMPT = Shape.of(ATTEMPTS, *COUNTS, *OF_ATTEMPT)
VERDICT = Shape.of(VERDICTS)

ExchangeRow, copied_of_exchange = EXCHANGE.row, attrgetter(*EXCHANGE.copied)
AttemptRow, copied_of_attempt = ATTEMPT.row, attrgetter(*(PLACES.get(name, name) for name in ATTEMPT.copied))
VerdictRow = VERDICT.row
NOT_COUNTED = (None,) * len(COUNTS)
NO_TAGS, NO_LIST = Raw(b"{}"), Raw(b"[]")


class Rows(Struct, frozen=True, omit_defaults=True):
    """The rows of one journal record, in three tables, which are written together."""

    exchanges: tuple[Struct, ...] = ()
    attempts: tuple[Struct, ...] = ()
    verdicts: tuple[Struct, ...] = ()


def rows_of(record: Attempt | Exchange, writer: str, ended: Sequence[Attempt] = ()) -> Rows:
    """The rows of `record` and of the `ended` attempts; `writer` names the process that writes them.

    Rows are made on the hot path, so that a replay needs neither prices nor core records. Raises LedgerUnwritable if a
    value cannot be written as JSON.
    """
    if isinstance(record, Attempt):
        return Rows((), tuple([_attempt(attempt, writer) for attempt in (*ended, record)]))
    return Rows(
        (_exchange(record, writer),),
        tuple([_attempt(attempt, writer) for attempt in record.attempts]),
        tuple([_verdict(record.id, seq, verdict) for seq, verdict in enumerate(record.verdicts)]),
    )


def encode(rows: Rows) -> bytes:
    """The JSON of `rows`, one line, ready for the journal. Raises LedgerUnwritable on text that is not Unicode."""
    try:
        return ENCODER.encode(rows)
    except (TypeError, UnicodeEncodeError) as error:
        raise LedgerUnwritable(f"a record cannot be written: {error}") from error


def decode(payload: bytes) -> Rows:
    """The rows of one journal record, complete for this version's tables.

    A column that the writing version did not know gets its default; one that this version does not know is left out.
    Raises ValueError, KeyError or TypeError if the payload is not such a record.
    """
    content = orjson.loads(payload)
    if not isinstance(content, dict):
        raise ValueError("a record is an object")
    return Rows(
        tuple(_complete(EXCHANGE, _with_day(row)) for row in content.get("exchanges", ())),
        tuple(_complete(ATTEMPT, _with_day(row)) for row in content.get("attempts", ())),
        tuple(_complete(VERDICT, row) for row in content.get("verdicts", ())),
    )


def _exchange(exchange: Exchange, writer: str) -> Struct:
    outcome = exchange.outcome
    return ExchangeRow(
        *copied_of_exchange(exchange),
        _json(exchange.tags) if exchange.tags else NO_TAGS,
        _json(exchange.plan),
        _json(exchange.signals),
        _json(exchange.reasons),
        _json(exchange.task),
        _json(exchange.task_terms),
        exchange.task[-1] if exchange.task else "",
        nanos(exchange.cost),
        nanos(exchange.baseline_cost),
        str(exchange.price_state),
        None if outcome is None else str(outcome),
        _day(exchange.started_at // DAY_US),
        writer,
    )


def _attempt(attempt: Attempt, writer: str) -> Struct:
    usage = attempt.usage
    return AttemptRow(
        *copied_of_attempt(attempt),
        *(NOT_COUNTED if usage is None else astuple(usage)),
        _json(attempt.tags) if attempt.tags else NO_TAGS,
        Raw(attempt.price.charged),
        _json(attempt.changes) if attempt.changes else NO_LIST,
        nanos(attempt.cost),
        _day(attempt.started_at // DAY_US),
        writer,
    )


def _verdict(exchange: str, seq: int, verdict: Verdict) -> Struct:
    return VerdictRow(
        exchange=exchange,
        seq=seq,
        attempt=verdict.attempt,
        judge=verdict.judge,
        action=verdict.action,
        reason=verdict.reason,
        score=verdict.score,
        cut=verdict.cut,
        stage=verdict.stage,
        support=verdict.support,
        evidence=packed(verdict.evidence),
        heard=_json([_heard(one) for one in verdict.heard]),
    )


def _heard(one: Heard) -> dict[str, Any]:
    """As JSON, with the evidence as base64 of packed floats, since JSON has no NaN."""
    evidence = None if one.evidence is None else b64encode(packed(one.evidence)).decode()
    named = {"names": one.names} if one.names else {}
    return {"by": list(one.attempts), "evidence": evidence, **named}


def packed(numbers: tuple[float, ...]) -> bytes:
    """The numbers as little-endian float32."""
    return struct.pack(f"<{len(numbers)}f", *numbers)


def plain(value: object) -> object:
    """Convert a value that the JSON encoder does not know. Raises TypeError if it does not belong in the ledger."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, str):
        return str(value)  # a subclass of str, such as SQLAlchemy's names
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} does not belong in the ledger")


def _json(value: object) -> Raw:
    """The text of a JSON column, made once for both the journal and the table."""
    try:
        return Raw(orjson.dumps(value, plain))
    except orjson.JSONEncodeError as error:
        raise LedgerUnwritable(f"a record cannot be written: {error}") from error


ENCODER = Encoder(enc_hook=plain)


def _complete(shape: Shape, row: dict[str, Any]) -> Struct:
    whole = {name: row.get(name, default) for name, default in shape.defaults.items()}
    for name in shape.filled:
        if whole[name] is None:
            whole[name] = shape.defaults[name]
    for name in shape.packed:
        if isinstance(whole[name], str):
            whole[name] = b64decode(whole[name])
    for name in shape.json:
        whole[name] = _json(whole[name])
    return shape.row(**whole)


def _with_day(row: dict[str, Any]) -> dict[str, Any]:
    try:
        row["day"] = _day(row["started_at"] // DAY_US)
    except OverflowError as error:
        raise ValueError("`started_at` is out of range") from error
    return row


@lru_cache(maxsize=8)
def _day(number: int) -> str:
    return (EPOCH + timedelta(days=number)).isoformat()
