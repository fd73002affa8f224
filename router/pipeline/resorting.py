"""Steps of last resort: the upstreams that `degrade` names, and waiting for the small model."""

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
from router.pipeline.spilling import leading_local

LOOK_S = 0.1
WAITED_FOR = frozenset({"full", "loading"})  # the call itself waits for these


def with_resorts(
    deps: Dependencies, policy: Policy, decision: Decision, plan: Plan, can: Callable[[str], bool]
) -> Plan:
    """`plan` followed by the steps of last resort that the policy's `spill` and `degrade` allow.

    `can` says whether an upstream can answer. Upstreams that are in the plan, or that a `local_only` plan rules out,
    are left out. A held-out conversation, and one whose plan is only observed, gets no such steps.
    """
    if decision.holdout or not _is_carried_out(decision):
        return plan
    queued: tuple[Step, ...] = ()
    if policy.spill is not None and policy.spill.then == "queue":
        queued = tuple(replace(step, resort="queue") for step in leading_local(deps, plan))
    names = [name for name in policy.degrade if name not in plan.upstreams and can(name)]
    allowed = [name for name in names if not plan.local_only or deps.stays(name)]
    degraded = tuple(Step(name, resort="degrade") for name in allowed)
    return replace(plan, steps=(*plan.steps, *queued, *degraded))


def resorted(deps: Dependencies, exchange: Exchange, planned: PlannedCall, step: Step) -> PlannedCall:
    """The call of a step of last resort, which is noted. A queued one waits until its upstream is ready."""
    name = planned.upstream
    if step.resort == "queue":
        exchange.note("queued", f"waits for {name!r}: `spill` allows no more paid calls in its place")
        if exchange.fallback not in WAITED_FOR:
            deps.breakers.doubt(name)
        return msgspec.structs.replace(planned, ahead=partial(wait_until_ready, deps, name))
    exchange.note("degraded", f"no step of the plan could answer ({exchange.fallback}): `degrade` allows {name!r}")
    return planned


async def wait_until_ready(deps: Dependencies, name: str) -> None:
    """Return once `name` may be asked. Raises SpillSpent if that takes longer than its `queue_s`."""
    within_s = deps.upstreams[name].spec.timeouts.queue_s
    try:
        async with asyncio.timeout(within_s):
            while deps.facts.get(f"{name}.ready") is False or not deps.breakers.allows(name, deps.clock_us()):  # noqa: ASYNC110 - waits for a clock
                await asyncio.sleep(LOOK_S)
    except TimeoutError as error:
        what = f"{name!r} was not ready within queue_s = {within_s:g} s, and `spill` allows no more paid calls"
        raise SpillSpent(what, upstream=name, headers={"retry-after": "5"}) from error


def _is_carried_out(decision: Decision) -> bool:
    """Whether the rule's plan is carried out, and not only recorded."""
    return decision.mode == "act" or (decision.mode == "canary" and decision.shadow_plan is None)
