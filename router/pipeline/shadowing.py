"""A plan carried out in the shadow: what it would have answered, and what judges say of that."""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from msgspec import structs

from policies.policy import Plan, Step
from router.core.dialects.chat import ChatRequest
from router.core.errors import RouterError
from router.core.exchange import Exchange, Origin, Outcome, Reason
from router.core.moves import Ask
from router.pipeline.calls import TRUNCATED
from router.pipeline.dependencies import Dependencies
from router.pipeline.serving import Serving
from router.pipeline.sink import Start


class Tried(StrEnum):
    """What became of a plan in the shadow.

    It would have served an answer of its own (`kept`), or moved on to the baseline (`escalated`,
    `fallback`), or `failed`. Or it is not known: it still waits (`waiting`), or was given up because
    too many waited (`full`), its models had no time (`busy`) or were needed (`recalled`), or the
    day's money was spent (`budget`).
    """

    WAITING = "waiting"
    KEPT = "kept"
    ESCALATED = "escalated"
    FALLBACK = "fallback"
    FAILED = "failed"
    FULL = "full"
    BUSY = "busy"
    RECALLED = "recalled"
    BUDGET = "budget"


class NullSink:
    """A sink without a client."""

    async def start(self, start: Start) -> None:
        """Nothing."""

    async def send(self, chunk: bytes) -> None:
        """Nothing."""

    async def end(self) -> None:
        """Nothing."""

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Never calls `left`."""
        return lambda: None


class _MovedOnError(Exception):
    """The plan would now ask an upstream that is not asked in the shadow."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class Shadowing(Serving):
    """Carries out the steps of a plan that stay here, and stops where another one would follow."""

    origin = Origin.SHADOW

    def __init__(self, deps: Dependencies, exchange: Exchange, request: ChatRequest) -> None:
        super().__init__(deps, exchange, request, NullSink())
        self._own = 0

    async def try_out(self, plan: Plan, own: int) -> Tried:
        """Walk the first `own` steps of `plan`; what was asked and judged is written into the exchange."""
        self._own = own
        try:
            await self.run(plan)
        except _MovedOnError as moved:
            return Tried.FALLBACK if moved.reason is Reason.FALLBACK else Tried.ESCALATED
        except RouterError:
            return Tried.FAILED
        answered = self.exchange.outcome is Outcome.ANSWERED
        cut = self.exchange.error == TRUNCATED  # an answer to half a prompt is none
        return Tried.KEPT if answered and not cut else Tried.FAILED

    def _ask(self, ask: Ask, plan: Plan, *, alone: bool) -> None:
        if ask.step >= self._own:
            raise _MovedOnError(ask.reason)
        super()._ask(ask, plan, alone=alone)


def at_home(deps: Dependencies, plan: Plan) -> tuple[Plan, int]:
    """The plan as it is tried out, and how many of its first steps stay here.

    A panel keeps only the members that do. No client waits for the answer, so no step races, sends a prefix or asks
    several members at once: that would take slots and time from clients who do wait.
    """
    steps = [_kept_here(deps, step) for step in plan.steps]
    own = next((n for n, step in enumerate(steps) if step is None), len(steps))
    calm = [
        replace(step, stream="hold", prefix=None, first_token_ms=None, hedge_ms=None, band=None, ask="in_order")
        for step in steps[:own]
        if step is not None
    ]
    return replace(plan, steps=(*calm, *plan.steps[own:])), own


def _kept_here(deps: Dependencies, step: Step) -> Step | None:
    members = tuple(name for name in step.members if deps.stays(name))
    if not members or not step.panel:
        return step if members else None
    return replace(step, upstream=members[0], panel=members)


def apart(exchange: Exchange) -> Exchange:
    """A record for what is tried out beside `exchange`: the same request, and nothing of it may leave."""
    return structs.replace(
        exchange,
        attempts=[],
        verdicts=[],
        local_only=True,
        p_kept=None,
        outcome=None,
        error=None,
        upstream="",
        escalated=None,
        fallback=None,
        degraded=False,
    )
