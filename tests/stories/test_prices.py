"""A call charged by a price book: its row says by which, and the money can be worked out from the row alone."""

from decimal import Decimal
from pathlib import Path

import pytest

from router.core.prices import nanos
from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House

BOOK = """\
book: house
date: 2027-01-01
prices:
  here:
    hosts: [127.0.0.1]
    models: {gpt: {input: 2.50, output: 10.00, cached_input: 0.25, above: {tokens: 1000, input: 5.00, output: 15.00}}}
"""


@pytest.fixture
def house(scripted: Scripted, open_house: OpenHouse, tmp_path: Path) -> House:
    (tmp_path / "book.yaml").write_text(BOOK)
    url = scripted(model="gpt").says("six", usage=usage(800, 100)).then.says("six", usage=usage(1001, 100)).url
    row = f"listed: {{kind: openai, url: '{url}', model: gpt}}\n  strange: {{kind: openai, url: '{url}', model: other}}"
    return open_house({"small": scripted(), "big": scripted()}, row=row, extra="prices: book.yaml\n")


def usage(prompt: int, cached: int) -> dict[str, object]:
    return {"prompt_tokens": prompt, "completion_tokens": 20, "prompt_tokens_details": {"cached_tokens": cached}}


def test_a_row_says_by_which_book_it_was_charged_and_its_cost_follows_from_it(house: House) -> None:
    for _ in range(2):
        assert house.ask(model="listed").status_code == 200
    usual, longer = house.ledger("attempts")
    for row in (usual, longer):
        figures = {name: Decimal(figure) for name, figure in row["unit_prices"].items()}
        buckets = {"input": "input", "cached": "cached_input", "output": "output"}
        micro_dollars = sum(row[bucket] * figures[price] for bucket, price in buckets.items())
        assert (row["price_source"], row["cost"]) == ("house 2027-01-01", nanos(micro_dollars / 10**6))
    assert (usual["unit_prices"]["input"], longer["unit_prices"]["input"]) == ("2.50", "5.00")


def test_a_model_that_no_book_lists_has_an_unknown_cost_and_never_none(house: House) -> None:
    answer = house.ask(model="strange")
    (row,) = house.ledger("attempts")
    assert (row["price_state"], row["price_source"], row["unit_prices"], row["cost"]) == ("unknown", "", {}, None)
    assert answer.headers["x-router-cost-usd"] == "unknown"
