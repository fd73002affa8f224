"""Leaves out of a plan the steps that cannot carry out a request, and notes why."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from policies.policy import Plan, Step
from router.core.capabilities import CAPABILITIES, all_have_room, has_room, lacking
from router.core.errors import BadRequest
from router.core.exchange import Exchange

Facts = Mapping[str, Any]
Lacks = Callable[[str], frozenset[str]]
CONTEXT = "context"


def fits(plan: Plan, facts: Facts, demanded: tuple[str, ...], lacks: Lacks) -> bool:
    """Whether every upstream of `plan` is ready, has room for the request and can do what it demands."""
    for name in plan.upstreams:
        if facts.get(f"{name}.ready") is False or not has_room(name, facts):
            return False
        if demanded and lacking(demanded, lacks(name)):
            return False
    return True


def keep_able(exchange: Exchange, plan: Plan, demanded: tuple[str, ...], lacks: Lacks, instead: Plan | None) -> Plan:
    """`plan` without the steps whose upstream cannot do what the request demands.

    If no step is left, `instead` (what the policy would have done) is tried in the same way. If the prompt seems too
    long for everyone, upstreams it may still fit are kept, since its length is an estimate. What is left out is noted
    in `exchange`. Raises BadRequest if no step can answer.
    """
    facts = exchange.signals
    if not demanded and all_have_room(plan.upstreams, facts):  # the common case
        return plan
    wanting: dict[str, tuple[str, ...]] = {}
    for candidate in (plan, instead):
        if candidate is None:
            continue
        wanting = {name: _missing(facts, name, demanded, lacks) for name in candidate.upstreams}
        if not any(wanting.values()):
            kept: Plan | None = candidate
        else:
            kept = _without(candidate, wanting) or _maybe_fitting(candidate, wanting, facts)
        if kept is not None:
            if kept is not plan:
                _note(exchange, kept, wanting)
            return kept
    raise _no_able_upstream(wanting, demanded, facts)


def _missing(facts: Facts, name: str, demanded: tuple[str, ...], lacks: Lacks) -> tuple[str, ...]:
    """What `name` lacks for this request: capabilities, and `context` if it has no room."""
    wants = lacking(demanded, lacks(name)) if demanded else ()
    return wants if has_room(name, facts) else (*wants, CONTEXT)


def _without(plan: Plan, wanting: Mapping[str, tuple[str, ...]]) -> Plan | None:
    steps = tuple(step for each in plan.steps if (step := _step(each, wanting)) is not None)
    return replace(plan, steps=steps) if steps else None


def _step(step: Step, wanting: Mapping[str, tuple[str, ...]]) -> Step | None:
    """The step with the members that can answer; None if none can."""
    if not step.panel:
        return None if wanting[step.upstream] else step
    panel = tuple(name for name in step.panel if not wanting[name])
    return replace(step, upstream=panel[0], panel=panel if len(panel) > 1 else ()) if panel else None


def _maybe_fitting(plan: Plan, wanting: Mapping[str, tuple[str, ...]], facts: Facts) -> Plan | None:
    """The plan with the steps that lack nothing, or only room and may still fit: the prompt's length is an estimate."""
    blocked = {
        name: () if lacks == (CONTEXT,) and has_room(name, facts, surely_not=True) else lacks
        for name, lacks in wanting.items()
    }
    return _without(plan, blocked)


def _note(exchange: Exchange, kept: Plan, wanting: Mapping[str, tuple[str, ...]]) -> None:
    left_out = {name: lacks for name, lacks in wanting.items() if lacks and name not in kept.upstreams}
    exchange.plan = kept.said
    exchange.skipped = ", ".join(f"{name}: {' '.join(lacks)}" for name, lacks in left_out.items())
    for name, lacks in left_out.items():
        exchange.note("left out", f"{name!r} {_in_words(lacks)}, which this request needs")


def _in_words(lacks: tuple[str, ...]) -> str:
    unsupported = [CAPABILITIES[name].words for name in lacks if name != CONTEXT]
    said = [f"does not support {' or '.join(unsupported)}"] if unsupported else []
    if CONTEXT in lacks:
        said.append("has no room in its window")
    return " and ".join(said)


def _no_able_upstream(wanting: Mapping[str, tuple[str, ...]], demanded: tuple[str, ...], facts: Facts) -> BadRequest:
    """The error that tells the client which field to leave out, or how long the prompt may be."""
    common = [name for name in demanded if all(name in wants for wants in wanting.values())]
    missing = common or [name for wants in wanting.values() for name in wants if name != CONTEXT]
    if not missing:
        widest = max(facts.get(f"{name}.context") or 0 for name in wanting)
        return BadRequest(
            f"The prompt has about {facts['prompt_tokens']} tokens; the widest window that may answer has {widest}. "
            "Send less.",
            param="messages",
            code="context_length_exceeded",
        )
    param = CAPABILITIES[missing[0]].param
    why = "; ".join(f"{name!r} {_in_words(wants)}" for name, wants in wanting.items() if wants)
    return BadRequest(
        f"No upstream allowed for this request supports it: {why}. Leave `{param}` out, or add an upstream that does.",
        param=param,
        code="unsupported_parameter",
    )
