"""The metrics: counted once an exchange, in Prometheus' own text, unknown prices apart."""

from collections.abc import Iterable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from router.core.exchange import Attempt, Exchange, Origin, Outcome, Reason
from router.core.prices import UNKNOWN, Usage
from router.observers.telemetry import CONTENT_TYPE, Telemetry
from tests.store.records import NOON, opened

USAGE = Usage(input=1000, output=100)


def closed(*attempts: Attempt, **fields: object) -> Exchange:
    values: dict[str, object] = {"outcome": Outcome.ANSWERED, "upstream": "small", "total_ms": 30.0, "overhead_ms": 2.0}
    exchange = Exchange(id="x", started_at=NOON, attempts=list(attempts))
    for name, value in (values | fields).items():
        setattr(exchange, name, value)
    return exchange


def samples(*exchanges: Exchange) -> dict[tuple[str, tuple[str, ...]], float]:
    telemetry = Telemetry()
    for exchange in exchanges:
        telemetry.observe(exchange)
    return read(telemetry)


def read(telemetry: Telemetry) -> dict[tuple[str, tuple[str, ...]], float]:
    families: Iterable[object] = text_string_to_metric_families(telemetry.text().decode())
    found = [sample for family in families for sample in getattr(family, "samples", ())]
    return {(sample.name, tuple(sample.labels.values())): sample.value for sample in found}


def test_requests_are_counted_by_how_they_ended_and_who_answered() -> None:
    told = samples(closed(), closed(), closed(outcome=Outcome.REFUSED, upstream=""))
    assert told["smallfirst_requests_total", ("answered", "small")] == 2
    assert told["smallfirst_requests_total", ("refused", "none")] == 1


def test_attempts_are_counted_by_upstream_reason_and_error() -> None:
    failed = opened("x", "small").finished(NOON, error="429")
    fallen = opened("x", reason=Reason.FALLBACK).finished(NOON, usage=USAGE)
    told = samples(closed(failed, fallen))
    assert told["smallfirst_attempts_total", ("429", "first", "small")] == 1
    assert told["smallfirst_attempts_total", ("", "fallback", "big")] == 1


def test_calls_beside_a_counted_exchange_are_paid_for_too_and_no_clients_escalation() -> None:
    telemetry, tried = Telemetry(), opened("x", origin=Origin.SHADOW, reason=Reason.ESCALATION)
    telemetry.observe(closed())
    telemetry.add_calls([tried.finished(NOON, usage=USAGE)])
    told = read(telemetry)
    assert told["smallfirst_attempts_total", ("", "shadow", "big")] == 1
    assert told["smallfirst_cost_usd_total", ("big",)] == pytest.approx(0.0035)
    assert told["smallfirst_requests_total", ("answered", "small")] == 1


def test_dollars_add_up_by_upstream_and_what_is_free_or_unknown_adds_none() -> None:
    priced = opened("x").finished(NOON, usage=USAGE)
    free = opened("x", "small").finished(NOON, usage=USAGE)
    unknown = opened("x", "other", price=UNKNOWN).finished(NOON, usage=USAGE)
    told = samples(closed(priced, free, unknown), closed(priced))
    assert told["smallfirst_cost_usd_total", ("big",)] == pytest.approx(0.007)
    assert ("smallfirst_cost_usd_total", ("small",)) not in told
    assert ("smallfirst_cost_usd_total", ("other",)) not in told
    assert told["smallfirst_unpriced_attempts_total", ("other",)] == 1


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("smallfirst_request_seconds", 0.030),
        ("smallfirst_overhead_seconds", 0.002),
        ("smallfirst_first_byte_seconds", 0.010),
    ],
)
def test_times_are_in_seconds(name: str, seconds: float) -> None:
    told = samples(closed(ttft_ms=10.0))
    assert told[f"{name}_count", ()] == 1
    assert told[f"{name}_sum", ()] == pytest.approx(seconds)


def test_a_reply_that_never_began_has_no_first_byte() -> None:
    assert samples(closed(ttft_ms=None))["smallfirst_first_byte_seconds_count", ()] == 0


def test_a_gauge_is_read_when_the_metrics_are_asked_for() -> None:
    telemetry, value = Telemetry(), [1.0]
    telemetry.watch("smallfirst_waiting", "How many wait.", lambda: value[0])
    value[0] = 7.0
    assert read(telemetry)["smallfirst_waiting", ()] == 7


def test_a_gauge_by_upstream_has_a_line_for_each_there_is_now() -> None:
    telemetry, values = Telemetry(), {"small": 2.0}
    telemetry.watch_each("smallfirst_shut", "Who is shut.", lambda: values)
    values["big"] = 0.0
    told = read(telemetry)
    assert (told["smallfirst_shut", ("small",)], told["smallfirst_shut", ("big",)]) == (2, 0)


def test_two_of_them_know_nothing_of_each_other() -> None:
    first, second = Telemetry(), Telemetry()
    first.observe(closed())
    assert ("smallfirst_requests_total", ("answered", "small")) not in read(second)


def test_the_content_type_is_the_one_prometheus_asks_for() -> None:
    assert CONTENT_TYPE.startswith("text/plain; version=0.0.4")
