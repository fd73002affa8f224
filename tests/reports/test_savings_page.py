"""The page on savings says how each figure is known, and names what is not."""

from dataclasses import replace
from decimal import Decimal

from router.core.prices import FREE, UNKNOWN
from router.reports.savings_page import flat, headline, page, plain
from router.store.memory import MemoryStore
from tests.reports.bills import ask, drawn, many
from tests.store.records import closed, ended


def test_a_difference_that_may_be_nothing_is_withheld_in_words(ledger: MemoryStore) -> None:
    dear = many("big", 1, baseline_cost=Decimal("0.1"))
    report = ask(ledger, *many("big", 60, baseline_cost=Decimal("0.003")), *dear)
    assert "not distinguishable from always asking the baseline" in headline(report)


def test_where_the_baseline_answered_everything_it_is_said_so(ledger: MemoryStore) -> None:
    cost = closed("big").attempts[0].cost
    told = headline(ask(ledger, *many("big", 60, baseline_cost=cost)))
    assert told == "No headline: the baseline answered everything, so nothing could be saved."
    tried = headline(ask(ledger, *many("big", 1, baseline_cost=cost, shadow="kept")))
    assert tried == f"{told} What trying out says stands below."


def test_an_empty_period_is_two_sentences_and_no_table(ledger: MemoryStore) -> None:
    told = page(ask(ledger))
    assert told.headline == "No headline: no requests in this period."
    assert (told.sheets, len(told.notes)) == ((), 1)
    assert "--since" in told.notes[0]


def test_the_headline_says_how_much_of_it_is_predicted(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 90), *drawn(30))
    assert "90 of the baseline's answers are predicted" in headline(report)
    assert any("from 30 of its answers in conversations that the hold-out drew" in note for note in page(report).notes)


def test_programs_and_spreadsheets_get_the_same_figures(ledger: MemoryStore) -> None:
    report = ask(ledger, *many("small", 3), *many("big", 1), by="upstream")
    assert plain(report)["total"]["spent"] == {"usd": Decimal("0.0035"), "complete": True}
    assert [(row["group"], row["requests"]) for row in flat(report)] == [("all", 4), ("big", 1), ("small", 3)]


def test_the_table_of_calls_says_by_which_price_each_was_charged(ledger: MemoryStore) -> None:
    written = closed("big").attempts[0].price
    exchange = closed("big")
    exchange.attempts = [
        ended(exchange.id, "big", price=replace(written, source="config.yaml")),
        ended(exchange.id, "big", price=replace(written, source="smallfirst 2026-11-12")),
        ended(exchange.id, "small", price=FREE),
        ended(exchange.id, "mystery", price=UNKNOWN),
    ]
    report = ask(ledger, exchange)
    assert [(call.upstream, call.price) for call in report.calls] == [
        ("big", "config.yaml"),
        ("big", "smallfirst 2026-11-12"),
        ("mystery", "unknown"),
        ("small", "free"),
    ]
    (sheet,) = (sheet for sheet in page(report).sheets if sheet.title == "Calls")
    assert [row[-1] for row in sheet.rows] == [call.price for call in report.calls]


def test_what_was_saved_on_prompts_that_were_cut_is_named(ledger: MemoryStore) -> None:
    cut = closed("small", error="truncated", degraded=True)
    report = ask(ledger, cut, *many("small", 9), *drawn(30))
    assert report.total.truncated == 1
    assert any("had cut the prompt: 1 (2.5 %)" in note for note in page(report).notes)
    assert flat(report)[0]["truncated"] == 1
