"""The gauges read the running parts when they are asked, and not before."""

from collections import Counter

from router.core.breaker import State
from router.observers.telemetry import Telemetry
from router.pipeline.breakers import Status
from router.runtime.gauges import watch_breakers, watch_ledger, watch_pause, watch_shadows, watch_spills
from router.store.state import StoreState


def test_every_gauge_shows_what_holds_when_it_is_asked() -> None:
    telemetry, paused, opened, counts = Telemetry(), list[str](), dict[str, int](), Counter[str]()
    statuses: dict[str, Status] = {}
    state = [StoreState(ready=True, waiting_bytes=7)]
    watch_pause(telemetry, lambda: bool(paused))
    watch_ledger(telemetry, lambda: state[0])
    watch_breakers(telemetry, lambda: statuses, opened)
    watch_spills(telemetry, lambda: {"balanced": 0.5})
    watch_shadows(telemetry, counts)
    assert b"smallfirst_paused 0.0" in telemetry.text()

    paused.append("everyone")
    statuses["small"], opened["small"], counts["full"] = Status(State.OPEN), 2, 3
    state[0] = StoreState(ready=False, waiting_bytes=9)

    shown = telemetry.text().decode().splitlines()
    for line in (
        "smallfirst_paused 1.0",
        "smallfirst_ledger_ready 0.0",
        "smallfirst_ledger_waiting_bytes 9.0",
        'smallfirst_breaker_state{upstream="small"} 2.0',
        'smallfirst_breaker_opened{upstream="small"} 2.0',
        'smallfirst_spill_usd_per_hour{policy="balanced"} 0.5',
        'smallfirst_shadows{end="full"} 3.0',
    ):
        assert line in shown
