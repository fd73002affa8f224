"""Reads what a policy does when its plans fail: who may answer then, and what may be spent."""

from decimal import Decimal
from typing import Literal

from policies.document import Entry, Notes
from policies.fields import Fields
from policies.names import Names
from policies.policy import Spill
from policies.steps import upstream

DEGRADE = "write the upstreams that may answer then: [small]"
SPILL = ("usd_per_hour", "then")
THEN: tuple[Literal["queue", "refuse", "degrade"], ...] = ("queue", "refuse", "degrade")
MAX_UPSTREAMS = 4


def read_degrade(fields: Fields, names: Names, notes: Notes) -> tuple[str, ...]:
    """Return the upstreams that may answer if no step of a plan can, in order and each once."""
    entry = fields.get("degrade")
    entries = fields.items("degrade", DEGRADE)
    if entry is not None and entry.value == ():
        notes.add(entry, "no upstream is named", DEGRADE)
    if len(entries) > MAX_UPSTREAMS:
        notes.add(entries[MAX_UPSTREAMS], f"'degrade' names at most {MAX_UPSTREAMS} upstreams", "drop the rest")
    return tuple(dict.fromkeys(upstream(each, names, notes) for each in entries))


def read_spill(entry: Entry | None, degrade: tuple[str, ...], notes: Notes) -> Spill | None:
    """Return the budget for paid calls while the small model is unavailable, None if there is none."""
    if entry is None:
        return None
    fields = Fields(entry, SPILL, notes)
    fields.need("usd_per_hour", "write what an hour may cost: usd_per_hour: 40")
    fields.need("then", "say what happens once it is spent: queue, refuse or degrade")
    then = fields.word("then", THEN) or "refuse"
    if then == "degrade" and not degrade:
        notes.add(
            fields.entries["then"],
            "no upstream is named that may answer then",
            "write `degrade: [small]` beside `spill:`",
        )
    return Spill(fields.money("usd_per_hour") or Decimal(0), then)
