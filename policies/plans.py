"""Reads a rule's `plan` and `local_only`."""

from collections.abc import Mapping

from policies.document import Entry, Notes
from policies.fields import Fields
from policies.names import Names
from policies.policy import Plan, Step
from policies.steps import StepFields, upstream

LIST = "write a list of upstreams: [small, big]"
MAX_STEPS = 8


def read_plan(rule: Fields, names: Names, notes: Notes) -> Plan:
    """Return the plan of *rule*, with every mistake noted.

    A `local_only` plan that names an upstream not marked local is a mistake already
    here. The check is made again when a request is sent.
    """
    local_only = rule.flag("local_only")
    entry = rule.need("plan", LIST)
    entries = rule.items("plan", LIST)
    if entry is not None and entry.value == ():
        notes.add(entry, "a plan has at least one step", LIST)
    if len(entries) > MAX_STEPS:
        notes.add(entries[MAX_STEPS], f"a plan has at most {MAX_STEPS} steps", "drop the rest")
    steps = []
    for place in entries:
        step = _step(place, names, notes)
        if step is None:
            continue
        steps.append(step)
        away = [name for name in (*step.members, step.opinion) if names.upstreams.get(name) is False]
        if local_only and away:
            remedy = "take it out, or mark it `local: true` in config.yaml if it runs here"
            notes.add(place, f"'{away[0]}' is not local and the plan is local_only", remedy)
    return Plan(tuple(steps), local_only)


def _step(entry: Entry, names: Names, notes: Notes) -> Step | None:
    if not isinstance(entry.value, (Mapping, tuple)):
        return Step(upstream(entry, names, notes))
    return StepFields(entry, names, notes).step()
