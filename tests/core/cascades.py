"""Steps, verdicts and failures to play a cascade with."""

from collections.abc import Sequence

from policies.policy import Step
from router.core.cascade import cascade
from router.core.errors import UpstreamError, UpstreamFailed, UpstreamRefused
from router.core.exchange import ACCEPT, ESCALATE, WAIT, Question, Verdict
from router.core.moves import (
    Commands,
    Event,
)

SMALL = Step("small", judges=("structure",))
BIG = Step("big")
GOOD = Verdict("structure", ACCEPT, "fine")
BAD = Verdict("structure", ESCALATE, "empty")
UNSURE = Verdict("verifier", WAIT, "not sure yet")
OPINION = Question("opinion", "llm", "second", {"messages": []})
REPAIR = Question("repair", "structure", "", {"messages": []})
QUEUED, DEGRADED = Step("small", resort="queue"), Step("second", resort="degrade")


def down(upstream: str = "small") -> UpstreamError:
    return UpstreamFailed("down", upstream=upstream, upstream_status=500)


def refused(status: int, code: str | None = None) -> UpstreamRefused:
    return UpstreamRefused("no", upstream="small", upstream_status=status, code=code)


def play(steps: Sequence[Step], *events: Event) -> list[Commands]:
    """Every batch of commands, from the first to the one after the last event."""
    walk = cascade(steps)
    said = [next(walk)]
    for event in events:
        said.append(walk.send(event))
    return said
