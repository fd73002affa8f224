"""A bill counts what was spent beside what its requests would have cost, and says what it does not know."""

from decimal import Decimal

import pytest

from router.core.exchange import Outcome
from router.reports.savings_page import page
from router.store.memory import MemoryStore
from tests.reports.bills import ask, drawn, many
from tests.store.records import closed


def test_what_had_to_stay_local_has_no_baseline(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 3, local_only=True), *many("big", 2))
    assert (report.total.baseline.usd, report.total.predicted, report.total.stayed) == (Decimal("0.007"), 0, 3)
    assert any("Had to stay local, and so have no baseline: 3" in note for note in page(report).notes)


def test_what_was_refused_is_no_measured_baseline(ledger: MemoryStore) -> None:
    refused = closed("", outcome=Outcome.REFUSED, baseline_cost=Decimal(0), baseline_source="measured", attempts=[])
    assert ask(ledger, refused, closed("big")).total.measured == 1


def test_sums_are_exact_where_floats_would_not_be(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("big", 30, baseline_cost=Decimal("0.000000001")))
    assert report.total.baseline.usd == Decimal("0.000000030")


def test_groups_add_up_to_the_total(ledger: MemoryStore) -> None:
    mail, search = many("small", 3, tags={"team": "mail"}), many("big", 2, tags={"team": "search"})
    report = ask(ledger, *mail, *search, *many("big", 1), by="tag.team")
    assert [(bill.group, bill.requests) for bill in report.groups] == [("", 1), ("mail", 3), ("search", 2)]
    assert sum((bill.spent.usd for bill in report.groups), Decimal(0)) == report.total.spent.usd


def test_what_it_cost_is_the_other_side_of_what_was_saved(ledger: MemoryStore) -> None:
    total = ask(ledger, *many("small", 90), *drawn(30)).total
    assert total.saved_share.high is not None
    assert total.cost_share.value == pytest.approx(0.25)
    assert total.cost_share.low == 1 - total.saved_share.high


def test_a_cost_share_over_an_unknown_price_is_unknown(ledger: MemoryStore) -> None:
    assert ask(ledger, *many("small", 3), closed("small", baseline_cost=None)).total.cost_share.value is None


def test_what_the_baseline_would_have_cost_is_as_sure_as_what_was_saved(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 90), *drawn(15, 50), *drawn(15, 350))
    total = report.total
    assert total.saved.low is not None
    assert total.baseline_between.value == float(total.baseline.usd)
    assert total.baseline_between.low == pytest.approx(total.saved.low + float(total.spent.usd))
    (row,) = (row for row in page(report).sheets[0].rows if row[0] == "baseline")
    assert row[1].startswith("$0.540 ($")


def test_what_was_measured_is_exact_and_has_no_interval(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("big", 40))
    assert page(report).sheets[0].rows[2][1] == "$0.140"
