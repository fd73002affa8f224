"""Leaves out the steps of a plan that cannot take a request in another dialect than chat."""

from collections.abc import Sequence

from policies.policy import Plan
from router.core.dialects.dialect import Original
from router.core.exchange import Exchange
from router.pipeline.dependencies import Dependencies

SHOWN, SHOWN_CHARS = 20, 80


def speakable(deps: Dependencies, exchange: Exchange, original: Original, plan: Plan) -> Plan:
    """The plan without the steps that cannot take the request; what its translation to chat leaves out is noted.

    A request that cannot be translated goes only to upstreams that speak its dialect. If no step is left, raises the
    BadRequest that says why.
    """
    name, refused = original.dialect.name, original.request.refused
    if refused is None:
        if original.request.stripped and not all(_speaks(deps, one, name) for one in plan.upstreams):
            exchange.note("stripped", f"a chat cannot carry: {_briefly(original.request.stripped)}")
        return plan
    steps = tuple(step for step in plan.steps if all(_speaks(deps, one, name) for one in step.members))
    if not steps:
        raise refused
    if len(steps) < len(plan.steps):
        exchange.note("skipped", f"only upstreams that speak `{name}` can take this request: {refused.message}")
        plan = Plan(steps, local_only=plan.local_only)
        exchange.plan = plan.said
    return plan


def _speaks(deps: Dependencies, upstream: str, dialect: str) -> bool:
    return dialect in deps.upstreams[upstream].spec.speaks


def _briefly(places: Sequence[str]) -> str:
    """The first few, shortened: clients may send any number of fields, with names of any length."""
    shown = [place[:SHOWN_CHARS] for place in places[:SHOWN]]
    more = len(places) - len(shown)
    return ", ".join([*shown, f"and {more:,} more"] if more else shown)
