"""Savings count everything that was spent, and print no difference over what is not known."""

from decimal import Decimal
from pathlib import Path

import pytest

from router.core.exchange import Origin, Outcome, Reason
from router.core.prices import UNKNOWN, Usage
from router.reports.bill import Bill
from router.reports.savings import savings
from router.reports.savings_page import flat, headline, page
from router.store.memory import MemoryStore
from router.store.shelf import open_shelf
from router.store.sql import SqlStore
from router.store.upgrade import upgrade
from tests.reports.bills import ask, drawn, many
from tests.reports.conftest import DAY, TODAY
from tests.store.records import NOON, Clock, closed, ended, opened


def money(bill: Bill) -> tuple[Decimal, Decimal]:
    return bill.spent.usd, bill.baseline.usd


def test_what_stays_small_saves_what_the_baseline_would_have_cost(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 90), *drawn(30))
    assert money(report.total) == (Decimal("0.105"), Decimal("0.42"))
    assert report.total.saved.value == pytest.approx(0.315)
    assert report.total.saved_share.value == pytest.approx(0.75)
    assert report.total.share_small.value == pytest.approx(0.75)
    assert (report.total.measured, report.total.predicted) == (30, 90)
    assert report.withheld == ""
    assert headline(report).startswith("Saved $0.315 of $0.420, 75.0 %")


def test_judges_shadows_and_retries_are_on_the_bill(ledger: MemoryStore) -> None:
    exchange = closed("small")
    judged = ended(exchange.id, "big", origin=Origin.JUDGE, reason=Reason.SAMPLE)
    shadow = ended(exchange.id, "big", origin=Origin.SHADOW, reason=Reason.SAMPLE)
    exchange.attempts = [*exchange.attempts, judged]
    ledger.append(shadow)
    report = ask(ledger, exchange)
    assert report.total.spent.usd == Decimal("0.007")
    assert report.total.side_cost.usd == Decimal("0.007")
    assert report.total.as_long.value == pytest.approx(-0.0035)


def test_losing_money_is_said_plainly(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("big", 20, baseline_cost=Decimal("0.001")))
    assert report.withheld == ""
    assert headline(report).startswith("Spent more than the baseline: $0.0500 over $0.0200")


def test_an_escalation_pays_for_both_answers(ledger: MemoryStore) -> None:
    exchange = closed("big", escalated="refusal: cannot help")
    paid = ended(exchange.id, "second", price=exchange.attempts[0].price, usage=Usage(input=400))
    exchange.attempts = [paid, *exchange.attempts]
    report = ask(ledger, exchange)
    assert (report.total.escalated, report.total.escalation_cost.usd) == (1, Decimal("0.001"))
    assert report.total.spent.usd == Decimal("0.0045")


def test_an_unknown_price_is_named_and_no_difference_is_printed(ledger: MemoryStore) -> None:
    exchange = closed("mystery")
    exchange.attempts = [ended(exchange.id, "mystery", price=UNKNOWN)]
    report = ask(ledger, exchange, *many("big", 5))
    assert not report.total.spent.complete
    assert report.total.saved.value is None
    assert [(gap.upstream, gap.model, gap.calls, gap.why) for gap in report.gaps] == [
        ("mystery", "mystery-model", 1, "price unknown")
    ]
    assert "a cost is not known" in headline(report)
    assert "1 × mystery (mystery-model): price unknown." in " ".join(page(report).notes)
    assert str(report.total.spent) == "at least $0.0175"


def test_a_call_that_died_with_its_process_is_an_unknown_cost_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    upgrade(url)
    first = SqlStore(url, clock_us=Clock())
    first.append(opened("x", "big"))
    first.close()
    shelf = open_shelf(url, clock_us=Clock())
    report = savings(shelf, TODAY)
    shelf.close()
    assert [(gap.upstream, gap.why) for gap in report.gaps] == [("big", "tokens unknown: the call was cut off")]
    assert not report.total.spent.complete


def test_a_baseline_without_a_price_is_named(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 3, baseline_cost=None))
    assert not report.total.baseline.complete
    assert [(gap.upstream, gap.calls) for gap in report.gaps] == [("big", 3)]
    assert report.withheld


def test_a_local_only_request_has_no_baseline_to_miss(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 3, baseline_cost=None, local_only=True))
    assert report.gaps == ()


def test_a_call_that_is_still_open_is_said_and_not_counted(ledger: MemoryStore) -> None:
    ledger.append(opened("later"))
    report = ask(ledger, *many("big", 2))
    assert report.open_calls == 1
    assert report.total.spent.usd == Decimal("0.007")


def test_an_empty_period_says_so(ledger: MemoryStore) -> None:
    assert headline(ask(ledger)) == "No headline: no requests in this period."


def test_requests_that_got_no_answer_are_told_from_those_that_did(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 2), closed("big", outcome=Outcome.REFUSED))
    assert (report.total.requests, report.total.answered) == (3, 2)
    assert ("requests", "3", "2 of them answered, in 3 conversations") in page(report).sheets[0].rows


def test_only_the_period_asked_for_counts(ledger: MemoryStore) -> None:
    report = ask(ledger, closed("big", started_at=NOON - 2 * DAY), closed("big"))
    assert report.total.requests == 1
    assert report.total.spent.usd == Decimal("0.0035")


