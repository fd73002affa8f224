"""Price books: the shipped one holds and says where it is from, and what none lists stays unknown."""

import runpy
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from router.config.pricebook import read_book, shipped
from router.core.errors import SetupError
from router.core.prices import PriceState
from tests.config.conftest import Desk

ROOT = Path(__file__).parents[2]
FILE = ROOT / "router" / "config" / "prices.yaml"
MINE = """\
book: mine
date: 2027-01-01
prices:
  house:
    hosts: [LLM.example.com]
    models: {qwen: {input: 0.10, output: 0.20}, gpt-5.2: {input: 9, output: 9}}
  openai:
    hosts: [api.openai.com]
    litellm: openai
    models: {gpt-5.2: {input: 7, output: 8, above: {tokens: 100, input: 70, output: 80}}}
"""


def priced(desk: Desk, **keys: str) -> str:
    """What is known of the price of an upstream with these keys, in words."""
    row = {"price": "", "url": "https://api.openai.com/v1", **keys}
    spec = desk.load(desk.server(**row), OPENAI_API_KEY="sk").upstreams["third"]
    return spec.price.words


def test_the_shipped_book_has_a_name_and_a_date_and_every_price_in_it_is_known() -> None:
    book = shipped()
    prices = [price for provider in book.providers for price in provider.models.values()]
    assert book.name == "smallfirst 2026-11-12"
    assert book.count == len(prices) > 100
    assert {(price.state, price.source) for price in prices} == {(PriceState.KNOWN, book.name)}
    assert all(price.input > 0 and (price.cached_input or Decimal(0)) <= price.input for price in prices)
    assert all(price.above is None or price.above.price.input > price.input for price in prices)


def test_every_provider_of_the_shipped_book_says_where_its_figures_were_read() -> None:
    sections = yaml.safe_load(FILE.read_text(encoding="utf-8"))["prices"]
    assert [name for name, section in sections.items() if "https://" not in str(section.get("source"))] == ["groq"]


def test_the_shipped_figures_are_those_of_the_list_that_the_locked_litellm_carries(tmp_path: Path) -> None:
    if find_spec("litellm") is None:
        pytest.skip("the extra [litellm] is not installed: `make providers` installs it and runs this")
    written = tmp_path / "prices.yaml"
    runpy.run_path(str(ROOT / ".ci" / "prices.py"))["main"]("2026-11-12", str(written))
    assert written.read_text(encoding="utf-8") == FILE.read_text(encoding="utf-8"), "run `make prices DATE=…`"


GEMINI = {"kind": "litellm", "model": "gemini/gemini-2.5-pro"}


@pytest.mark.parametrize(
    ("keys", "price"),
    [
        ({"model": "gpt-5.2"}, "$1.75/$14"),
        ({"kind": "anthropic", "model": "claude-opus-4-5", "url": ""}, "$5/$25"),
        (
            {"model": "gemini-2.5-pro", "url": "https://generativelanguage.googleapis.com/v1beta/openai"},
            "$1.25/$10",
        ),
        (GEMINI | {"url": ""}, "$1.25/$10"),
        (GEMINI | {"url": "https://Generativelanguage.googleapis.com/v1beta"}, "$1.25/$10"),
        ({"kind": "litellm", "model": "bedrock/converse/us.amazon.nova-pro-v1:0", "url": ""}, "$0.8/$3.2"),
    ],
)
def test_a_row_without_a_price_has_the_books_at_the_providers_own_address(
    desk: Desk, keys: dict[str, str], price: str
) -> None:
    assert priced(desk, **keys) == f"known (smallfirst 2026-11-12), {price} a million"


@pytest.mark.parametrize(
    "keys",
    [
        {"model": "gpt-5.2-something"},
        {"model": "claude-opus-4-5"},
        {"model": "gpt-5.2", "url": "https://gateway.example.com/v1"},
        {"model": "gpt-5.2", "url": "https://eu.api.openai.com/v1"},
        {"model": "gpt-5.2", "url": "http://127.0.0.1:8000/v1", "local": "true"},
        {"kind": "litellm", "model": "gemini/gemini-2.5-pro", "url": "https://gateway.example.com/v1"},
        {"kind": "litellm", "model": "azure/gpt-5.2", "url": "https://me.openai.azure.com"},
        {"kind": "ollama", "model": "gpt-5.2", "url": ""},
        {"model": "gpt-5.2", "price": "unknown"},
    ],
)
def test_what_the_book_does_not_list_there_is_unknown_and_never_nothing(desk: Desk, keys: dict[str, str]) -> None:
    assert priced(desk, **keys) == "unknown"


