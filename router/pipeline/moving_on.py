"""Why an exchange moved on from a step: the verdict, the failure or the open breaker that did it."""

from policies.policy import Plan
from router.core.errors import NotReady
from router.core.exchange import Exchange, Reason
from router.core.moves import Ask
from router.pipeline.breakers import OPEN
from router.pipeline.dependencies import Dependencies


def moved_on(exchange: Exchange, reason: Reason) -> None:
    """Write down what an escalation or a fallback was for: two words, two columns and two headers."""
    if reason is Reason.ESCALATION and exchange.verdicts:
        exchange.escalated = exchange.verdicts[-1].judge
    elif reason is Reason.FALLBACK:
        failed = [attempt.error for attempt in exchange.attempts if attempt.error not in (None, "cancelled")]
        if failed or exchange.attempts:  # none where everyone so far was passed over
            exchange.fallback = failed[-1] if failed else exchange.attempts[-1].error


def passed_over(deps: Dependencies, exchange: Exchange, plan: Plan, ask: Ask, *, answered: bool) -> NotReady | None:
    """The failure of a member behind an open breaker, where somebody else can serve the client; else None.

    `answered`: a doubtful answer is kept, which can be served if nobody else is left.
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
    exchange.note("passed over", f"{name!r} is behind an open breaker: {why}")
    return NotReady(f"{name!r} is passed over: {why}", upstream=name, code=OPEN)
