"""Metrics of the running parts: pause, ledger, breakers, spills and shadows."""

from collections.abc import Callable, Mapping
from functools import partial

from router.observers.telemetry import Telemetry
from router.pipeline.breakers import RANKS, Status
from router.store.state import StoreState

LEDGER = (
    ("waiting_bytes", "Journalled and not yet rows."),
    ("lost", "Records the journal could not take."),
    ("skipped", "Journal records that were torn or altered."),
    ("refused", "Records no table took, set aside in a file."),
    ("interrupted", "Calls a dead process had left open."),
)


def watch_pause(telemetry: Telemetry, paused: Callable[[], bool]) -> None:
    """Add the gauge that shows whether any requests go to the baseline because of a pause."""
    about = "1 while everyone's or some key's requests go to the baseline."
    telemetry.watch("smallfirst_paused", about, lambda: float(paused()))


def watch_ledger(telemetry: Telemetry, state: Callable[[], StoreState]) -> None:
    """Add the gauges of the ledger's state."""
    telemetry.watch("smallfirst_ledger_ready", "1 while rows are being written.", lambda: float(state().ready))
    for name, about in LEDGER:
        telemetry.watch(f"smallfirst_ledger_{name}", about, partial(_number, state, name))


def watch_breakers(
    telemetry: Telemetry, statuses: Callable[[], Mapping[str, Status]], opened: Mapping[str, int]
) -> None:
    """Add the gauges of each breaker's state and of how often it opened."""
    telemetry.watch_each(
        "smallfirst_breaker_state",
        "0 closed, 1 half open, 2 open, by upstream.",
        lambda: {name: float(RANKS[status.state]) for name, status in statuses().items()},
    )
    telemetry.watch_each(
        "smallfirst_breaker_opened",
        "How often it has opened since the start, by upstream.",
        lambda: {name: float(times) for name, times in tuple(opened.items())},
    )


def watch_spills(telemetry: Telemetry, spilled: Callable[[], Mapping[str, float]]) -> None:
    """Add the gauge of what is paid because small models are unavailable."""
    about = "Dollars of the last sixty minutes paid because a small model was unavailable, by policy with `spill`."
    telemetry.watch_each("smallfirst_spill_usd_per_hour", about, spilled, label="policy")


def watch_shadows(telemetry: Telemetry, counts: Mapping[str, float]) -> None:
    """Add the gauge of how trials in the shadow ended."""
    about = "Plans that the baseline stood in for, tried out afterwards, by how that ended."
    telemetry.watch_each("smallfirst_shadows", about, lambda: dict(counts), label="end")


def _number(state: Callable[[], StoreState], name: str) -> float:
    return float(getattr(state(), name))
