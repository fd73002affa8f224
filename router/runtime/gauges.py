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
    """Show whether anybody's requests go to the baseline."""
    about = "1 while everyone's or some key's requests go to the baseline."
    telemetry.watch("smallfirst_paused", about, lambda: float(paused()))


def watch_ledger(telemetry: Telemetry, state: Callable[[], StoreState]) -> None:
    """Show how the ledger is doing."""
    telemetry.watch("smallfirst_ledger_ready", "1 while rows are being written.", lambda: float(state().ready))
    for name, about in LEDGER:
        telemetry.watch(f"smallfirst_ledger_{name}", about, partial(_number, state, name))


def watch_breakers(
    telemetry: Telemetry, statuses: Callable[[], Mapping[str, Status]], opened: Mapping[str, int]
) -> None:
    """Show which upstreams are passed over, and how often it came to that."""
    telemetry.watch_each(
        "smallfirst_breaker_state",
        "0 closed, 1 half open, 2 open, by upstream.",
        lambda: {name: float(RANKS[standing.state]) for name, standing in statuses().items()},
    )
    telemetry.watch_each(
        "smallfirst_breaker_opened",
        "How often it has opened since the start, by upstream.",
        lambda: {name: float(times) for name, times in tuple(opened.items())},
    )


def watch_spills(telemetry: Telemetry, spilled: Callable[[], Mapping[str, float]]) -> None:
    """Show what is paid in the place of small models."""
    about = "Dollars of the last sixty minutes paid because a small model was unavailable, by policy with `spill`."
    telemetry.watch_each("smallfirst_spill_usd_per_hour", about, spilled, label="policy")


def watch_shadows(telemetry: Telemetry, counts: Mapping[str, float]) -> None:
    """Show what became of the plans that were tried out."""
    about = "Plans that the baseline stood in for, tried out afterwards, by how that ended."
    telemetry.watch_each("smallfirst_shadows", about, lambda: dict(counts), label="end")


def _number(state: Callable[[], StoreState], name: str) -> float:
    return float(getattr(state(), name))
