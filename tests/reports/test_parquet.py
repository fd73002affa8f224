"""A report as a Parquet file; the tests that read one need the extra [parquet]."""

import io
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from router.reports.parquet import as_parquet

needs_arrow = pytest.mark.skipif(find_spec("pyarrow") is None, reason="needs the extra [parquet]: make parquet")


def read(data: bytes) -> Any:
    return import_module("pyarrow.parquet").read_table(io.BytesIO(data))


@needs_arrow
def test_every_column_keeps_its_sort_and_money_its_digits() -> None:
    rows = [
        {"group": "all", "requests": 12, "spent_usd": Decimal("0.000000125"), "share": 0.5, "complete": True},
        {"group": "=mail", "requests": 3, "spent_usd": Decimal("1234.5"), "share": None, "complete": False},
    ]
    table = read(as_parquet(rows))
    assert table.to_pylist() == rows
    assert [str(field.type).partition("(")[0] for field in table.schema] == [
        "string", "int64", "decimal128", "double", "bool",
    ]  # fmt: skip


@needs_arrow
def test_what_a_row_lacks_is_null_and_what_is_no_single_value_is_text() -> None:
    rows: list[dict[str, Any]] = [{"a": 1, "mixed": 1, "list": [1]}, {"b": 2.5, "mixed": "x"}, {"a": Decimal("0.5")}]
    assert read(as_parquet(rows)).to_pylist() == [
        {"a": Decimal("1.0"), "mixed": "1", "list": "[1]", "b": None},
        {"a": None, "mixed": "x", "list": None, "b": 2.5},
        {"a": Decimal("0.5"), "mixed": None, "list": None, "b": None},
    ]


@needs_arrow
def test_a_report_of_nothing_is_a_file_of_nothing() -> None:
    assert read(as_parquet([])).num_rows == 0


@pytest.mark.skipif(find_spec("pyarrow") is not None, reason="the extra [parquet] is installed")
def test_without_the_extra_it_says_so() -> None:
    with pytest.raises(ModuleNotFoundError, match="pyarrow"):
        as_parquet([{"a": 1}])
