"""What would have come of the plans that the baseline stood in for: measured money, and honest about the rest."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from router.core.exchange import Exchange, Origin, Reason, Verdict
from router.core.prices import UNKNOWN
from router.reports.quality import quality
from router.reports.quality_page import page as quality_page
from router.reports.savings import savings
from router.reports.savings_page import page as savings_page
from router.reports.shadows import Forecast, forecast, money_sheet
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.store.records import PRICED, closed, ended

CHEAP = replace(PRICED, input=Decimal("0.25"), output=Decimal("1.00"))  # a tenth of the baseline's price


def tried(shadow: str, *votes: int) -> Exchange:
    """Answered by the baseline for $0.0035, each call in its shadow a tenth; `votes`: who agreed after each answer."""
    exchange = closed("big", shadow=shadow)
    how: dict[str, Any] = {"origin": Origin.SHADOW, "reason": Reason.PANEL, "price": CHEAP}
    asked = [ended(exchange.id, "small", **how) for _ in votes or (1,)]
    exchange.attempts = [*exchange.attempts, *asked]
    exchange.verdicts = [
        Verdict("verifier", "wait", "", attempt=one.id, stage=stage, support=agreed)
        for stage, (one, agreed) in enumerate(zip(asked, votes, strict=False), start=1)
    ]
    return exchange


def seen(ledger: MemoryStore, *exchanges: Exchange) -> Forecast:
    for exchange in exchanges:
        ledger.append(exchange)
    found = forecast(ledger, TODAY)
    assert found is not None
    return found


def test_where_nothing_was_drawn_nothing_is_said(ledger: MemoryStore) -> None:
    ledger.append(closed("big"))
    assert forecast(ledger, TODAY) is None
    assert "In the shadow of the baseline" not in [sheet.title for sheet in savings_page(savings(ledger, TODAY)).sheets]


def test_what_it_would_have_cost_is_the_trial_and_the_answers_it_would_still_have_asked_for(
    ledger: MemoryStore,
) -> None:
    found = seen(ledger, *(tried("kept") for _ in range(6)), *(tried("escalated") for _ in range(2)))
    assert (found.due, found.tried, found.share_kept.value) == (8, 8, 0.75)
    assert found.baseline.usd == Decimal("0.028")
    assert found.cost.usd == Decimal("0.0028") + Decimal("0.007")
    assert found.saved.value == pytest.approx(0.0182)
    assert found.saved_share.value == pytest.approx(0.65)
    assert found.saved_share.low is not None
    assert found.saved_share.low < 0.65


def test_what_was_given_up_is_counted_and_is_no_part_of_any_estimate(ledger: MemoryStore) -> None:
    given_up = [tried(shadow) for shadow in ("full", "busy", "recalled", "budget", "waiting")]
    found = seen(ledger, tried("kept"), *given_up)
    assert (found.due, found.tried, found.given_up, found.share_kept.value) == (6, 1, 4, 1.0)
    assert "of 6 drawn, 4 given up for want of room or budget; it cost $0.00210" in money_sheet(found).rows[0]
    assert found.spent.usd == Decimal("0.0021")  # a recalled call may have cost something all the same
    assert found.cost.usd == Decimal("0.00035")


def test_an_unknown_cost_is_never_a_zero(ledger: MemoryStore) -> None:
    exchange = tried("kept")
    exchange.attempts[-1] = structs.replace(exchange.attempts[-1], price=UNKNOWN)
    found = seen(ledger, exchange, tried("kept"))
    assert (found.saved.value, found.cost.complete) == (None, False)


def test_how_often_all_agreed_is_known_without_a_label(ledger: MemoryStore) -> None:
    whole, part, early, alone = (
        tried("kept", 1, 2, 3),
        tried("escalated", 1, 1, 2),
        tried("kept", 1, 2),
        tried("kept", 1),
    )
    found = seen(ledger, whole, part, early, alone)
    assert found.conferred == 3
    assert found.unanimous.value == pytest.approx(2 / 3)
    sheet = next(sheet for sheet in savings_page(savings(ledger, TODAY)).sheets if "shadow" in sheet.title)
    assert [row[0] for row in sheet.rows][-1] == "all agreed"


def test_labels_say_what_would_have_been_lost(ledger: MemoryStore) -> None:
    for shadow, small, big in (("kept", 1.0, 1.0), ("kept", 0.0, 1.0), ("kept", 1.0, 0.0), ("escalated", 0.0, 1.0)):
        exchange = tried(shadow)
        ledger.append(exchange)
        given = {"who": "check", "label_kind": "exact", "small_quality": small, "big_quality": big}
        ledger.put("labels", {"exchange": exchange.id, **given})
    found = seen(ledger)
    assert (found.labelled, found.loss.value, found.harm.value) == (4, 0.0, 0.25)
    sheet = next(sheet for sheet in quality_page(quality(ledger, TODAY)).sheets if "shadow" in sheet.title)
    assert {row[0]: row[2] for row in sheet.rows}["loss"] == "4 labels"


def test_without_labels_the_quality_report_says_that_nothing_is_known(ledger: MemoryStore) -> None:
    ledger.append(tried("kept"))
    (sheet,) = quality_page(quality(ledger, TODAY)).sheets
    assert ("loss", "–", "no labels yet: nothing is known of its quality") in sheet.rows


def test_where_no_cut_is_known_it_says_that_the_boldest_stood_in(ledger: MemoryStore) -> None:
    known = tried("kept")
    known.cut = 0.7
    assert seen(ledger, tried("kept"), known).uncut == 1
    for sheets in (savings_page(savings(ledger, TODAY)).sheets, quality_page(quality(ledger, TODAY)).sheets):
        (row,) = (row for sheet in sheets for row in sheet.rows if row[0] == "no cut known")
        assert row[1] == "1 (50.0 %)"
        assert "the boldest stood in" in row[2]


def test_two_trials_that_saved_everything_prove_little(ledger: MemoryStore) -> None:
    free = [tried("kept"), tried("kept")]
    for exchange in free:
        exchange.attempts = [exchange.attempts[0], ended(exchange.id, "small", origin=Origin.SHADOW)]
    found = seen(ledger, *free)
    assert (found.saved_share.value, found.saved_share.high) == (1.0, 1.0)
    assert found.saved_share.low == pytest.approx(0.025**0.5)
    assert found.saved.low == pytest.approx(0.007 * 0.025**0.5)
