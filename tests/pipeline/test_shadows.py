"""Who is tried out, when, for how much, and what becomes of those that cannot be: counted, never waited for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from typing import Any

import msgspec
import pytest

from router.core.exchange import Attempt, Exchange, Outcome
from router.core.pace import Pace
from router.pipeline.deciding import choose_plan
from router.pipeline.dependencies import Dependencies
from router.pipeline.options import RequestOptions
from router.pipeline.shadows import WAITING, Shadows, wanted
from router.upstreams.watched import Watched
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import chat, opened_exchange
from tests.standins.acts import Act, Received
from tests.standins.scripted import ScriptedUpstream
from tests.store.records import NOON, PRICED

OBSERVE = """
policy: balanced
mode: observe
SHADOW
otherwise: {plan: [{upstream: small, judges: [structure]}, big]}
"""


def served(deps: Dependencies, **changes: Any) -> Exchange:
    """An exchange that the baseline has answered, as the pipeline leaves it."""
    exchange = opened_exchange(id=f"0198-{changes.pop('nth', 0)}")
    choose_plan(deps, exchange, chat(), RequestOptions())
    exchange.outcome, exchange.upstream, exchange.ended_at = Outcome.ANSWERED, "big", exchange.started_at
    for name, value in changes.items():
        setattr(exchange, name, value)
    return exchange


@asynccontextmanager
async def working(shadows: Shadows) -> AsyncIterator[None]:
    work = asyncio.create_task(shadows.work())
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


def made(
    make_deps: MakeDeps, small: ScriptedUpstream, big: ScriptedUpstream, shadow: str = "", **more: Any
) -> Dependencies:
    return make_deps(small, big, OBSERVE.replace("SHADOW", shadow), **more)


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.FAILED},
        {"upstream": "small"},
        {"holdout": True},
        {"paused": True},
        {"named": True},
        {"pinned": True},
        {"explored": True},
        {"local_only": True},
        {"policy": ""},
    ],
    ids=str,
)
async def test_only_what_the_baseline_answered_for_want_of_knowing_better_is_due(
    changes: dict[str, Any], scripted: Scripted, make_deps: MakeDeps
) -> None:
    deps, shadows = made(make_deps, scripted(), scripted()), Shadows()
    due, other = served(deps), served(deps, **changes)
    for exchange in (due, other):
        shadows.offer(deps, exchange, chat())
    assert (due.shadow, other.shadow) == ("waiting", "")


async def test_the_share_is_drawn_whatever_is_asked(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps, drawn = made(make_deps, scripted(), scripted(), "shadow: {share: 0.25}"), 0
    for nth in range(400):
        shadows, exchange = Shadows(), served(deps, nth=nth)
        shadows.offer(deps, exchange, chat())
        drawn += exchange.shadow == "waiting"
    assert 70 <= drawn <= 130  # 100 expected; the odds of being outside are below 0.001, and the salt is fixed


async def test_a_full_queue_drops_and_counts(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps, shadows = made(make_deps, scripted(), scripted()), Shadows()
    exchanges = [served(deps, nth=nth) for nth in range(WAITING + 2)]
    for exchange in exchanges:
        shadows.offer(deps, exchange, chat())
    assert [exchange.shadow for exchange in exchanges[-3:]] == ["waiting", "full", "full"]
    assert shadows.counts == {"full": 2}


async def test_a_few_large_requests_fill_it_too(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps, shadows = made(make_deps, scripted(), scripted()), Shadows()
    large = msgspec.structs.replace(chat(), raw=b" " * (9 << 20))
    first, second = served(deps, nth=1), served(deps, nth=2)
    for exchange in (first, second):
        shadows.offer(deps, exchange, large)
    assert (first.shadow, second.shadow) == ("waiting", "full")


async def test_the_row_says_what_became_of_it_and_the_pace_learns(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, pace = scripted(), Pace()
    small.says("42")
    ticking = count(NOON, 1000).__next__  # a millisecond passes at every look
    told: list[Attempt] = []
    deps, shadows = made(make_deps, small, scripted(), paces={"small": pace}, clock_us=ticking), Shadows(told.extend)
    exchange = served(deps)
    deps.store.append(exchange)
    async with working(shadows):
        shadows.offer(deps, exchange, chat())
        await shadows.settled()
    (row,) = deps.store.find("exchanges")
    assert (row["shadow"], row["upstream"]) == ("kept", "big")
    assert shadows.counts == {"kept": 1}
    assert pace.answer_s is not None
    assert exchange.attempts == []  # what observers were given stays as it was
    assert [(call.upstream, call.origin) for call in told] == [("small", "shadow")]  # so they are told apart


@pytest.mark.parametrize(
    ("usd", "asked", "counts"),
    [("0", 0, {"budget": 2}), ("0.000001", 0, {"budget": 2}), ("1", 2, {"kept": 2})],
)
async def test_what_costs_money_is_tried_out_until_the_days_is_spent(
    usd: str, asked: int, counts: dict[str, int], scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    small.says("42")
    deps, shadows = made(make_deps, small, scripted(), f"shadow: {{share: 1, usd_per_day: {usd}}}"), Shadows()
    inner = deps.upstreams["small"]
    inner.spec = replace(inner.spec, price=PRICED)  # type: ignore[misc]
    async with working(shadows):
        for nth in range(2):
            shadows.offer(deps, served(deps, nth=nth), chat())
            await shadows.settled()
    assert (len(small.requests), shadows.counts) == (asked, counts)


async def test_whoever_needs_the_slot_has_it_and_the_trial_is_recalled(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, asked, loop = scripted(), asyncio.Event(), asyncio.get_running_loop()

    def hang(request: Received) -> Act:
        loop.call_soon_threadsafe(asked.set)
        return Act(head=False, end="hang")

    small.does(hang)
    deps, shadows = made(make_deps, small, scripted()), Shadows()
    small_one = Watched(deps.upstreams["small"], Pace())
    small_one.gate.slots = 1
    deps = replace(deps, upstreams={**deps.upstreams, "small": small_one})
    async with working(shadows):
        shadows.offer(deps, served(deps), chat())
        await asked.wait()
        await asyncio.wait_for(small_one.gate.enter(), 5)
        await shadows.settled()
    assert shadows.counts == {"recalled": 1}
    (attempt,) = deps.store.find("attempts", origin="shadow")
    assert attempt["error"] == "cancelled"


async def test_trials_of_the_same_model_take_turns_and_never_have_each_other_leave(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    small.says("42")
    deps, shadows = made(make_deps, small, scripted()), Shadows()
    one_slot = Watched(deps.upstreams["small"], Pace())
    one_slot.gate.slots = 1
    deps = replace(deps, upstreams={**deps.upstreams, "small": one_slot})
    async with working(shadows):
        for nth in range(6):
            shadows.offer(deps, served(deps, nth=nth), chat())
        await shadows.settled()
    assert shadows.counts == {"kept": 6}


async def test_policies_that_want_no_shadow_get_none(scripted: Scripted, make_deps: MakeDeps) -> None:
    assert wanted(made(make_deps, scripted(), scripted()))
    assert not wanted(made(make_deps, scripted(), scripted(), "shadow: {share: 0}"))
