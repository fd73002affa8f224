"""The capacity report on paper, for programs and for spreadsheets."""

from router.reports.capacity import capacity
from router.reports.capacity_page import flat, page, plain
from router.reports.render import as_csv, as_json, as_table
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.reports.test_capacity import steady


def test_people_read_the_share_its_interval_and_what_one_more_would_add(ledger: MemoryStore) -> None:
    steady(ledger, {"small": 1.0})
    text = as_table(page(capacity(ledger, TODAY, {"small": 1}, 3.0)), 100, colour=False)
    assert "At a p95 of 3 s, small alone carries 100.0 %" in " ".join(text.split())
    assert "one more of it" in text
    assert "Erlang 1917" in text
    assert max(map(len, text.splitlines())) <= 100


def test_what_is_withheld_is_said_in_the_headline(ledger: MemoryStore) -> None:
    assert "No local upstream has answered" in page(capacity(ledger, TODAY, {}, 3.0)).headline


def test_programs_and_spreadsheets_get_the_same_figures(ledger: MemoryStore) -> None:
    steady(ledger, {"small": 1.0})
    report = capacity(ledger, TODAY, {"small": 1}, 3.0)
    assert '"report": "capacity"' in as_json(plain(report))
    row, machine = flat(report)
    assert (machine["upstream"], machine["slots"]) == ("small", 1)
    assert (row["plan"], row["share"], row["tightest"]) == ("small alone", 1.0, "small")
    assert as_csv(flat(report)).startswith("plan,p95_s,")


def test_a_spreadsheet_has_rows_where_nothing_is_claimed_too(ledger: MemoryStore) -> None:
    (row,) = flat(capacity(ledger, TODAY, {}, 3.0))
    assert row == {"withheld": "no local upstream has answered in this period"}
    steady(ledger, {"small": 1.0})
    (row,) = flat(capacity(ledger, TODAY, {"small": None}, 3.0))
    assert (row["upstream"], row["slots"]) == ("small", None)
    assert "how many slots small has" in row["withheld"]
