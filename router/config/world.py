"""Upstreams that no configuration lists: the built-in world, and those made of servers on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from router.core.prices import FREE, Price, PriceState
from router.core.upstream import UpstreamSpec

TINY = MappingProxyType({"small": "tiny-a", "second": "tiny-b", "third": "tiny-c"})
TINY_CONTEXT = 2048
SHEET_PRICE = Price(PriceState.KNOWN, input=Decimal("2.50"), output=Decimal("10.00"))


@dataclass(frozen=True, slots=True)
class World:
    """Upstreams with what goes with them; `artifact` is None where the configured one stays."""

    upstreams: Mapping[str, UpstreamSpec]
    baseline: str = "big"
    artifact: str | None = None
    builtin: bool = False


def builtin_upstreams() -> dict[str, UpstreamSpec]:
    """Return the built-in world: three tiny real models, and an answer sheet priced like a real one.

    The models are free because nobody bills for them; the sheet's price is a stand-in, so that a
    report has something to add up.
    """
    upstreams = {
        name: UpstreamSpec(
            name=name,
            kind="llamacpp",
            model=model,
            local=True,
            context=TINY_CONTEXT,
            price=FREE,
            options={"gguf": f"builtin:{model}"},
        )
        for name, model in TINY.items()
    }
    big = UpstreamSpec(
        name="big", kind="recorded", model="answer-sheet", price=SHEET_PRICE, options={"recording": "builtin"}
    )
    return {**upstreams, "big": big}


def builtin_world() -> World:
    """Return the built-in world with its own artifact."""
    return World(builtin_upstreams(), artifact="builtin", builtin=True)
