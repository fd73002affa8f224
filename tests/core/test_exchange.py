"""The record that grows: its cost and its price state follow from its attempts."""

from decimal import Decimal

import pytest

from router.core.exchange import Attempt, Exchange
from router.core.prices import FREE, UNKNOWN, Above, Price, PriceState, Usage
from router.store.rows import rows_of
from tests.store.records import NOON, PRICED, opened

USED = Usage(input=1000, output=100)


def attempt(price: Price, usage: Usage | None = USED, *, ended: bool = True) -> Attempt:
    started = opened("x", price=price)
    return started.finished(NOON + 2_500, status=200, usage=usage) if ended else started


def exchange(*attempts: Attempt) -> Exchange:
    return Exchange(id="x", started_at=NOON, attempts=list(attempts))


def test_what_became_of_its_plan_is_added_under_its_rule() -> None:
    decided = Exchange(
        id="x", started_at=NOON, rule="easy", reasons=({"rule": "easy", "outcome": "matched", "why": "a"},)
    )
    decided.note("seated", "b")
    assert decided.reasons[1:] == ({"rule": "easy", "outcome": "seated", "why": "b"},)


def test_a_finished_attempt_knows_how_long_it_took() -> None:
    assert attempt(FREE).total_ms == 2.5


def test_finishing_leaves_the_open_record_as_it_was() -> None:
    started = opened("x")
    assert started.finished(NOON + 1).ended_at == NOON + 1
    assert started.ended_at is None


def test_an_open_attempt_has_no_cost_yet_and_one_that_used_nothing_cost_nothing() -> None:
    assert attempt(PRICED, None, ended=False).cost is None
    assert attempt(PRICED, None).cost == 0


def test_an_exchange_costs_the_sum_of_its_attempts() -> None:
    assert exchange(attempt(PRICED), attempt(FREE), attempt(PRICED)).cost == Decimal("0.007")


def test_sums_agree_to_the_nano_dollar_where_a_token_costs_half_of_one() -> None:
    cheap = Price(PriceState.KNOWN, input=Decimal("0.0375"), output=Decimal("0.0005"))
    once, twice = attempt(cheap, Usage(input=7)), attempt(cheap, Usage(input=9))
    assert (once.cost, twice.cost) == (Decimal("0.000000262"), Decimal("0.000000338"))  # 262.5 and 337.5, to even
    (row,) = rows_of(exchange(once, once, twice), "me").exchanges
    assert row.cost == 262 + 262 + 338  # type: ignore[attr-defined]  # a row has a field for each column


def test_one_unknown_price_makes_the_whole_cost_unknown() -> None:
    assert exchange(attempt(PRICED), attempt(UNKNOWN)).cost is None


@pytest.mark.parametrize(
    ("prices", "state"),
    [
        ([], PriceState.FREE),
        ([FREE], PriceState.FREE),
        ([FREE, PRICED], PriceState.KNOWN),
        ([FREE, PRICED, UNKNOWN], PriceState.UNKNOWN),
    ],
)
def test_the_price_state_is_that_of_the_worst_part(prices: list[Price], state: PriceState) -> None:
    assert exchange(*map(attempt, prices)).price_state is state


def test_an_attempt_that_used_nothing_spoils_no_price_state() -> None:
    assert exchange(attempt(FREE), attempt(UNKNOWN, None)).price_state is PriceState.FREE


def test_an_attempt_with_a_long_prompt_has_the_price_that_it_was_charged_by() -> None:
    longer = Price(PriceState.KNOWN, input=Decimal(4), output=Decimal(8), source="smallfirst 2026-11-12")
    tiered = Price(PriceState.KNOWN, input=Decimal(1), output=Decimal(2), above=Above(1000, longer))
    open_call = opened("x", price=tiered)
    assert open_call.price is tiered
    assert open_call.finished(2, usage=Usage(input=1000)).price is tiered
    charged = open_call.finished(2, usage=Usage(input=1001))
    assert (charged.price, charged.cost) == (longer, Decimal("0.004004"))
