"""Notes why an exchange moved on from a step: a verdict, a failure or an open breaker."""

from policies.policy import Plan
from router.core.errors import NotReady
from router.core.exchange import Exchange, Reason
from router.core.moves import Ask
from router.pipeline.breakers import OPEN
from router.pipeline.dependencies import Dependencies


def note_move(exchange: Exchange, reason: Reason) -> None:
    """Note the judge behind an escalation, or the error behind a fallback: each has its own column and header."""
    if reason is Reason.ESCALATION and exchange.verdicts:
        exchange.escalated = exchange.verdicts[-1].judge
    elif reason is Reason.FALLBACK:
        failed = [attempt.error for attempt in exchange.attempts if attempt.error not in (None, "cancelled")]
        if failed or exchange.attempts:  # there is none if everyone so far was skipped
            exchange.fallback = failed[-1] if failed else exchange.attempts[-1].error


def skip_if_open(deps: Dependencies, exchange: Exchange, plan: Plan, ask: Ask, *, answered: bool) -> NotReady | None:
    """The error of a member that is skipped, since its breaker is open and another can serve the client; else None.

    `answered`: there is a doubtful answer, which can be served if nobody else is left.
    """
    step, now, breakers = plan.steps[ask.step], deps.clock_us(), deps.breakers
    name = step.members[ask.member]
    if ask.retries is not None or ask.hedges is not None or step.resort == "queue" or breakers.allows(name, now):
        return None
    later = (other for other in plan.steps[ask.step + 1 :] if other.resort != "queue")
    if not answered and not breakers.others_may_answer(step, ask.member, later, now):
        return None
    why = breakers.status(name, now).why
    exchange.fallback = OPEN
    exchange.skipped = ", ".join(filter(None, (exchange.skipped, f"{name}: {OPEN}")))
    exchange.note("passed over", f"{name!r} has an open breaker: {why}")
    return NotReady(f"{name!r} is skipped: {why}", upstream=name, code=OPEN)
