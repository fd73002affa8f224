"""Who answered a conversation last: so that it is upgraded once and never switched inside a tool loop."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.policy import Plan, Step

REMEMBERED = 100_000
EXPIRES_US = 3_600 * 1_000_000


@dataclass(slots=True)
class Sessions:
    """The last answering upstream of each conversation, for an hour after its last turn, at most 100,000."""

    _last: OrderedDict[str, tuple[str, int]] = field(default_factory=OrderedDict)

    def note(self, session: str, upstream: str, now_us: int) -> None:
        """`upstream` has answered a turn of `session`."""
        self._last[session] = (upstream, now_us)
        self._last.move_to_end(session)
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)

    def last(self, session: str, now_us: int) -> str | None:
        """Who answered its last turn, None when that is unknown or long ago."""
        upstream, at = self._last.get(session, ("", 0))
        return upstream if upstream and now_us - at < EXPIRES_US else None


def continues(body: Mapping[str, Any]) -> bool:
    """Whether this is a later turn. A first turn is pinned by nothing: many people ask the same first question."""
    return any(message.get("role") in ("assistant", "tool") for message in body["messages"])


def pinned(plan: Plan, last: str, *, in_tool_loop: bool, local: bool) -> Plan | None:
    """The plan for a conversation that `last` answered before; None where `plan` may stand as it is.

    Upgrade only: steps before `last` are passed over, and a conversation that left the machine
    does not come back to a small model. Inside a tool loop whoever began it goes on. A `local_only`
    plan is never changed by either.
    """
    if plan.local_only or plan.steps[0].upstream == last:
        return None
    for index, step in enumerate(plan.steps):
        if step.upstream == last:
            return Plan(plan.steps[index:])
    if in_tool_loop:
        return Plan((Step(last), *plan.steps))
    return None if local else Plan((Step(last),))
