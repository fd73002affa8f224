"""What an upstream's tokens cost, read to the last digit."""

from decimal import Decimal

from router.config.section import LATER, Section
from router.core.prices import FREE, UNKNOWN, Price, PriceState

MOST = Decimal(1_000_000)
BUCKETS = ("input", "output", "cached_input", "cache_write", "reasoning")
MACHINE = ("watts", "usd_per_kwh", "machine_usd_per_hour")
HOW = "write `price: {input: …, output: …}` in USD a million tokens, or `price: free`"


def read_price(row: Section) -> Price:
    """Return the price of the upstream *row*: known, free or unknown.

    Left out is unknown, never zero: what such an upstream costs is named by every report and
    missing from its total, so a warning is left behind.
    """
    node = row.node("price")
    if node is None:
        row.warn("price", "its price is unknown, so no report can add it up", HOW)
        return UNKNOWN
    if node.scalar:
        return _word(row)
    if node.form == "list":
        row.problem("price", "must be a mapping", HOW)
        return UNKNOWN
    return _figures(row.section("price"))


def _word(row: Section) -> Price:
    word = row.text("price")
    if word not in ("free", "unknown"):
        row.problem("price", "must be a mapping, `free` or `unknown`", HOW)
    return FREE if word == "free" else UNKNOWN


def _figures(price: Section) -> Price:
    if set(MACHINE) & set(price.pairs):
        price.findings.problem(
            price.line, price.path, f"a price from watts and machine hours {LATER}", f"until then {HOW}"
        )
        return UNKNOWN
    figures = {bucket: _figure(price, bucket) for bucket in BUCKETS}
    price.close(HOW)
    for bucket in ("input", "output"):
        if not price.has(bucket):
            price.problem(bucket, "is missing", HOW)
    if not any(figures.values()):
        price.warn("input", "every figure is 0", "write `price: free` if it costs nothing")
    return Price(
        PriceState.KNOWN,
        input=figures["input"] or Decimal(0),
        output=figures["output"] or Decimal(0),
        cached_input=figures["cached_input"],
        cache_write=figures["cache_write"],
        reasoning=figures["reasoning"],
    )


def _figure(price: Section, bucket: str) -> Decimal | None:
    figure = price.decimal(bucket)
    if figure is not None and not 0 <= figure <= MOST:
        price.problem(bucket, f"must be from 0 to {MOST}", "it is USD a million tokens")
        return None
    return figure
