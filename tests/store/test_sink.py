"""Rows into tables: written any number of times they are the same, and an end is never undone."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select

from router.core.exchange import Attempt, Exchange
from router.store.engine import open_engine
from router.store.rows import Rows, decode, encode, rows_of
from router.store.sink import Sink, interrupt
from router.store.tables import ATTEMPTS, EXCHANGES
from router.store.upgrade import upgrade_on
from tests.store.records import NOON, SECOND, closed, ended, opened


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = open_engine("sqlite://")
    with engine.begin() as connection:
        upgrade_on(connection, "sqlite://")
        yield connection
    engine.dispose()


def rows(*records: Attempt | Exchange, boot: str = "boot") -> list[Rows]:
    return [decode(encode(rows_of(record, boot, ()))) for record in records]


def attempts(connection: Connection) -> list[tuple[str, str | None]]:
    found = connection.execute(select(ATTEMPTS.c.id, ATTEMPTS.c.error).order_by(ATTEMPTS.c.id))
    return [(row.id, row.error) for row in found]


def test_the_same_batch_twice_is_the_same_rows(connection: Connection) -> None:
    sink, batch = Sink(connection.dialect), rows(closed(), closed())
    sink.write(connection, batch)
    once = connection.execute(select(EXCHANGES)).all()
    sink.write(connection, batch)
    assert connection.execute(select(EXCHANGES)).all() == once


def test_an_open_record_never_overwrites_an_ended_one_in_one_batch_or_two(connection: Connection) -> None:
    sink, attempt = Sink(connection.dialect), opened("x")
    over = attempt.finished(NOON + SECOND, error="429", status=429)
    sink.write(connection, rows(over, attempt))
    sink.write(connection, rows(attempt))
    assert attempts(connection) == [(attempt.id, "429")]


def test_what_dead_processes_left_open_is_ended_and_its_exchange_told_of(connection: Connection) -> None:
    sink, paid, free = Sink(connection.dialect), opened("x"), opened("y", "small")
    sink.write(connection, rows(paid, free, boot="dead"))
    sink.write(connection, rows(opened("z"), boot="alive"))
    assert interrupt(connection, ["dead"], NOON + SECOND) == 2
    assert [error for _, error in attempts(connection)].count("interrupted") == 2
    found = connection.execute(select(EXCHANGES.c.id, EXCHANGES.c.outcome, EXCHANGES.c.cost).order_by(EXCHANGES.c.id))
    assert [tuple(row) for row in found] == [("x", "interrupted", None), ("y", "interrupted", 0)]


def test_an_exchange_that_nobody_ended_costs_what_its_ended_attempts_did(connection: Connection) -> None:
    sink = Sink(connection.dialect)
    sink.write(connection, rows(ended("x"), opened("x", "small"), boot="dead"))
    interrupt(connection, ["dead"], NOON + SECOND)
    assert connection.execute(select(EXCHANGES.c.cost)).scalar_one() == 3_500_000
