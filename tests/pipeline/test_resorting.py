"""The steps of last resort: which are put behind a plan, and how long one waits for the small one."""

from dataclasses import replace

import pytest

from policies.policy import Decision, Plan, Step
from router.core.errors import SpillSpent
from router.core.ports import Upstream
from router.core.upstream import Timeouts
from router.pipeline.dependencies import Dependencies
from router.pipeline.resorting import wait_until_ready, with_resorts
from router.upstreams import build
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps

BOTH = "policy: balanced\notherwise: {plan: [small, big]}\ndegrade: [small, big]\n"
QUEUE = BOTH + "spill: {usd_per_hour: 1, then: queue}\n"
PLAN = Plan((Step("small", ("structure",)), Step("big")))


@pytest.fixture
def deps(make_deps: MakeDeps, scripted: Scripted) -> Dependencies:
    return make_deps(scripted(), scripted(), QUEUE)


def resorts(deps: Dependencies, plan: Plan, *, can: bool = True, **decided: object) -> list[str]:
    decision = Decision("balanced", "d", "otherwise", plan, (), **decided)  # type: ignore[arg-type]
    whole = with_resorts(deps, deps.policies["balanced"], decision, plan, lambda name: can)
    assert whole.steps[: len(plan.steps)] == plan.steps
    return [f"{step.resort} {step}" for step in whole.steps[len(plan.steps) :]]


def test_behind_a_plan_come_its_own_local_steps_to_wait_for_and_those_not_asked_yet(deps: Dependencies) -> None:
    assert resorts(deps, PLAN) == ["queue small[structure]"]
    assert resorts(deps, Plan((Step("big"),))) == ["degrade small"]
    assert resorts(deps, Plan((Step("small"),))) == ["degrade big"]


def test_nobody_is_put_there_who_cannot_or_may_not(deps: Dependencies) -> None:
    assert resorts(deps, Plan((Step("big"),)), can=False) == []
    assert resorts(deps, Plan((Step("small"),), local_only=True)) == []


def test_what_is_only_watched_or_held_out_gets_none(deps: Dependencies) -> None:
    big = Plan((Step("big"),))
    assert resorts(deps, big, holdout=True) == []
    assert resorts(deps, big, mode="observe") == []
    assert resorts(deps, big, mode="paused") == []
    assert resorts(deps, big, mode="canary", shadow_plan=PLAN) == []
    assert resorts(deps, big, mode="canary") == ["degrade small"]


async def test_who_waits_in_vain_is_told_so(deps: Dependencies) -> None:
    small: Upstream = build(replace(deps.upstreams["small"].spec, timeouts=Timeouts(queue_s=0.01)))
    gone = replace(deps, upstreams={**deps.upstreams, "small": small}, facts={"small.ready": False})
    with pytest.raises(SpillSpent, match=r"'small' was not ready within queue_s = 0.01 s"):
        await wait_until_ready(gone, "small")
    await small.aclose()
