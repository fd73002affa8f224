"""Tokens times unit prices, exactly: `Decimal` dollars in code, integer nano-dollars in the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

import orjson
from msgspec import Struct

NANO = Decimal(10) ** 9
MILLION = Decimal(10) ** 6
NOTHING = Decimal(0)


class PriceState(StrEnum):
    """What is known of a price. Unknown is never zero."""

    KNOWN = "known"
    FREE = "free"
    UNKNOWN = "unknown"


class Usage(Struct, frozen=True, gc=False):
    """Tokens of one call, each counted in one field only: `input` leaves out cached and cache-write tokens, `output`
    leaves out reasoning tokens.

    `source`: `upstream` (it said so), `tokenizer` or `estimate`.
    """

    input: int = 0
    cached: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    source: str = "upstream"

    @property
    def prompt(self) -> int:
        """All tokens that went in."""
        return self.input + self.cached + self.cache_write

    @property
    def completion(self) -> int:
        """All tokens that came out."""
        return self.output + self.reasoning


@dataclass(frozen=True)
class Price:
    """USD per million tokens, by kind of token; a price that is left out is that of `input` or `output`.

    A free upstream has state FREE and zeros; an unknown price has state UNKNOWN and no figures. `source`: where the
    figures come from: `config.yaml`, or a price book by name and date. `above`: the price of a whole call whose prompt
    is longer. `as_charged`: the unit prices as written on an attempt's row, so that its cost can be checked later.
    """

    state: PriceState
    input: Decimal = Decimal(0)
    output: Decimal = Decimal(0)
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    reasoning: Decimal | None = None
    source: str = ""
    above: "Above | None" = None
    as_charged: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "as_charged", self._charged())  # once a price, not once a row

    @cached_property
    def units(self) -> tuple[Decimal, ...] | None:
        """Dollars a million tokens of each bucket, in the order of `Usage`; None where they are unknown."""
        if self.state is not PriceState.KNOWN:
            return None if self.state is PriceState.UNKNOWN else (NOTHING,) * 5
        cached, written = _else(self.cached_input, self.input), _else(self.cache_write, self.input)
        return self.input, cached, written, self.output, _else(self.reasoning, self.output)

    @cached_property
    def charged(self) -> bytes:
        """`as_charged` as JSON."""
        return orjson.dumps(self.as_charged)

    @property
    def words(self) -> str:
        """For people: whether the price is known, where its figures come from, and what they are."""
        said = f"{self.state} ({self.source})" if self.source else str(self.state)
        if self.state is not PriceState.KNOWN:
            return said
        return f"{said}, ${self.input.normalize():f}/${self.output.normalize():f} a million"

    def at(self, usage: Usage) -> "Price":
        """The price that a call of `usage` is charged by: this one, or the one for longer prompts."""
        return self if self.above is None or usage.prompt <= self.above.tokens else self.above.price

    def cost(self, usage: Usage) -> Decimal | None:
        """Exact dollars for `usage`; None when the price is unknown."""
        if self.above is not None and usage.prompt > self.above.tokens:
            return self.above.price.cost(usage)
        if self.units is None:
            return None
        into, cached, written, out, reasoning = self.units
        dollars = (
            usage.input * into
            + usage.cached * cached
            + usage.cache_write * written
            + usage.output * out
            + usage.reasoning * reasoning
        )
        return dollars / MILLION

    def _charged(self) -> dict[str, str]:
        if self.state is not PriceState.KNOWN or self.units is None:
            return {}
        into, cached, written, out, reasoning = map(str, self.units)
        return {
            "input": into,
            "output": out,
            "cached_input": cached,
            "cache_write": written,
            "reasoning": reasoning,
        }


@dataclass(frozen=True, slots=True)
class Above:
    """The `price` of calls whose prompt has more than `tokens` tokens."""

    tokens: int
    price: Price


FREE = Price(PriceState.FREE)
UNKNOWN = Price(PriceState.UNKNOWN)


def nanos(dollars: Decimal | None) -> int | None:
    """Integer nano-dollars (banker's rounding of what is below), None for unknown."""
    if dollars is None:
        return None
    return round(dollars * NANO)


def charged(cost: Decimal | None) -> Decimal | None:
    """What a call of this exact `cost` is charged: whole nano-dollars, as the ledger keeps it; None for unknown."""
    return None if cost is None else round(cost * NANO) / NANO


def dollars(nano_dollars: int) -> Decimal:
    """Dollars for an integer number of nano-dollars; exact."""
    return Decimal(nano_dollars) / NANO


def total_state(states: set[PriceState]) -> PriceState:
    """The price state of a sum: unknown if any part is, free only if every part is."""
    if PriceState.UNKNOWN in states:
        return PriceState.UNKNOWN
    return PriceState.KNOWN if PriceState.KNOWN in states else PriceState.FREE


def _else(price: Decimal | None, default: Decimal) -> Decimal:
    return default if price is None else price
