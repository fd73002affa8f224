"""Groups' points add up to the total's, whatever it is grouped by; who has too little evidence has none alone."""

from decimal import Decimal

import pytest

from router.core.exchange import Exchange
from router.reports.bill import Bill
from router.reports.savings import Savings
from router.reports.savings_page import page, plain
from router.store.memory import MemoryStore
from tests.reports.bills import ask, drawn, many

NANO = Decimal("0.000000005")


def of(team: str, small: int, held: int, tokens: int) -> list[Exchange]:
    """So many answered small for a team, and so many held out, at lengths about `tokens`."""
    tags = {"tags": {"team": team}}
    lengths = (tokens // 2, tokens, 3 * tokens // 2)
    answers = [one for place in range(held) for one in drawn(1, lengths[place % 3], **tags)]
    return [*many("small", small, **tags), *answers]


def points(bills: list[Bill]) -> tuple[Decimal, float]:
    """The sums of what the baseline would have cost and of what was saved."""
    saved = [bill.saved.value for bill in bills]
    assert None not in saved
    return sum((bill.baseline.usd for bill in bills), Decimal(0)), sum(value or 0.0 for value in saved)


def adds_up(report: Savings, bills: list[Bill]) -> bool:
    baseline, saved = points(bills)
    return abs(baseline - report.total.baseline.usd) < NANO and saved == pytest.approx(report.total.saved.value)


def test_the_points_of_groups_of_unequal_length_add_up_to_the_total(ledger: MemoryStore) -> None:
    report = ask(ledger, *of("mail", 200, 60, 50), *of("code", 100, 45, 900), by="tag.team")
    # Of the drawn answers three in seven are code's, of the others a third: the means alone do not add up.
    assert adds_up(report, list(report.groups))
    by_rule = ask(ledger, by="rule")
    assert by_rule.total.saved == report.total.saved
    assert adds_up(by_rule, list(by_rule.groups))
    assert any("add up to the total's" in note for note in page(report).notes)


def test_a_point_that_adds_up_lies_in_an_interval_that_holds_the_groups_own(ledger: MemoryStore) -> None:
    mail, code = ask(ledger, *of("mail", 200, 60, 50), *of("code", 100, 45, 900), by="tag.team").groups[::-1]
    for bill, own in ((mail, 260 * 0.0025 + 200 * 0.0005), (code, 145 * 0.0025 + 100 * 0.009)):
        assert bill.saved.low is not None
        assert bill.saved.high is not None
        assert bill.saved.low < (bill.saved.value or 0.0) < bill.saved.high
        held = float(bill.baseline.usd) - (bill.saved.value or 0.0)
        assert bill.saved.low < own - held + {"mail": 60 * 0.0005, "code": 45 * 0.009}[bill.group] < bill.saved.high


def test_groups_without_enough_evidence_have_none_alone_and_a_point_together(ledger: MemoryStore) -> None:
    exchanges = [*of("mail", 200, 60, 50), *of("code", 90, 18, 900), *of("docs", 40, 15, 300)]
    report = ask(ledger, *exchanges, by="tag.team")
    few = [bill.group for bill in report.groups if bill.lacking]
    assert sorted(few) == ["code", "docs"]
    assert report.rest is not None
    assert adds_up(report, [report.rest, *(bill for bill in report.groups if not bill.lacking)])
    (sheet,) = (sheet for sheet in page(report).sheets if sheet.title == "Groups")
    names = {row[0]: row[-2] for row in sheet.rows}
    assert names["code"] == "not enough evidence"
    assert names["the 2 without enough evidence, together"].endswith(")")
    assert plain(report)["rest"]["requests"] == 163


def test_too_few_even_together_leave_the_others_as_they_are(ledger: MemoryStore) -> None:
    report = ask(ledger, *of("mail", 200, 60, 50), *of("code", 90, 18, 900), by="tag.team")
    mail = next(bill for bill in report.groups if bill.group == "mail")
    assert mail.baseline.usd == Decimal("0.78")  # 260 x (1,000 tokens in, 50 out)
    assert report.rest is not None
    assert report.rest.lacking
    (sheet,) = (sheet for sheet in page(report).sheets if sheet.title == "Groups")
    assert [row[0] for row in sheet.rows] == ["code", "mail"]


def test_a_conversation_in_two_groups_without_evidence_counts_once_in_both_together(ledger: MemoryStore) -> None:
    both = [*many("small", 20, session="one", rule="a"), *many("small", 20, session="one", rule="b")]
    report = ask(ledger, *both, *many("small", 5, rule="c"), by="rule")
    assert report.rest is not None
    assert (report.rest.conversations, report.rest.requests) == (6, 45)


def test_what_the_baseline_answered_is_measured_whatever_the_others_need(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 90), *many("big", 40), *drawn(30, 900), by="upstream")
    big = next(bill for bill in report.groups if bill.group == "big")
    assert (big.saved.value, big.baseline) == (0.0, big.spent)