def test_the_rows_own_price_goes_before_any_book(desk: Desk) -> None:
    assert priced(desk, model="gpt-5.2", price="{input: 1, output: 2}") == "known (config.yaml), $1/$2 a million"
    assert priced(desk, model="gpt-5.2", price="free") == "free"


def test_a_book_of_ones_own_goes_before_the_shipped_one_and_names_its_own_hosts(desk: Desk) -> None:
    (desk.folder / "mine.yaml").write_text(MINE)
    text = "prices: mine.yaml\n" + desk.server(price="", url="https://llm.example.com/v1", model="qwen") + (
        "  gpt: {kind: openai, url: 'https://api.openai.com/v1', model: gpt-5.2}\n"
        "  lite: {kind: litellm, model: openai/gpt-5.2}\n"
        "  other: {kind: openai, url: 'https://api.openai.com/v1', model: gpt-4.1}\n"
    )  # fmt: skip
    upstreams = desk.load(text).upstreams
    assert [upstreams[name].price.source for name in ("third", "gpt", "lite", "other")] == [
        "mine 2027-01-01",
        "mine 2027-01-01",
        "mine 2027-01-01",
        "smallfirst 2026-11-12",
    ]
    above = upstreams["gpt"].price.above
    assert above is not None
    assert (above.tokens, above.price.input, above.price.source) == (100, Decimal(70), "mine 2027-01-01")


def test_without_a_book_nothing_is_looked_up(desk: Desk) -> None:
    text = "prices: none\n" + desk.server(price="", url="https://api.openai.com/v1", model="gpt-5.2")
    config = desk.load(text)
    assert config.upstreams["third"].price.state is PriceState.UNKNOWN
    assert "upstreams.third.price" in [warning.path for warning in config.warnings]


def test_everything_wrong_with_a_book_is_told_with_its_file_and_line(desk: Desk) -> None:
    (desk.folder / "mine.yaml").write_text(
        "book: 'no name!'\ndate: yesterday\nprices:\n"
        "  a: {models: {m: {input: one, output: 2}}}\n"
        "  b: {hosts: [h], model: {}}\n"
        "  c: {hosts: [h], models: {m: {input: 1}}}\n"
    )
    found = desk.problems("prices: mine.yaml\n" + desk.pair)
    assert [(problem.file, problem.line, problem.path) for problem in found] == [
        ("mine.yaml", 1, "book"),
        ("mine.yaml", 2, "date"),
        ("mine.yaml", 4, "prices.a.hosts"),
        ("mine.yaml", 4, "prices.a.models.m.input"),
        ("mine.yaml", 5, "prices.b.model"),
        ("mine.yaml", 6, "prices.c.models.m.output"),
    ]


def test_a_book_that_is_not_there_is_a_mistake_with_its_remedy(desk: Desk) -> None:
    problem = desk.problem("prices: mine.yaml\n" + desk.pair)
    assert (problem.file, problem.message) == ("mine.yaml", "there is no such file")
    assert "counts from config.yaml's folder" in problem.remedy


def test_the_configurations_of_the_pages_say_what_the_book_says() -> None:
    """Where a page gives a price that the book lists too, they agree."""
    compared = 0
    for path in sorted((ROOT / "docs" / "providers").glob("*.yaml")):
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))["upstreams"].values():
            url = row.get("url", "https://api.anthropic.com" if row["kind"] == "anthropic" else "")
            listed = shipped().price(row["kind"], row["model"], url.partition("://")[2].partition("/")[0])
            if listed is None or row["price"] == "free":
                continue
            compared += 1
            said = {name: Decimal(str(figure)) for name, figure in row["price"].items() if name != "above"}
            book = {name: getattr(listed, name) for name in said}
            assert said == book, path.name
            assert ("above" in row["price"]) == (listed.above is not None), path.name
    assert compared >= 6


def test_a_broken_book_is_no_book() -> None:
    with pytest.raises(SetupError):
        read_book(b"book: [", "mine.yaml")
