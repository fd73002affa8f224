"""What every observer keeps: it neither raises nor waits, whatever an exchange looks like."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from router.core.exchange import Exchange, Outcome
from router.core.pace import Pace
from router.core.ports import Observer
from router.core.prices import UNKNOWN, Usage
from router.observers.pacing import Pacing
from router.observers.telemetry import Telemetry
from tests.store.records import NOON, opened


def pacing() -> Observer:
    return Pacing({"big": Pace(), "small": Pace()})


KINDS: tuple[Callable[[], Observer], ...] = (Telemetry, pacing)
BARE = Exchange(id="x", started_at=NOON)
FULL = Exchange(
    id="x",
    started_at=NOON,
    ended_at=NOON + 1,
    outcome=Outcome.ANSWERED,
    upstream="big",
    attempts=[
        opened("x").finished(NOON + 1, usage=Usage(input=10**12)),
        opened("x", "small"),
        opened("x", price=UNKNOWN),
    ],
    ttft_ms=1.0,
    overhead_ms=0.5,
    total_ms=2.0,
)
ODD = replace(FULL, upstream='a"b\\c\n', error="\N{SNOWMAN}", total_ms=-1.0, outcome=None)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(getattr(kind, "__name__", kind)))
@pytest.mark.parametrize("exchange", [BARE, FULL, ODD], ids=["bare", "full", "odd"])
def test_every_kind_takes_any_exchange_any_number_of_times_and_leaves_it_as_it_was(
    kind: Callable[[], Observer], exchange: Exchange
) -> None:
    observer, before = kind(), replace(exchange)
    observer.observe(exchange)
    observer.observe(exchange)
    assert exchange == before
