"""What other ways of choosing would have cost is told of the same requests, and of each by its own baseline."""

from decimal import Decimal

import pytest

from router.core.exchange import Exchange
from router.core.prices import UNKNOWN, Price, PriceState
from router.reports.alternatives import Control
from router.store.memory import MemoryStore
from tests.reports.bills import ask, drawn, many
from tests.store.records import closed, ended

CHEAP = Price(PriceState.KNOWN, input=Decimal("0.25"), output=Decimal("1.00"))


def priced(upstream: str, count: int, price: Price = CHEAP) -> list[Exchange]:
    """So many answered by an upstream that costs a tenth of `big`."""
    exchanges = many(upstream, count)
    for exchange in exchanges:
        exchange.attempts = [ended(exchange.id, upstream, price=price)]
    return exchanges


def controls(ledger: MemoryStore, *exchanges: Exchange) -> dict[str, Control]:
    return {control.name: control for control in ask(ledger, *exchanges).controls}


def cost(control: Control) -> Decimal:
    assert control.cost is not None
    return control.cost.usd


def share(control: Control) -> float:
    assert control.share_small is not None
    assert control.share_small.value is not None
    return control.share_small.value


def test_free_small_answers_cost_nothing_and_the_random_mix_is_what_was_saved(ledger: MemoryStore) -> None:
    found = controls(ledger, *many("small", 90), *drawn(30))
    assert cost(found["always the baseline"]) == Decimal("0.42")
    assert (cost(found["always small"]), found["always small"].why) == (Decimal(0), "")
    assert share(found["random mix at this cost"]) == pytest.approx(0.75)


def test_one_client_that_names_the_small_upstream_takes_no_control_away(ledger: MemoryStore) -> None:
    named = closed("small", named=True, baseline="small", baseline_cost=Decimal(0), baseline_source="measured")
    found = controls(ledger, *many("small", 90), *drawn(30), named)
    assert cost(found["always small"]) == 0
    assert share(found["random mix at this cost"]) == pytest.approx(0.75)


def test_an_upstream_that_is_one_clients_baseline_may_be_anothers_small_one(ledger: MemoryStore) -> None:
    own = many("mid", 5, baseline="mid", baseline_source="measured")
    found = controls(ledger, *own, *priced("mid", 10), *drawn(30))
    assert cost(found["always small"]) == 45 * Decimal("0.00035")
    assert "35 were not asked" in found["always small"].why


def test_priced_small_answers_cost_what_they_did(ledger: MemoryStore) -> None:
    found = controls(ledger, *priced("second", 90), *drawn(30))
    assert cost(found["always small"]) == 120 * Decimal("0.00035")
    assert "30 were not asked: taken to cost as much each" in found["always small"].why
    assert share(found["random mix at this cost"]) == pytest.approx(0.75)


def test_a_small_answer_of_unknown_cost_leaves_both_in_words(ledger: MemoryStore) -> None:
    found = controls(ledger, *priced("second", 3, UNKNOWN))
    assert found["always small"].cost is None
    assert found["random mix at this cost"].why == "what a small answer costs is not known"


def test_where_nobody_else_was_asked_there_is_no_small_answer(ledger: MemoryStore) -> None:
    assert controls(ledger, *many("big", 3))["always small"].why == "no small upstream was asked"


def test_an_unknown_cost_of_one_that_a_client_named_makes_always_small_a_lower_bound(ledger: MemoryStore) -> None:
    named = priced("mystery", 2, UNKNOWN)
    for exchange in named:
        exchange.named = True
    told = controls(ledger, *many("small", 3), *named)["always small"].cost
    assert told is not None
    assert not told.complete
