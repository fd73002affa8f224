"""The length of answers that were never given comes from answers that chance drew, or is not said."""

from decimal import Decimal

import pytest

from bench.savings_coverage import covered
from router.core.prices import Usage
from router.reports.savings_page import headline, page
from router.store.memory import MemoryStore
from tests.reports.bills import ask, drawn, many
from tests.store.records import ended


def test_fewer_than_thirty_drawn_answers_are_not_enough_to_predict_the_others(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 90), *drawn(29))
    assert (report.total.saved.value, report.total.saved_share.value) == (None, None)
    assert str(report.total.baseline) == "at least $0.102"
    assert report.total.as_long.value == pytest.approx(0.315)
    assert "not enough evidence of how long the baseline's answers would have been" in headline(report)
    said = page(report)
    assert any("90 answers stand where big's would have" in note and "only 29" in note for note in said.notes)
    assert ("baseline", "at least $0.102", "29 measured, 90 not known") in said.sheets[0].rows
    assert ("saved", "not enough evidence", "$0.315 if its answers were as long as those served: an assumption") in (
        said.sheets[0].rows
    )


def test_the_length_of_the_baselines_answers_is_read_off_those_drawn_by_chance(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 90), *drawn(15, 300), *drawn(15, 500))
    assert report.total.baseline.usd == Decimal("0.78")  # 120 x (1,000 tokens in, 400 out)
    assert report.total.saved.value == pytest.approx(90 * 0.0065)
    assert report.total.saved.low is not None
    assert report.total.saved.low < 90 * 0.0064


def test_thirty_answers_of_one_conversation_are_one(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 90), *drawn(30, session="one-that-goes-on"), *drawn(28))
    assert (report.total.saved.value, [one.drawn for one in report.evidence]) == (None, [58])
    assert any("only 29 conversations there" in note and "so 1 are missing" in note for note in page(report).notes)
    enough = ask(ledger, *drawn(1))
    assert enough.total.saved.known


def test_what_answers_that_were_never_given_vary_by_is_in_the_interval(ledger: MemoryStore) -> None:
    saved = ask(ledger, *many("small", 30), *drawn(15, 100), *drawn(15, 900)).total.saved
    assert saved.low is not None
    assert saved.high is not None
    # An answer costs 0.004 more or less than their mean: so does the mean of thirty by a √30th, thirty times over, and
    # so do thirty that nobody saw.
    assert saved.high - saved.low > 2 * 1.96 * 0.004 * (30 + 30) ** 0.5


def test_thirty_drawn_answers_of_very_unequal_length_hold_what_was_saved_as_often_as_they_say() -> None:
    (held, above, width), (drawn, _, _) = covered(1.5, routed=90, drawn=30, days=100)
    assert held >= 0.92  # by the skewness that was seen alone in 85 of these 100
    assert drawn < 0.9
    assert above <= 0.08
    assert width < 1.1


def test_an_escalation_says_nothing_of_how_long_other_answers_are(ledger: MemoryStore) -> None:
    hard = many("big", 10, escalated="refusal: cannot help")
    for exchange in hard:
        exchange.attempts = [ended(exchange.id, "big", usage=Usage(input=1000, output=1100))]
        exchange.baseline_cost = Decimal("0.0135")
    report = ask(ledger, *many("small", 90), *hard, *drawn(30, 200))
    # All hundred routed requests are worth a drawn answer each; ten of them are measured, long ones.
    assert report.total.baseline.usd == Decimal("0.585")


def test_each_rule_has_drawn_answers_of_its_own(ledger: MemoryStore) -> None:
    easy = [*many("small", 50), *drawn(30, 50)]
    hard = [*many("small", 10, rule="hard"), *drawn(30, 900, rule="hard")]
    report = ask(ledger, *easy, *hard, by="rule")
    assert {bill.group: bill.baseline.usd for bill in report.groups} == {
        "likely-good": Decimal("0.24"),
        "hard": Decimal("0.46"),
    }
    assert report.total.baseline.usd == Decimal("0.70")


def test_rules_with_few_drawn_answers_are_taken_together(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 50), *drawn(20), *many("small", 5, rule="rare"), *drawn(10, rule="rare"))
    assert [one.rules for one in report.evidence] == [("likely-good", "rare")]
    assert report.total.baseline.usd == Decimal("0.2975")


def test_reasoning_tokens_cost_what_the_baseline_asks_for_them(ledger: MemoryStore) -> None:
    held = drawn(30)
    for exchange in held:
        exchange.attempts = [ended(exchange.id, "big", usage=Usage(input=1000, output=50, reasoning=150))]
        exchange.baseline_cost = Decimal("0.0045")
    assert ask(ledger, *many("small", 10), *held).total.baseline.usd == Decimal("0.18")


def test_a_group_is_corrected_by_its_own_drawn_answers_or_not_at_all(ledger: MemoryStore) -> None:
    mail, code = {"tags": {"team": "mail"}}, {"tags": {"team": "code"}}
    report = ask(
        ledger,
        *many("small", 50, **mail),
        *drawn(30, 50, **mail),
        *many("small", 50, **code),
        *drawn(29, 900, **code),
        by="tag.team",
    )
    groups = {bill.group: bill for bill in report.groups}
    assert groups["mail"].baseline.usd == 80 * Decimal("0.003")
    assert (groups["code"].saved.value, groups["code"].lacking) == (None, True)
    rows = {row[0]: row[-2] for sheet in page(report).sheets if sheet.title == "Groups" for row in sheet.rows}
    assert rows["code"] == "not enough evidence"


def test_where_the_baseline_answered_all_nothing_is_predicted_and_nothing_saved(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 90), *many("big", 40), *drawn(30, 900), by="upstream")
    groups = {bill.group: bill for bill in report.groups}
    assert (groups["big"].saved_share.value, groups["big"].baseline) == (0.0, groups["big"].spent)
    assert groups["small"].lacking
