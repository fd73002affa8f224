"""Our own time is what no upstream call covers; the baseline's cost is written with its source."""

from decimal import Decimal

import pytest

from router.core.exchange import Attempt
from router.core.prices import Usage
from router.pipeline.accounting import account, overhead_ms
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import opened_exchange
from tests.store.records import NOON, opened


def call(start_ms: int, end_ms: int | None) -> Attempt:
    attempt = opened("x", started_at=NOON + start_ms * 1000)
    return attempt if end_ms is None else attempt.finished(NOON + end_ms * 1000)


@pytest.mark.parametrize(
    ("calls", "ours"),
    [
        ([], 100),
        ([call(10, 60)], 50),
        ([call(10, 60), call(70, 90)], 30),
        ([call(10, 60), call(20, 40)], 50),
        ([call(10, 60), call(40, 80)], 30),
        ([call(40, 80), call(10, 60)], 30),
        ([call(10, None)], 10),
        ([call(0, 100)], 0),
    ],
)
def test_time_in_which_any_call_was_open_is_not_ours(calls: list[Attempt], ours: float) -> None:
    exchange = opened_exchange(attempts=calls)
    assert overhead_ms(exchange, NOON + 100_000) == ours


def test_the_time_that_a_retry_was_put_off_is_not_ours_either() -> None:
    exchange = opened_exchange(attempts=[call(10, 20), call(70, 90)], waited_us=50_000)
    assert overhead_ms(exchange, NOON + 100_000) == 20


async def test_the_baselines_cost_and_how_it_is_known_are_written(scripted: Scripted, make_deps: MakeDeps) -> None:
    usage = Usage(input=1000, output=100)
    served = opened_exchange(
        baseline="big", upstream="small", attempts=[opened("x", "small").finished(NOON, usage=usage)]
    )
    account(make_deps(scripted(), scripted()), served)
    assert (served.baseline_cost, served.baseline_source) == (Decimal("0.0035"), "predicted")
    assert served.cost == 0


async def test_a_baseline_that_is_gone_has_an_unknown_cost(scripted: Scripted, make_deps: MakeDeps) -> None:
    served = opened_exchange(baseline="gone", attempts=[opened("x", "small").finished(NOON, usage=Usage(input=1))])
    account(make_deps(scripted(), scripted()), served)
    assert served.baseline_cost is None
