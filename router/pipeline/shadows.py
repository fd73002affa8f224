"""Tries out plans in the shadow: after the baseline has answered in their place, and while their models are idle.

The baseline answers a task that is not known yet. Shadows make it known: which models would have agreed with it, what
judges would have said, what it would have cost. The client has its answer by then, so nothing here can delay or fail
it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from policies.policy import Plan, Policy
from policies.shadow import would_ask
from router.core.capabilities import demands
from router.core.dialects.chat import ChatRequest
from router.core.errors import LedgerUnwritable, StoreUnavailable
from router.core.exchange import Attempt, Exchange, Outcome
from router.core.ports import LendsSlots
from router.core.prices import PriceState, Usage
from router.core.tokens import prompt_tokens
from router.pipeline.able import fits
from router.pipeline.agreeing import Compared, Said, compared, labels_of, no_answer
from router.pipeline.dependencies import Dependencies
from router.pipeline.drawing import drawn, policy_chose
from router.pipeline.reading import read_off
from router.pipeline.shadowing import Shadowing, Tried, local_part, shadow_exchange

logger = logging.getLogger("smallfirst")

WAITING, WAITING_BYTES = 64, 16 << 20
WORKERS = 4
LOOK_S, PATIENCE_S = 0.25, 60.0
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Trial:
    """One exchange to try out: the rule and the plan, how many of its steps are local (`own`), and what is known of the
    baseline's answer."""

    deps: Dependencies
    exchange: Exchange
    request: ChatRequest
    rule: str
    plan: Plan
    own: int
    known: Compared

    @property
    def asks(self) -> tuple[str, ...]:
        """Every upstream it may ask."""
        return Plan(self.plan.steps[: self.own]).upstreams


class Shadows:
    """A bounded queue of trials and its workers. `counts`: how many had each outcome."""

    def __init__(self, tell: Callable[[Sequence[Attempt]], None] = lambda attempts: None) -> None:
        """`tell` is given the calls of each trial: its exchange was observed before they were made."""
        self._tell = tell
        self.counts: Counter[str] = Counter()
        self._queue: asyncio.Queue[Trial] = asyncio.Queue(WAITING)
        self._bytes = 0
        self._asked: set[str] = set()
        self._ends = asyncio.Condition()
        self._spent: tuple[int, Decimal] = (0, Decimal(0))
        self._held = Decimal(0)

    def offer(self, deps: Dependencies, exchange: Exchange, request: ChatRequest, said: Said = no_answer) -> None:
        """Queue the exchange if its policy wants it tried out, and note in it whether it was queued.

        `said` returns the baseline's answer, None if that was not kept.
        """
        policy = deps.policies.get(exchange.policy)
        if policy is None or not _due(deps, policy, exchange):
            return
        trial = _trial(deps, policy, exchange, request, said)
        if trial is None:
            return
        size = len(request.raw)
        if self._queue.full() or self._bytes + size > WAITING_BYTES:
            exchange.shadow = Tried.FULL
            self.counts[Tried.FULL] += 1
            return
        self._bytes += size
        self._queue.put_nowait(trial)
        exchange.shadow = Tried.WAITING

    async def work(self) -> None:
        """Work through the queue until cancelled."""
        await asyncio.gather(*(self._worker() for _ in range(WORKERS)))

    async def settled(self) -> None:
        """Return once everything in the queue has been tried out or given up."""
        await self._queue.join()

    async def _worker(self) -> None:
        while True:
            trial = await self._queue.get()
            task = asyncio.create_task(self._carry_out(trial))
            try:
                await asyncio.wait({task})
            finally:
                task.cancel()
                self._bytes -= len(trial.request.raw)
                self._queue.task_done()
            if (bug := task.exception()) is not None:
                logger.error("a shadow raised a bug", exc_info=bug, extra={"exchange": trial.exchange.id})

    async def _carry_out(self, trial: Trial) -> None:
        beside = shadow_exchange(trial.exchange)
        if not await self._has_turn(trial):
            tried = Tried.BUSY
        else:
            try:
                tried = await self._within_budget(trial, beside)
            finally:
                await self._end_turn(trial)
        self.counts[tried] += 1
        self._tell(beside.attempts)
        _write(trial, beside, tried)

    async def _within_budget(self, trial: Trial, beside: Exchange) -> Tried:
        """Carry it out with its estimated cost held back, so that other trials cannot spend the same money."""
        estimate = _highest_cost(trial)
        if not self._affords(trial, estimate):
            return Tried.BUDGET
        self._held += estimate
        try:
            return await _run(trial, beside)
        finally:
            self._held -= estimate
            self._pay(trial, beside)

    async def _has_turn(self, trial: Trial) -> bool:
        """Wait up to a minute until its upstreams are idle and no other trial asks them: two would recall each other.

        Returns whether they became free.
        """
        lending = [one for name in trial.asks if isinstance(one := trial.deps.upstreams[name], LendsSlots)]
        until = asyncio.get_running_loop().time() + PATIENCE_S
        async with self._ends:
            while not (self._asked.isdisjoint(trial.asks) and all(one.idle for one in lending)):
                if asyncio.get_running_loop().time() > until:
                    return False
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._ends.wait(), LOOK_S)
            self._asked.update(trial.asks)
        return True

    async def _end_turn(self, trial: Trial) -> None:
        async with self._ends:
            self._asked.difference_update(trial.asks)
            self._ends.notify_all()

    def _affords(self, trial: Trial, estimate: Decimal) -> bool:
        """Whether the day's budget allows `estimate` dollars.

        Free upstreams are always allowed, and one of unknown price never is.
        """
        states = {trial.deps.upstreams[name].spec.price.state for name in trial.asks}
        if states == {PriceState.FREE}:
            return True
        if PriceState.UNKNOWN in states:
            return False
        budget = trial.deps.policies[trial.exchange.policy].shadow.usd_per_day
        return self._spent_on(trial.deps) + self._held + estimate <= budget

    def _pay(self, trial: Trial, beside: Exchange) -> None:
        day, spent = trial.deps.clock_us() // DAY_US, self._spent_on(trial.deps)
        self._spent = (day, spent + (beside.cost or Decimal(0)))

    def _spent_on(self, deps: Dependencies) -> Decimal:
        day, spent = self._spent
        return spent if day == deps.clock_us() // DAY_US else Decimal(0)


