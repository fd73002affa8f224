"""The tables: a blank row has every column, and what is money or time is whole."""

import pytest
from sqlalchemy import BigInteger, Column

from router.store.tables import ATTEMPTS, EXCHANGES, METADATA, blank


@pytest.mark.parametrize("name", list(METADATA.tables))
def test_a_blank_row_has_every_column_and_none_where_nothing_is_known(name: str) -> None:
    table = METADATA.tables[name]
    row = blank(table)
    assert set(row) == {column.name for column in table.columns}
    without = [column.name for column in table.columns if not column.nullable and row[column.name] is None]
    assert [one for one in without if table.columns[one].default is not None] == []


def test_blank_rows_share_nothing_that_can_change() -> None:
    blank(EXCHANGES)["tags"]["team"] = "x"
    assert blank(EXCHANGES)["tags"] == {}


@pytest.mark.parametrize("column", [EXCHANGES.c.cost, ATTEMPTS.c.cost, EXCHANGES.c.started_at, ATTEMPTS.c.ended_at])
def test_money_and_time_are_integers(column: Column[int]) -> None:
    assert isinstance(column.type, BigInteger)
