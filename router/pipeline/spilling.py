"""Each policy's budget for paid calls that stand in for an unavailable local model."""

import logging
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from policies.policy import Plan, Spill, Step
from router.core.errors import SpillSpent
from router.core.exchange import Exchange
from router.core.prices import Usage
from router.core.spill import Hour

if TYPE_CHECKING:
    from router.pipeline.dependencies import Dependencies

logger = logging.getLogger("smallfirst")

USUAL_TOKENS = 1024  # assumed for an answer if the client set no limit
# With these errors the local model was available but could not take this request, so it could have saved nothing.
ITS_OWN_FAULT = frozenset({"context_overflow", "unsupported_parameter", "truncated"})


class Spills:
    """What spilled requests have cost, by policy. As an observer, it settles each once its exchange is closed."""

    def __init__(self) -> None:
        self._hours: dict[str, Hour] = {}
        self._under_way: dict[str, tuple[str, Spill, str]] = {}

    def refusal(self, deps: "Dependencies", exchange: Exchange, plan: Plan, at: int, name: str) -> SpillSpent | None:
        """The error if `name` may not be asked in the step `at`; None if it may, and then its cost is held back.

        Only calls that stand in for an earlier local step count, one that is down, loading or full.
        """
        policy = deps.policies.get(exchange.policy)
        if policy is None or policy.spill is None or deps.stays(name):
            return None
        if not _local_unavailable(deps, exchange, plan, at):
            return None
        spill, hour, now = policy.spill, self._hours.setdefault(policy.name, Hour()), deps.clock_us()
        most = _highest_cost(deps, exchange, name)
        wait_s = 3600.0 if most is None else hour.hold(exchange.id, most, spill.usd_per_hour, now)
        why = f"{leading_local(deps, plan)[-1].upstream!r} is unavailable ({exchange.fallback})"
        if wait_s is None:
            self._under_way[exchange.id] = (policy.name, spill, why)
            exchange.note("spilled", f"pays {name!r} because {why}")
            return None
        what = f"{why}, and the hour's budget of {spill.usd_per_hour} USD for others in its place is spent"
        exchange.note("spill spent", f"{what}: {spill.then}")
        self._log_rate((policy.name, spill, why), now, spent=True)
        error = SpillSpent(what, upstream=name, headers={"retry-after": str(round(wait_s))})
        error.final = spill.then == "refuse"
        return error

    def observe(self, exchange: Exchange) -> None:
        """Settle what a spilled exchange has cost: all calls that were not local."""
        known = self._under_way.pop(exchange.id, None)
        if known is None:
            return
        costs = [attempt.cost for attempt in exchange.attempts if not attempt.local]
        cost = None if None in costs else sum((each for each in costs if each is not None), Decimal(0))
        now = exchange.ended_at or exchange.started_at
        self._hours[known[0]].settle(exchange.id, cost, now)
        self._log_rate(known, now, spent=False)

    def paid(self, policies: Iterable[str], now: int) -> Mapping[str, float]:
        """Dollars paid within the last sixty minutes, by policy."""
        return {name: float(self._hours[name].paid(now)) if name in self._hours else 0.0 for name in policies}

    def _log_rate(self, known: tuple[str, Spill, str], now: int, *, spent: bool) -> None:
        policy, spill, why = known
        hour = self._hours[policy]
        if hour.to_be_said(now, spent=spent):
            then = "spent" if spent else f"the policy allows {spill.usd_per_hour}"
            logger.warning(
                "%s: paying others in its place costs %.2f USD an hour (policy %s: %s, then %s)",
                why, hour.rate(now), policy, then, spill.then,
            )  # fmt: skip


def leading_local(deps: "Dependencies", plan: Plan) -> tuple[Step, ...]:
    """The local steps that a plan begins with; none if no other step follows them."""
    leading = 0
    while leading < len(plan.steps) and all(map(deps.stays, plan.steps[leading].members)):
        leading += 1
    return plan.steps[:leading] if leading < len(plan.steps) else ()


def _local_unavailable(deps: "Dependencies", exchange: Exchange, plan: Plan, at: int) -> bool:
    """Whether local steps came before step `at`, and failed because an upstream was unavailable."""
    word = exchange.fallback or ""
    if exchange.escalated or word in ITS_OWN_FAULT or (word.isdigit() and word not in ("408", "429")):
        return False
    return 0 < len(leading_local(deps, plan)) <= at


def _highest_cost(deps: "Dependencies", exchange: Exchange, name: str) -> Decimal | None:
    """The most that one call may cost in dollars: nothing cached, all answers as long as the client allows."""
    signals = exchange.signals
    output = int(signals.get("max_tokens") or USUAL_TOKENS) * max(1, int(signals.get("n") or 1))
    usage = Usage(input=int(signals.get("prompt_tokens") or 0), output=output)
    return deps.upstreams[name].spec.price.cost(usage)