@pytest.mark.parametrize("by", ["upstream", "policy", "rule", "key", "day"])
def test_every_column_can_group(ledger: MemoryStore, by: str) -> None:
    assert len(ask(ledger, *many("big", 2), by=by).groups) == 1


def test_the_hold_out_is_compared_by_conversation_and_printed_apart(ledger: MemoryStore) -> None:
    held = [closed("big", session=f"held-{n // 2}", holdout=True) for n in range(80)]
    routed = [closed("small" if n % 2 else "big", session=f"routed-{n // 2}") for n in range(80)]
    arms = ask(ledger, *held, *routed).arms
    assert (arms.held_out, arms.routed) == (40, 40)
    assert arms.saved_share.value == pytest.approx(0.5)
    assert arms.cv == 0.0


def test_who_names_an_upstream_is_in_neither_arm(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 3), closed("big", named=True))
    assert (report.arms.held_out, report.arms.routed) == (0, 3)


def test_too_small_a_hold_out_says_how_many_it_needs(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 10), closed("big", holdout=True))
    assert report.arms.saved_share.value is None
    assert report.arms.needed == 3458
    assert any("needs 3,458 held out" in note for note in page(report).notes)


def test_what_pause_and_hold_out_gave_up_is_estimated_at_the_others_rate(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 20), *many("big", 5, paused=True), *drawn(30))
    assert report.idle.requests == 35
    assert report.idle.given_up.value == pytest.approx(0.1225)


def test_what_no_policy_chooses_for_is_left_out_and_counted(ledger: MemoryStore) -> None:
    vectors = many("embed", 50, dialect="embeddings", named=True, baseline="embed", session="all-of-them")
    unknown = closed("big", dialect="passthrough", named=True, baseline_cost=None)
    unknown.attempts = [ended(unknown.id, "big", price=UNKNOWN)]
    report = ask(ledger, *vectors, unknown, *many("small", 90), *drawn(30))
    assert (report.total.requests, report.total.conversations, report.withheld) == (120, 120, "")
    assert report.total.share_small.value == pytest.approx(0.75)
    assert report.gaps == ()
    notes = " ".join(page(report).notes)
    assert "no policy chooses there: 50 embeddings, which cost $0.00." in notes
    assert "no policy chooses there: 1 passthrough, which cost at least $0.00." in notes
    assert {call.origin for call in report.calls} == {"embeddings", "passthrough", "serve"}


def test_who_names_an_upstream_is_in_no_share_answered_small(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 3), *many("big", 1), *many("big", 4, named=True))
    assert report.total.share_small.value == pytest.approx(0.75)
    assert "Their client named the upstream: 4" in " ".join(page(report).notes)


def test_doubtful_answers_that_were_served_are_told(ledger: MemoryStore) -> None:
    report = ask(ledger, closed("small", degraded=True), *many("small", 3))
    assert ("degraded", "1 (25.0 %)") in [row[:2] for row in page(report).sheets[0].rows]
    assert flat(report)[0]["degraded"] == 1


def test_what_lost_a_race_is_told_and_is_no_escalation(ledger: MemoryStore) -> None:
    exchange = closed("small")
    lost = ended(exchange.id, "big", reason=Reason.RACE, error="cancelled")
    exchange.attempts = [*exchange.attempts, lost]
    report = ask(ledger, exchange, closed("small"))
    assert (report.total.raced, report.total.race_cost.usd) == (1, Decimal("0.0035"))
    assert report.total.escalation_cost.usd == 0
    assert ("raced", "1 (50.0 %)", "$0.00350 of what was spent, for answers that came second") in (
        page(report).sheets[0].rows
    )


@pytest.mark.parametrize(
    ("holdouts", "told"),
    [
        ({}, "30 say how long its answers are, so 30 are missing."),
        ({"balanced": 0.0}, "The policy has no `holdout:`, so none will come: write `holdout: 0.02`."),
        ({"balanced": 0.02}, "30 are missing: at `holdout: 0.02` some 1,500 conversations more."),
    ],
)
def test_what_is_missing_is_counted_with_how_it_comes(
    holdouts: dict[str, float], told: str, ledger: MemoryStore
) -> None:
    for exchange in many("small", 9):
        ledger.append(exchange)
    assert told in " ".join(page(savings(ledger, TODAY, holdouts)).notes)


def test_two_requests_alike_prove_little_of_a_saving(ledger: MemoryStore) -> None:
    saved = ask(ledger, *many("big", 2, baseline_cost=Decimal("0.007"))).total
    assert saved.saved_share.value == pytest.approx(0.5)
    assert saved.saved_share.low is not None
    assert saved.saved_share.low < 0
    assert saved.saved.low is not None
    assert saved.saved.low < 0


def test_failures_cost_and_answer_nothing(ledger: MemoryStore) -> None:
    failed = closed("big", outcome=Outcome.FAILED, baseline_cost=None)
    report = ask(ledger, failed, *many("small", 2))
    assert report.total.spent.usd == Decimal("0.0035")
    assert report.total.share_small.value == 1.0
    assert report.gaps == ()
