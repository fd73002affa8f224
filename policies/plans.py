"""Reading a rule's `plan`: steps, their judges, and what may not leave."""

from collections.abc import Mapping

from policies.document import Entry, Notes
from policies.fields import Fields
from policies.names import Names, Stream
from policies.policy import Plan, Step
from policies.problems import nearest

LIST = "write a list of upstreams: [small, big]"
MAX_STEPS = 8


def read_plan(rule: Fields, names: Names, notes: Notes) -> Plan:
    """Return the plan of *rule*, with every mistake noted.

    A `local_only` plan that names an upstream not marked local is a mistake here
    already; the check that counts is made again where a request is sent.
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
        if local_only and names.upstreams.get(step.upstream) is False:
            remedy = "take it out, or mark it `local: true` in config.yaml if it runs here"
            notes.add(place, f"'{step.upstream}' is not local and the plan is local_only", remedy)
    return Plan(tuple(steps), local_only)


def _step(entry: Entry, names: Names, notes: Notes) -> Step | None:
    if not isinstance(entry.value, (Mapping, tuple)):
        return Step(_upstream(entry, names, notes))
    keys = ("upstream", "judges", "stream", "first_token_ms", "panel", "ask")
    fields = Fields(entry, keys, notes)
    if panel := fields.get("panel"):
        if not names.panels:
            notes.add(panel, "panels come with a later release", "name one upstream: {upstream: small, judges: [...]}")
        return None
    upstream = fields.need("upstream", "name who is asked: {upstream: small}")
    if upstream is None:
        return None
    return Step(
        upstream=_upstream(upstream, names, notes),
        judges=tuple(_judge(judge, names, notes) for judge in fields.items("judges", "write [structure, refusal]")),
        stream=_stream(fields, names, notes),
        first_token_ms=fields.count("first_token_ms"),
    )


def _upstream(entry: Entry, names: Names, notes: Notes) -> str:
    if entry.text not in names.upstreams:
        remedy = nearest(entry.text, names.upstreams, "add it under `upstreams:` in config.yaml")
        notes.add(entry, f"no upstream is called '{entry.text}'", remedy)
    return entry.text


def _judge(entry: Entry, names: Names, notes: Notes) -> str:
    if entry.text not in names.judges:
        remedy = nearest(entry.text, names.judges, f"this release has: {', '.join(sorted(names.judges))}")
        notes.add(entry, f"no judge is called '{entry.text}'", remedy)
    return entry.text


def _stream(fields: Fields, names: Names, notes: Notes) -> Stream:
    stream: Stream = fields.word("stream", ("hold", "prefix", "race")) or "hold"
    if stream not in names.streams:
        notes.add(fields.entries["stream"], f"`stream: {stream}` comes with a later release", "write `stream: hold`")
    return stream
