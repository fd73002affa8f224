"""Prices of upstreams: read to the last digit, free or known or unknown, and never zero by mistake."""

from decimal import Decimal

import pytest

from router.core.prices import FREE, UNKNOWN, PriceState, Usage
from tests.config.conftest import Desk


def test_figures_are_exact_and_what_is_left_out_is_not_zero(desk: Desk) -> None:
    price = desk.load(desk.server(price="{input: 0.1, output: 10, cached_input: 0.05}")).upstreams["third"].price
    assert (price.state, price.input, price.output) == (PriceState.KNOWN, Decimal("0.1"), Decimal(10))
    assert (price.cached_input, price.cache_write, price.reasoning) == (Decimal("0.05"), None, None)


def test_a_long_prompt_may_have_figures_of_its_own(desk: Desk) -> None:
    text = "{input: 1, output: 2, above: {tokens: 1000, input: 3, output: 4}}"
    price = desk.load(desk.server(price=text)).upstreams["third"].price
    assert price.cost(Usage(input=1000)) == Decimal("0.001")
    assert price.cost(Usage(input=2000)) == Decimal("0.006")


@pytest.mark.parametrize(("word", "price"), [("free", FREE), ("unknown", UNKNOWN)])
def test_a_price_can_be_a_word(desk: Desk, word: str, price: object) -> None:
    assert desk.load(desk.server(price=word)).upstreams["third"].price == price


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ("cheap", "price", "must be a mapping, `free` or `unknown`"),
        ("[1, 2]", "price", "must be a mapping"),
        ("{input: 1}", "price.output", "is missing"),
        ("{input: -1, output: 1}", "price.input", "must be from 0 to 1000000"),
        ("{input: 1, output: 1, above: {input: 1, output: 1}}", "price.above.tokens", "is missing"),
    ],
)
def test_a_mistake_is_named_with_its_place(desk: Desk, written: str, path: str, message: str) -> None:
    problem = desk.problem(desk.server(price=written))
    assert (problem.path, problem.message) == (f"upstreams.third.{path}", message)


def test_a_price_that_no_book_lists_is_unknown_with_a_warning(desk: Desk) -> None:
    config = desk.load(desk.server(price="", model="nobodys-model"))
    assert config.upstreams["third"].price == UNKNOWN
    assert [w.message for w in config.warnings if w.path == "upstreams.third.price"] == [
        "its price is unknown, so no report can add it up"
    ]
