"""What we say in SQL can be said to Postgres too; running it there needs a server, and is tried elsewhere."""

from typing import Any

import pytest
from sqlalchemy.dialects import postgresql

from router.store.aggregates import AGGREGATES
from router.store.sink import upsert
from router.store.tables import METADATA

NEEDED: dict[str, dict[str, Any]] = {
    "quality.conversations": {"kind": "exact"},
    "quality.groups": {"kind": "exact"},
    "privacy.strayed": {"tag": "team", "value": "legal", "allowed": ["small", "local"]},
    "requests.quantiles": {"measure": "total_ms"},
}
WITHOUT_A_PERIOD: dict[str, dict[str, Any]] = {"keys.live": {}, "requests.begins": {"prefix": "01a2", "limit": 2}}


@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_every_upsert_can_be_said(table: str) -> None:
    statement = upsert("postgresql", METADATA.tables[table]).compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    assert "ON CONFLICT" in str(statement)


@pytest.mark.parametrize("name", sorted(AGGREGATES))
def test_every_aggregate_can_be_said(name: str) -> None:
    statement = AGGREGATES[name](**_asked(name)).compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    assert str(statement).startswith("SELECT")


@pytest.mark.parametrize("name", sorted(AGGREGATES))
def test_no_sum_is_taken_apart_where_it_is_a_decimal_that_no_division_makes_whole(name: str) -> None:
    statement = AGGREGATES[name](**_asked(name)).compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    assert "%%" not in str(statement)


def _asked(name: str) -> dict[str, Any]:
    return WITHOUT_A_PERIOD[name] if name in WITHOUT_A_PERIOD else {"since_us": 0, **NEEDED.get(name, {})}
