"""A report's rows as a Parquet file; needs the extra [parquet]."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from io import BytesIO
from typing import Any

PLAIN = (bool, int, float, str, Decimal)


def as_parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """One file with a column for each name: whole numbers as int64, money as decimals with all digits.

    A name that a row lacks is null there; anything but a single value becomes text. Raises ModuleNotFoundError if the
    extra [parquet] is not installed.
    """
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: arrow.array(_alike([row.get(name) for row in rows])) for name in names}
    target = BytesIO()
    parquet.write_table(arrow.table(columns), target)
    return target.getvalue()


def _alike(values: list[Any]) -> list[Any]:
    """The values of a column, all of one type: text if they differ or are not single values."""
    sorts = {type(value) for value in values if value is not None}
    if sorts <= {int, float} or (len(sorts) == 1 and sorts <= set(PLAIN)):
        return values
    if sorts <= {int, Decimal}:
        return [None if value is None else Decimal(value) for value in values]
    return [None if value is None else str(value) for value in values]
