"""Orders panel members that share a device: the model in its memory first, since others must be loaded."""

from collections.abc import Mapping
from dataclasses import replace

from policies.policy import Plan, Step
from router.core.exchange import Exchange
from router.core.signals import SignalValue
from router.pipeline.dependencies import Dependencies

Facts = Mapping[str, SignalValue]


def seated(deps: Dependencies, exchange: Exchange, plan: Plan) -> Plan:
    """`plan` with the members of its panels in the order that loads least; the ledger's `reasons` say why.

    Only members on the same device change places: first those in its memory, then those being loaded, then the rest. A
    member that does not say where its model is keeps its place, as do all members of a panel that is asked at once.
    """
    steps = tuple(_seated(deps, exchange, step) for step in plan.steps)
    if steps == plan.steps:
        return plan
    ordered = replace(plan, steps=steps)
    exchange.plan = ordered.said
    return ordered


def _seated(deps: Dependencies, exchange: Exchange, step: Step) -> Step:
    panel, facts = list(step.panel), exchange.signals
    if len(panel) < 2 or step.ask == "at_once":
        return step
    for device in dict.fromkeys(deps.shared[name] for name in panel if name in deps.shared):
        known = [
            name for name in panel if deps.shared.get(name) == device and facts.get(f"{name}.resident") is not None
        ]
        places = [panel.index(name) for name in known]
        after = sorted(known, key=lambda name: _rank(facts, name))
        if after != known:
            exchange.note("seated", _why(facts, device, known, after))
            for place, name in zip(places, after, strict=True):
                panel[place] = name
    return step if tuple(panel) == step.panel else replace(step, upstream=panel[0], panel=tuple(panel))


def _rank(facts: Facts, name: str) -> int:
    if facts.get(f"{name}.resident"):
        return 0
    return 1 if facts.get(f"{name}.loading") else 2


def _why(facts: Facts, device: str, before: list[str], after: list[str]) -> str:
    """Why members changed places, with how long an answer of each takes."""
    up, down = next((new, old) for new, old in zip(after, before, strict=True) if new != old)
    where = "is in" if facts.get(f"{up}.resident") else "is being loaded into"
    return (
        f"{up!r} {where} the memory of {device} and {down!r} is not: asked in the order {', '.join(after)}; "
        f"an answer takes {_seconds(facts, up)} of {up!r} and {_seconds(facts, down)} of {down!r}"
    )


def _seconds(facts: Facts, name: str) -> str:
    """How long an answer of the usual length takes, its load included; in words if that was not measured yet."""
    answer_s, load_s = facts.get(f"{name}.answer_s"), facts.get(f"{name}.loads_in_s")
    if isinstance(answer_s, int | float):
        return f"about {answer_s:.1f} s"
    return f"{load_s:.1f} s of loading and more" if isinstance(load_s, int | float) and load_s else "its usual time"
