"""The queue of shadows: plans tried out after the baseline has answered in their place, while their models are idle.

On an unknown task the baseline answers, and shadows are how the task becomes known: which models would have agreed,
what judges would have said, what it would have cost. The client's answer has gone out by then; nothing here can delay
or fail it.
"""

import asyncio
import logging
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from policies.policy import Plan, Policy
from policies.shadow import would_ask
from router.core.capabilities import demands
from router.core.dialects.chat import ChatRequest
from router.core.errors import LedgerUnwritable, StoreUnavailable
from router.core.exchange import Exchange, Outcome
from router.core.ports import LendsSlots
from router.core.prices import PriceState, Usage
from router.core.tokens import prompt_tokens
from router.pipeline.able import fits
from router.pipeline.agreeing import Compared, Said, compared, labels_of, no_answer
from router.pipeline.dependencies import Dependencies
from router.pipeline.drawing import drawn, free
from router.pipeline.reading import read_off
from router.pipeline.shadowing import Shadowing, Tried, apart, at_home

logger = logging.getLogger("smallfirst")

WAITING, WAITING_BYTES = 64, 16 << 20
WORKERS = 4
LOOK_S, PATIENCE_S = 0.25, 60.0
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Trial:
    """One exchange to be tried out: what it was answered with, whose plan, how many of its steps stay here, and what
    is known of the baseline's own answer."""

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
    """A bounded queue and its workers. `counts`: how many there were of each `Tried`."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._queue: asyncio.Queue[Trial] = asyncio.Queue(WAITING)
        self._bytes = 0
        self._asked: set[str] = set()
        self._ends = asyncio.Condition()
        self._spent: tuple[int, Decimal] = (0, Decimal(0))
        self._held = Decimal(0)

    def offer(self, deps: Dependencies, exchange: Exchange, request: ChatRequest, said: Said = no_answer) -> None:
        """Queue the exchange where its policy wants it tried out, and note on it what became of that.

        `said`: what the baseline answered, as far as that was kept.
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
        """Work the queue off until cancelled."""
        await asyncio.gather(*(self._worker() for _ in range(WORKERS)))

    async def settled(self) -> None:
        """Return once everything that was taken in has been tried out or given up."""
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
                logger.error("a shadow broke", exc_info=bug, extra={"exchange": trial.exchange.id})

    async def _carry_out(self, trial: Trial) -> None:
        beside = apart(trial.exchange)
        if not await self._has_turn(trial):
            tried = Tried.BUSY
        else:
            try:
                tried = await self._within_budget(trial, beside)
            finally:
                await self._end_turn(trial)
        self.counts[tried] += 1
        _write(trial, beside, tried)

    async def _within_budget(self, trial: Trial, beside: Exchange) -> Tried:
        """Carry it out with its estimated cost held, so that trials beside it cannot spend the same money."""
        reckoned = _reckoned(trial)
        if not self._affords(trial, reckoned):
            return Tried.BUDGET
        self._held += reckoned
        try:
            return await _run(trial, beside)
        finally:
            self._held -= reckoned
            self._pay(trial, beside)

    async def _has_turn(self, trial: Trial) -> bool:
        """Whether all its upstreams are idle, now or within a minute, and no other trial asks them: two trials would
        recall each other."""
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

    def _affords(self, trial: Trial, reckoned: Decimal) -> bool:
        """Whether what is left of the day's money is enough; free upstreams need none, one without a price is never
        asked."""
        states = {trial.deps.upstreams[name].spec.price.state for name in trial.asks}
        if states == {PriceState.FREE}:
            return True
        if PriceState.UNKNOWN in states:
            return False
        budget = trial.deps.policies[trial.exchange.policy].shadow.usd_per_day
        return self._spent_on(trial.deps) + self._held + reckoned <= budget

    def _pay(self, trial: Trial, beside: Exchange) -> None:
        day, spent = trial.deps.clock_us() // DAY_US, self._spent_on(trial.deps)
        self._spent = (day, spent + (beside.cost or Decimal(0)))

    def _spent_on(self, deps: Dependencies) -> Decimal:
        day, spent = self._spent
        return spent if day == deps.clock_us() // DAY_US else Decimal(0)


def _reckoned(trial: Trial) -> Decimal:
    """The most that it can cost: every upstream answers with as many tokens as the client allows, else as the
    baseline's answer had."""
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
    """Whether this is one of the share, answered by the baseline for want of knowing better."""
    answered = exchange.outcome is Outcome.ANSWERED and exchange.upstream == exchange.baseline
    return answered and free(exchange) and 0 < policy.shadow.share > drawn(deps, exchange)


def _trial(deps: Dependencies, policy: Policy, exchange: Exchange, request: ChatRequest, said: Said) -> Trial | None:
    """What would have been asked; None where that is what was asked, or no step of it stays here."""
    if request.original is not None and request.original.request.refused is not None:
        return None  # a request that no chat can say
    read = read_off(request.body, policy, deps.reading.get(policy.name, frozenset()), keep_cut=1.0)
    signals = {**exchange.signals, **read}
    rule = would_ask(policy, signals)
    if tuple(map(str, rule.plan.steps)) == exchange.plan or rule.plan.local_only:
        return None
    plan, own = at_home(deps, rule.plan)
    asks = Plan(plan.steps[:own])
    if not own or not fits(asks, signals, demands(request.body, signals), deps.traits.lacks):
        return None
    known = compared(request.body, exchange.baseline, said())
    return Trial(deps, exchange, request, rule.name, plan, own, known)


async def _run(trial: Trial, beside: Exchange) -> Tried:
    """Carry it out; give up at once when a client finds no slot free."""
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
    """What its answers are worth, as far as the baseline's own says: rows to learn from."""
    share = trial.deps.policies[trial.exchange.policy].shadow.share
    for row in labels_of(beside, trial.request.body, shadowing.calls, trial.known, share):
        try:
            await asyncio.to_thread(trial.deps.store.put, "labels", row)
        except StoreUnavailable as error:
            logger.error("a label could not be written: %s", error.message, extra={"exchange": beside.id})


def _write(trial: Trial, beside: Exchange, tried: Tried) -> None:
    """The exchange's row once more, with what was asked and judged beside it; and what it says of their pace."""
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
