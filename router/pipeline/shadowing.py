"""Carries out a plan in the shadow: what it would have answered, and what judges say about that."""

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

    It would have served an answer (`kept`), moved on to the baseline (`escalated`, `fallback`), or `failed`. Or that is
    not known: it still waits (`waiting`), or it was given up because the queue was full (`full`), its models were busy
    for too long (`busy`) or were needed for a client (`recalled`), or the day's budget was spent (`budget`).
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
        """Does nothing."""

    async def send(self, chunk: bytes) -> None:
        """Does nothing."""

    async def end(self) -> None:
        """Does nothing."""

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Never calls `left`."""
        return lambda: None


class _MovedOnError(Exception):
    """The plan would ask an upstream next that is not asked in the shadow."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


class Shadowing(Serving):
    """Carries out the leading local steps of a plan, and stops before the next one."""

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
        cut = self.exchange.error == TRUNCATED  # an answer to part of the prompt does not count
        return Tried.KEPT if answered and not cut else Tried.FAILED

    def _ask(self, ask: Ask, plan: Plan, *, alone: bool) -> None:
        if ask.step >= self._own:
            raise _MovedOnError(ask.reason)
        super()._ask(ask, plan, alone=alone)


def local_part(deps: Dependencies, plan: Plan) -> tuple[Plan, int]:
    """The plan as it is tried out, and how many of its first steps are local.

    A panel keeps only its local members. Steps do not race, judge prefixes or ask members at once: nobody waits for
    this answer, and it would take slots from clients who do wait.
    """
    steps = [_local_members(deps, step) for step in plan.steps]
    own = next((n for n, step in enumerate(steps) if step is None), len(steps))
    calm = [
        replace(step, stream="hold", prefix=None, first_token_ms=None, hedge_ms=None, band=None, ask="in_order")
        for step in steps[:own]
        if step is not None
    ]
    return replace(plan, steps=(*calm, *plan.steps[own:])), own


def _local_members(deps: Dependencies, step: Step) -> Step | None:
    members = tuple(name for name in step.members if deps.stays(name))
    if not members or not step.panel:
        return step if members else None
    return replace(step, upstream=members[0], panel=members)


def shadow_exchange(exchange: Exchange) -> Exchange:
    """A copy of `exchange` that records what is tried out; `local_only`, so that nothing of it leaves."""
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