def _highest_cost(trial: Trial) -> Decimal:
    """The most that it can cost in dollars: every upstream answers with as many tokens as the client allows, or if it
    sets no limit, as many as the baseline's answer had."""
    answered = [attempt.usage for attempt in trial.exchange.attempts if attempt.usage is not None]
    output = max((usage.output + usage.reasoning for usage in answered), default=0)
    usage = Usage(
        input=prompt_tokens(trial.request.body), output=trial.request.most_tokens or output, source="estimate"
    )
    steps = trial.plan.steps[: trial.own]
    asked = [(trial.deps.upstreams[name].spec.price, step.samples) for step in steps for name in step.members]
    return sum(((price.cost(usage) or Decimal(0)) * samples for price, samples in asked), Decimal(0))


def wanted(deps: Dependencies) -> bool:
    """Whether any policy has a shadow and there is a local upstream to try out."""
    return bool(deps.locals) and any(policy.shadow.share for policy in deps.policies.values())


def _due(deps: Dependencies, policy: Policy, exchange: Exchange) -> bool:
    """Whether the baseline answered, as its policy chose, and the draw falls within the policy's share."""
    answered = exchange.outcome is Outcome.ANSWERED and exchange.upstream == exchange.baseline
    return answered and policy_chose(exchange) and 0 < policy.shadow.share > drawn(deps, exchange)


def _trial(deps: Dependencies, policy: Policy, exchange: Exchange, request: ChatRequest, said: Said) -> Trial | None:
    """The plan that would have been carried out; None if it was, or if none of its steps is local."""
    if request.original is not None and request.original.request.refused is not None:
        return None  # no chat request can express it
    read = read_off(request.body, policy, deps.reading.get(policy.name, frozenset()), keep_cut=1.0)
    signals = {**exchange.signals, **read}
    rule = would_ask(policy, signals)
    if tuple(map(str, rule.plan.steps)) == exchange.plan or rule.plan.local_only:
        return None
    plan, own = local_part(deps, rule.plan)
    asks = Plan(plan.steps[:own])
    if not own or not fits(asks, signals, demands(request.body, signals), deps.traits.lacks):
        return None
    known = compared(request.body, exchange.baseline, said())
    return Trial(deps, exchange, request, rule.name, plan, own, known)


async def _run(trial: Trial, beside: Exchange) -> Tried:
    """Carry it out; give up at once if a client finds no free slot."""
    shadowing = Shadowing(trial.deps, beside, trial.request)
    task = asyncio.create_task(shadowing.try_out(trial.plan, trial.own))
    lent = [one for name in trial.asks if isinstance(one := trial.deps.upstreams[name], LendsSlots)]
    ends = [one.lend(task.cancel) for one in lent]
    try:
        await asyncio.wait({task})
    finally:
        for end in ends:
            end()
        task.cancel()
    if task.cancelled():
        return Tried.RECALLED
    await _label(trial, beside, shadowing)
    return task.result()


async def _label(trial: Trial, beside: Exchange, shadowing: Shadowing) -> None:
    """Write labels for its answers, as far as the baseline's answer says what they are worth."""
    share = trial.deps.policies[trial.exchange.policy].shadow.share
    for row in labels_of(beside, trial.request.body, shadowing.calls, trial.known, share):
        try:
            await asyncio.to_thread(trial.deps.store.put, "labels", row)
        except StoreUnavailable as error:
            logger.error("a label could not be written: %s", error.message, extra={"exchange": beside.id})


def _write(trial: Trial, beside: Exchange, tried: Tried) -> None:
    """Journal the exchange again, with the attempts and verdicts of the trial, and note the upstreams' pace."""
    exchange, deps = trial.exchange, trial.deps
    asked = " > ".join(str(step) for step in trial.plan.steps[: trial.own])
    why = {"rule": trial.rule, "outcome": "tried out", "why": f"{tried}: {asked}"}
    estimate = exchange.signals.get("prompt_tokens")
    for attempt in beside.attempts:
        if (pace := deps.paces.get(attempt.upstream)) is not None:
            pace.note(attempt, estimate if isinstance(estimate, int) else None)
    whole = replace(
        exchange,
        shadow=tried,
        attempts=[*exchange.attempts, *beside.attempts],
        verdicts=[*exchange.verdicts, *beside.verdicts],
        reasons=(*exchange.reasons, why),
    )
    try:
        deps.store.append(whole)
    except LedgerUnwritable as error:
        logger.error("a shadow could not be journalled: %s", error.message, extra={"exchange": exchange.id})
