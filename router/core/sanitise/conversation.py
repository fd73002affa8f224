"""A chat body made fit for another model: only what the target cannot take is changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from router.core.sanitise.calls import fit_ids, unsign_calls
from router.core.sanitise.contents import MARKS, REASONING, fill_empty, move_thinking, strip_marks
from router.core.sanitise.roles import developer_to_system, merge_neighbours, system_to_front
from router.core.sanitise.target import BOTH, LIMITS, Target

Messages = Sequence[Any]


class Change(NamedTuple):
    """One thing a target may need changed. `traits`: it has nothing to do where the conversation has none of these,
    as `_traits_of` names them; None where it must always look."""

    note: str
    make: Callable[[Messages, Target], Messages]
    traits: frozenset[str] | None


PARTS = "content in parts"
CHANGES = (
    Change("developer became system", developer_to_system, frozenset({"developer"})),
    Change("thinking of another model left out", move_thinking, REASONING),
    Change("cache and error marks left out", strip_marks, MARKS | {PARTS, "tool_calls"}),
    Change("signatures of calls left out", unsign_calls, frozenset({"tool_calls"})),
    Change("ids of calls changed", fit_ids, frozenset({"tool_calls", "tool"})),
    Change("system messages moved to the front", system_to_front, frozenset({"system", "developer"})),
    Change("empty messages left out", fill_empty, None),
    Change("neighbours of one role joined", merge_neighbours, None),
)


def sanitise(body: Mapping[str, Any], target: Target) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The body as `target` takes it, and what was changed, in words fit for the ledger.

    Where nothing need change it is the same object. What is done twice is done once: a body that
    came from here comes back as it is. Nothing is changed in place.
    """
    notes: list[str] = []
    messages: Messages = body["messages"]
    traits = _traits_of(messages)
    for change in CHANGES:
        if change.traits is not None and change.traits.isdisjoint(traits):
            continue
        changed = change.make(messages, target)
        if changed is not messages:
            messages = changed
            notes.append(change.note)
    fields = _fields(body, target, notes)
    if not notes:
        return body, ()
    return {**fields, "messages": messages}, tuple(notes)


def _traits_of(messages: Messages) -> set[str]:
    """What a conversation has at all: every key of its messages, every role, and PARTS where a content is a list."""
    traits = {message.get("role") for message in messages}.union(*messages)
    if any(isinstance(message.get("content"), list) for message in messages):
        traits.add(PARTS)
    return traits


def quirks(body: Mapping[str, Any], target: Target, *, developer: bool) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The body of a conversation without another model's answers: only names and fields are fitted to the target.

    `developer` says whether a message may have that role. Where nothing need change it is the same object.
    """
    notes: list[str] = []
    messages: Messages = body["messages"]
    if developer and not target.developer:
        messages = developer_to_system(messages, target)
        if messages is not body["messages"]:
            notes.append("developer became system")
    fields = _fields(body, target, notes)
    return ({**fields, "messages": messages}, tuple(notes)) if notes else (body, ())


def _fields(body: Mapping[str, Any], target: Target, notes: list[str]) -> Mapping[str, Any]:
    """The top level: the limit under its name there, never both and never a higher one; no refused field."""
    other = "" if target.limit == BOTH else LIMITS[1 - LIMITS.index(target.limit)]
    if other not in body and target.rejects.isdisjoint(body) and target.refused.keys().isdisjoint(body):
        return body
    fields = dict(body)
    if other in fields:
        limit = fields.pop(other)
        given = [value for value in (limit, fields.get(target.limit)) if value is not None]
        fields |= {target.limit: min(given)} if given else {}
        notes.append(f"{other} became {target.limit}")
    for name in [name for name, value in fields.items() if not target.takes(name, value)]:
        del fields[name]
        notes.append(f"{name} left out")
    return fields
