"""What an upstream's tokens cost, read to the last digit."""

from collections.abc import Callable
from decimal import Decimal

from router.config.section import LATER, Section
from router.core.prices import FREE, UNKNOWN, Above, Price, PriceState

MAX_PRICE = Decimal(1_000_000)
FILE = "config.yaml"
BUCKETS = ("input", "output", "cached_input", "cache_write", "reasoning")
MACHINE = ("watts", "usd_per_kwh", "machine_usd_per_hour")
HOW = "write `price: {input: …, output: …}` in USD a million tokens, or `price: free`"


def read_price(row: Section, listed: Callable[[], Price | None]) -> Price:
    """Return the price of the upstream *row*: known, free or unknown.

    Left out it is the one that *listed* finds in a price book. What no book lists is unknown, never zero: it is named
    by every report and missing from its total, so a warning is left behind.
    """
    node = row.node("price")
    if node is None:
        found = listed()
        if found is None:
            row.warn("price", "its price is unknown, so no report can add it up", HOW)
        return found or UNKNOWN
    if node.scalar:
        return _word(row)
    if node.form == "list":
        row.problem("price", "must be a mapping", HOW)
        return UNKNOWN
    return figures(row.section("price"), FILE)


def _word(row: Section) -> Price:
    word = row.text("price")
    if word not in ("free", "unknown"):
        row.problem("price", "must be a mapping, `free` or `unknown`", HOW)
    return FREE if word == "free" else UNKNOWN


def figures(price: Section, source: str) -> Price:
    """Return the price written in the mapping *price* of the file *source*."""
    if set(MACHINE) & set(price.pairs):
        price.findings.problem(
            price.line, price.path, f"a price from watts and machine hours {LATER}", f"until then {HOW}"
        )
        return UNKNOWN
    above = _above(price.section("above"), source) if price.has("above") else None
    return _price(price, source, above)


def _above(longer: Section, source: str) -> Above:
    if not longer.has("tokens"):
        longer.problem("tokens", "is missing", "write the longest prompt that the other figures are for")
    return Above(longer.integer("tokens", 0, least=1, most=100_000_000), _price(longer, source, None))


def _price(price: Section, source: str, above: Above | None) -> Price:
    prices = {bucket: _figure(price, bucket) for bucket in BUCKETS}
    price.close(HOW)
    for bucket in ("input", "output"):
        if not price.has(bucket) and not price.misspelt(bucket):
            price.problem(bucket, "is missing", HOW)
    if not any(prices.values()):
        price.warn("input", "every figure is 0", "write `price: free` if it costs nothing")
    return Price(
        PriceState.KNOWN,
        input=prices["input"] or Decimal(0),
        output=prices["output"] or Decimal(0),
        cached_input=prices["cached_input"],
        cache_write=prices["cache_write"],
        reasoning=prices["reasoning"],
        source=source,
        above=above,
    )


def _figure(price: Section, bucket: str) -> Decimal | None:
    figure = price.decimal(bucket)
    if figure is not None and not 0 <= figure <= MAX_PRICE:
        price.problem(bucket, f"must be from 0 to {MAX_PRICE}", "it is USD a million tokens")
        return None
    return figure
