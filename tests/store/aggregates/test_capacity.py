"""Arrivals and service times as they stand in the ledger, by hour and by upstream."""

from msgspec.structs import replace

from router.core.prices import FREE, Usage
from router.store.memory import MemoryStore
from tests.reports.test_capacity import answered
from tests.store.records import NOON, SECOND, Clock, closed, opened


def test_arrivals_are_counted_by_the_hour_with_those_that_asked_a_local_upstream() -> None:
    store = MemoryStore(clock_us=Clock())
    for number in range(3):
        answered(store, number, {"small": 1.0})
    answered(store, 1, {"small": 2.0}, hour=1)
    store.append(closed("big", id="far", started_at=NOON, ended_at=NOON + SECOND))
    first, second = store.aggregate("capacity.arrivals")
    assert (first["n"], first["local"], second["n"], second["hour"] - first["hour"]) == (4, 3, 1, 1)
    store.close()


def test_services_and_their_spread_leave_out_what_went_wrong_and_what_is_not_local() -> None:
    store = MemoryStore(clock_us=Clock())
    for number in range(20):
        answered(store, number, {"small": 1.0 + number})
    broken = replace(opened("y", "small", price=FREE), id="broken", local=True)
    store.append(broken.finished(NOON + 99 * SECOND, status=500, error="upstream_failed", usage=Usage(output=9)))
    store.append(closed("big", id="far", started_at=NOON, ended_at=NOON + SECOND))
    (row,) = store.aggregate("capacity.services")
    assert (row["upstream"], row["n"], row["seconds"], row["tokens"]) == ("small", 20, 210.0, 1000)
    assert row["squares"] == sum((1.0 + number) ** 2 for number in range(20))
    (spread,) = store.aggregate("capacity.spread")
    assert [spread[f"q{step}"] for step in range(20)] == [1.0 + number for number in range(20)]
    store.close()


def test_a_panel_is_a_request_that_asked_several_local_upstreams() -> None:
    store = MemoryStore(clock_us=Clock())
    answered(store, 1, {"small": 1.0})
    answered(store, 2, {"small": 1.0, "second": 1.0})
    answered(store, 3, {"small": 1.0, "second": 1.0, "third": 1.0})
    told = {row["upstream"]: (row["calls"], row["requests"]) for row in store.aggregate("capacity.asks")}
    assert told == {"small": (2, 2), "second": (2, 2), "third": (1, 2)}
    store.close()
