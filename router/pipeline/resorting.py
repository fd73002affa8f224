"""Steps of last resort: the upstreams that `degrade` names, and a queue for the small model."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec

from policies.policy import Decision, Plan, Policy, Step
from router.core.errors import SpillSpent
from router.core.exchange import Exchange
from router.pipeline.dependencies import Dependencies
from router.pipeline.planned_call import PlannedCall
from router.pipeline.spilling import home

LOOK_S = 0.1
WAITED_FOR = frozenset({"full", "loading"})  # the call itself waits for a slot and for a load


def with_resorts(
    deps: Dependencies, policy: Policy, decision: Decision, plan: Plan, can: Callable[[str], bool]
) -> Plan:
    """`plan` followed by the steps that the policy's `spill` and `degrade` allow; `can` says which upstreams are able.

    Left out are upstreams of the plan itself and those that may not see what stays here. A held-out conversation, and
    one whose plan is only observed, get none.
    """
    if decision.holdout or not _acts(decision):
        return plan
    queued: tuple[Step, ...] = ()
    if policy.spill is not None and policy.spill.then == "queue":
        queued = tuple(replace(step, resort="queue") for step in home(deps, plan))
    names = [name for name in policy.degrade if name not in plan.upstreams and can(name)]
    at_home = [name for name in names if not plan.local_only or deps.stays(name)]
    degraded = tuple(Step(name, resort="degrade") for name in at_home)
    return replace(plan, steps=(*plan.steps, *queued, *degraded))


def resorted(deps: Dependencies, exchange: Exchange, planned: PlannedCall, step: Step) -> PlannedCall:
    """The call of a step of last resort, written down as one; a queued one waits until its upstream is back."""
    name = planned.upstream
    if step.resort == "queue":
        exchange.note("queued", f"waits for {name!r}: `spill` lets nothing more be paid in its place")
        if exchange.fallback not in WAITED_FOR:
            deps.breakers.doubt(name)
        return msgspec.structs.replace(planned, ahead=partial(back_again, deps, name))
    exchange.note("degraded", f"none of the plan could answer ({exchange.fallback}): {name!r} may, by `degrade`")
    return planned


async def back_again(deps: Dependencies, name: str) -> None:
    """Return once `name` may be asked. Raises SpillSpent after its `queue_s`."""
    within_s = deps.upstreams[name].spec.timeouts.queue_s
    try:
        async with asyncio.timeout(within_s):
            while deps.facts.get(f"{name}.ready") is False or not deps.breakers.allows(name, deps.clock_us()):  # noqa: ASYNC110 - waits for a clock
                await asyncio.sleep(LOOK_S)
    except TimeoutError as error:
        what = f"{name!r} was not back within queue_s = {within_s:g} s, and `spill` lets nothing more be paid"
        raise SpillSpent(what, upstream=name, headers={"retry-after": "5"}) from error


def _acts(decision: Decision) -> bool:
    """Whether the plan of the rule is more than recorded; a promise without a certificate changes nothing of that."""
    return decision.mode == "act" or (decision.mode == "canary" and decision.shadow_plan is None)
