"""What the report on capacity says of a ledger whose traffic is known."""

import pytest
from msgspec.structs import replace

from router.core.exchange import Exchange, Origin, Outcome
from router.core.prices import FREE, Usage
from router.reports.capacity import MIN_ANSWERS, Capacity, capacity
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.store.records import NOON, SECOND, opened

HOUR = 3600 * SECOND


def answered(ledger: MemoryStore, number: int, took: dict[str, float], hour: int = 0) -> None:
    """One request whose calls of local upstreams took these seconds each."""
    started = NOON + hour * HOUR + number * SECOND
    attempts = []
    for name, seconds in took.items():
        call = opened(f"x{hour}-{number}", name, price=FREE)
        call = replace(call, id=f"{call.exchange}-{name}", local=True, started_at=started, origin=Origin.SERVE)
        ended = started + round(seconds * SECOND)
        attempts.append(call.finished(ended, status=200, usage=Usage(input=100, output=50)))
    ledger.append(
        Exchange(
            id=f"x{hour}-{number}",
            started_at=started,
            ended_at=started + SECOND,
            outcome=Outcome.ANSWERED,
            upstream=next(iter(took)),
            attempts=attempts,
        )
    )


def steady(ledger: MemoryStore, took: dict[str, float], an_hour: int = 60, hours: int = 3) -> None:
    for hour in range(hours):
        for number in range(an_hour):
            answered(ledger, number, took, hour)


def test_one_slot_that_answers_in_a_second_carries_what_a_queue_allows(ledger: MemoryStore) -> None:
    steady(ledger, {"small": 1.0})
    report = capacity(ledger, TODAY, {"small": 1}, p95_s=3.0)
    (machine,), (plan,) = report.machines, report.plans
    assert (report.requests, report.hours, report.busiest) == (180, 3, 60)
    assert (machine.answers, machine.mean_s.value, machine.p95_s, machine.tokens_per_s) == (180, 1.0, 1.0, 50.0)
    assert plan.rate.value is not None
    assert 1000 < plan.rate.value < 3600
    assert (plan.share.value, plan.tightest) == (1.0, "small")
    assert plan.more_rate > 2 * plan.rate.value  # two slots share one queue


def test_what_is_too_much_for_the_machines_is_carried_in_part(ledger: MemoryStore) -> None:
    steady(ledger, {"small": 50.0}, an_hour=100)
    (plan,) = capacity(ledger, TODAY, {"small": 1}, p95_s=100.0).plans
    assert plan.share.value is not None
    assert plan.rate.value is not None
    assert plan.share.value == pytest.approx(plan.rate.value / 100)
    assert plan.more_share > plan.share.value


def test_the_panel_asks_as_often_as_was_measured_and_takes_the_sum(ledger: MemoryStore) -> None:
    steady(ledger, {"small": 1.0, "second": 2.0})
    report = capacity(ledger, TODAY, {"small": 1, "second": 1}, p95_s=10.0)
    alone, other, panel = sorted(report.plans, key=lambda plan: len(plan.members))
    assert {alone.name, other.name, panel.name} == {"small alone", "second alone", "the panel"}
    assert (panel.tightest, "small 1.00" in report.asked) == ("second", True)
    assert panel.rate.value is not None
    assert panel.rate.value < min(alone.rate.value or 0, other.rate.value or 0) + 1e-9


def test_without_a_panel_in_the_ledger_the_assumption_is_said(ledger: MemoryStore) -> None:
    for hour in range(2):
        for number in range(40):
            answered(ledger, number, {"small" if number % 2 else "second": 1.0}, hour)
    report = capacity(ledger, TODAY, {"small": 1, "second": 1}, p95_s=10.0)
    assert "taken to ask each of them once" in report.asked
    assert len(report.plans) == 3


def hourly(ledger: MemoryStore, *seconds: float) -> Capacity:
    for hour, each in enumerate(seconds):
        for number in range(40):
            answered(ledger, number, {"small": each}, hour)
    return capacity(ledger, TODAY, {"small": 2}, p95_s=10.0)


def test_the_interval_comes_from_the_hours(ledger: MemoryStore) -> None:
    report = hourly(ledger, 1.0, 2.0, 2.0, 3.0)
    (plan,) = report.plans
    rate = plan.rate
    assert rate.known
    assert (rate.low or 0) < (rate.value or 0) < (rate.high or 0)
    # Hours of 1, 2, 2 and 3 s: the textbook's interval of their mean is 2.6 s wide, draws alone see 1.5 of it.
    (machine,) = report.machines
    assert (machine.mean_s.high or 0) - (machine.mean_s.low or 0) > 2.0


def test_three_hours_do_not_say_how_hours_vary(ledger: MemoryStore) -> None:
    report = hourly(ledger, 1.0, 2.0, 3.0)
    assert [plan.rate.known for plan in report.plans] == [False]
    assert [machine.mean_s.low for machine in report.machines] == [None]
    assert report.plans[0].rate.value is not None


@pytest.mark.parametrize(
    ("an_hour", "slots", "words"),
    [
        (0, 1, "no local upstream has answered"),
        (60, None, "it is not known how many slots small has"),
        (MIN_ANSWERS // 3 - 1, 1, "too few to speak of a 95th percentile"),
    ],
)
def test_what_cannot_be_said_is_withheld(ledger: MemoryStore, an_hour: int, slots: int | None, words: str) -> None:
    steady(ledger, {"small": 1.0}, an_hour=an_hour)
    report = capacity(ledger, TODAY, {"small": slots}, p95_s=10.0)
    assert words in report.withheld
    assert report.plans == ()


def test_slow_idle_slots_carry_nothing(ledger: MemoryStore) -> None:
    steady(ledger, {"small": 5.0})
    (plan,) = capacity(ledger, TODAY, {"small": 8}, p95_s=1.0).plans
    assert (plan.rate.value, plan.share.value) == (0.0, 0.0)
