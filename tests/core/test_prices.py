"""Exact money: every bucket at its price, unknown never zero, nano-dollars and back without a loss."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.prices import FREE, UNKNOWN, Above, Price, PriceState, Usage, dollars, nanos, total_state

PRICE = Price(
    PriceState.KNOWN,
    input=Decimal("2.50"),
    output=Decimal("10.00"),
    cached_input=Decimal("0.25"),
    cache_write=Decimal("3.125"),
    reasoning=Decimal("12.00"),
)
TOKENS = st.integers(0, 10_000_000)
USAGES = st.builds(Usage, TOKENS, TOKENS, TOKENS, TOKENS, TOKENS)


def test_every_bucket_is_charged_at_its_own_price() -> None:
    usage = Usage(input=1000, cached=2000, cache_write=400, output=100, reasoning=50)
    assert PRICE.cost(usage) == Decimal("0.0025") + Decimal("0.0005") + Decimal("0.00125") + Decimal("0.001") + Decimal(
        "0.0006"
    )


def test_a_bucket_without_a_price_costs_as_input_or_output() -> None:
    plain = Price(PriceState.KNOWN, input=Decimal(2), output=Decimal(10))
    assert plain.cost(Usage(1, 1, 1, 1, 1)) == Decimal("0.000026")


@given(USAGES, USAGES)
def test_the_cost_of_two_calls_is_the_sum_of_their_costs(one: Usage, other: Usage) -> None:
    both = Usage(*(getattr(one, name) + getattr(other, name) for name in ("input", "cached", "cache_write")))
    parts = [PRICE.cost(Usage(u.input, u.cached, u.cache_write)) for u in (one, other)]
    assert PRICE.cost(both) == sum(part for part in parts if part is not None)


@given(USAGES)
def test_unknown_is_unknown_and_free_is_nothing_whatever_was_used(usage: Usage) -> None:
    assert UNKNOWN.cost(usage) is None
    assert FREE.cost(usage) == 0


def test_the_buckets_are_disjoint_so_their_sums_are_the_wholes() -> None:
    usage = Usage(input=1, cached=2, cache_write=4, output=8, reasoning=16)
    assert (usage.prompt, usage.completion) == (7, 24)


def test_the_unit_prices_are_written_down_as_charged() -> None:
    assert Price(PriceState.KNOWN, input=Decimal("2.50"), output=Decimal(10)).as_charged == {
        "input": "2.50",
        "output": "10",
        "cached_input": "2.50",
        "cache_write": "2.50",
        "reasoning": "10",
    }
    assert FREE.as_charged == UNKNOWN.as_charged == {}


@given(st.integers(-(10**18), 10**18))
def test_nano_dollars_come_back_as_they_went(amount: int) -> None:
    assert nanos(dollars(amount)) == amount


@pytest.mark.parametrize(("amount", "expected"), [("0.0000000005", 0), ("0.0000000015", 2), ("0.00000000051", 1)])
def test_what_is_below_a_nano_dollar_rounds_to_even(amount: str, expected: int) -> None:
    assert nanos(Decimal(amount)) == expected


def test_an_unknown_sum_is_written_as_unknown() -> None:
    assert nanos(None) is None


@pytest.mark.parametrize(
    ("states", "total"),
    [("known free", "known"), ("free", "free"), ("known unknown", "unknown"), ("free unknown", "unknown")],
)
def test_a_sum_is_as_known_as_its_least_known_part(states: str, total: str) -> None:
    assert total_state({PriceState(state) for state in states.split()}) == total


LONGER = Price(PriceState.KNOWN, input=Decimal(5), output=Decimal(15), source="config.yaml")
TIERED = Price(PriceState.KNOWN, input=Decimal("2.50"), output=Decimal(10), above=Above(200_000, LONGER))


def test_a_long_prompt_is_charged_whole_by_its_own_price() -> None:
    fits, longer = Usage(input=150_000, cached=50_000, output=100), Usage(input=150_000, cached=50_001, output=100)
    assert TIERED.cost(fits) == Decimal("0.501")
    assert TIERED.cost(longer) == LONGER.cost(longer) == Decimal("1.001505")


@given(USAGES)
def test_what_a_call_is_charged_by_is_what_its_cost_is_made_of(usage: Usage) -> None:
    assert TIERED.at(usage).cost(usage) == TIERED.cost(usage)


def test_a_price_says_what_is_known_of_it_and_where_it_stands() -> None:
    assert (FREE.words, UNKNOWN.words) == ("free", "unknown")
    assert LONGER.words.startswith("known (config.yaml), $")
    plain = Price(PriceState.KNOWN, Decimal("2.50"), Decimal(10))
    assert plain.words == "known, $2.5/$10 a million"
