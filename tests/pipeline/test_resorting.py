"""The steps of last resort: which are put behind a plan, and how long one waits for the small one."""

from dataclasses import replace

import pytest

from policies.policy import Decision, Plan, Step
from router.core.errors import SpillSpent
from router.core.ports import Upstream
from router.core.upstream import Timeouts
from router.pipeline.kit import Kit
from router.pipeline.resorting import back_again, with_resorts
from router.upstreams import build
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeKit

BOTH = "policy: balanced\notherwise: {plan: [small, big]}\ndegrade: [small, big]\n"
QUEUE = BOTH + "spill: {usd_per_hour: 1, then: queue}\n"
PLAN = Plan((Step("small", ("structure",)), Step("big")))


@pytest.fixture
def kit(make_kit: MakeKit, scripted: Scripted) -> Kit:
    return make_kit(scripted(), scripted(), QUEUE)


def resorts(kit: Kit, plan: Plan, *, can: bool = True, **decided: object) -> list[str]:
    decision = Decision("balanced", "d", "otherwise", plan, (), **decided)  # type: ignore[arg-type]
    whole = with_resorts(kit, kit.policies["balanced"], decision, plan, lambda name: can)
    assert whole.steps[: len(plan.steps)] == plan.steps
    return [f"{step.resort} {step}" for step in whole.steps[len(plan.steps) :]]


def test_behind_a_plan_come_its_own_local_steps_to_wait_for_and_those_not_asked_yet(kit: Kit) -> None:
    assert resorts(kit, PLAN) == ["queue small[structure]"]
    assert resorts(kit, Plan((Step("big"),))) == ["degrade small"]
    assert resorts(kit, Plan((Step("small"),))) == ["degrade big"]


def test_nobody_is_put_there_who_cannot_or_may_not(kit: Kit) -> None:
    assert resorts(kit, Plan((Step("big"),)), can=False) == []
    assert resorts(kit, Plan((Step("small"),), local_only=True)) == []


def test_what_is_only_watched_or_held_out_gets_none(kit: Kit) -> None:
    big = Plan((Step("big"),))
    assert resorts(kit, big, holdout=True) == []
    assert resorts(kit, big, mode="observe") == []
    assert resorts(kit, big, mode="paused") == []
    assert resorts(kit, big, mode="canary", shadow_plan=PLAN) == []
    assert resorts(kit, big, mode="canary") == ["degrade small"]


async def test_who_waits_in_vain_is_told_so(kit: Kit) -> None:
    small: Upstream = build(replace(kit.upstreams["small"].spec, timeouts=Timeouts(queue_s=0.01)))
    gone = replace(kit, upstreams={**kit.upstreams, "small": small}, facts={"small.ready": False})
    with pytest.raises(SpillSpent, match=r"'small' was not back within queue_s = 0.01 s"):
        await back_again(gone, "small")
    await small.aclose()
