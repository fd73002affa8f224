"""Carries out one plan: does what the cascade commands, tells it what happened, and feeds the client."""

import asyncio
from collections.abc import Iterable
from functools import cached_property

from msgspec.structs import replace

from policies.policy import Plan
from router.core.cascade import Cascade, cascade
from router.core.dialects.chat import ChatRequest
from router.core.errors import UpstreamError
from router.core.exchange import Exchange, Origin, Outcome, Reason
from router.core.moves import (
    Ask,
    Cancel,
    Command,
    Commands,
    Event,
    Failed,
    Finish,
    Gone,
    Hurry,
    Judged,
    Moved,
    Overdue,
    Release,
    Replied,
    Silent,
    Tick,
    Verify,
)
from router.pipeline.calls import OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.drawing import may_be_compared
from router.pipeline.mailbox import Mailbox
from router.pipeline.moving_on import note_move, skip_if_open
from router.pipeline.outgoing import Outgoing
from router.pipeline.planned_call import plan_call, worded
from router.pipeline.resorting import resorted
from router.pipeline.sink import Sink
from router.pipeline.streamed_call import StreamedCall
from router.pipeline.verifying import NOT_JUDGED, Verifying

FIRST = Ask(call=0, step=0, reason=Reason.FIRST, held=False)  # how a cascade begins with a plain step


class Serving:
    """Carries out one plan for one client; `run` is called once."""

    origin: Origin | None = None  # of every call; None if the plan decides
    _next: OpenCall | None = None
    _carrying: tuple[OpenCall, asyncio.Task[None]] | None = None
    _left = False
    _fell = False

    def __init__(self, deps: Dependencies, exchange: Exchange, request: ChatRequest, sink: Sink) -> None:
        self.deps = deps
        self.exchange = exchange
        self.request = request
        self.sink = sink
        self.outgoing = Outgoing(deps, exchange, request, sink)
        self.events: Mailbox[Event | BaseException] = Mailbox()  # made through its alias it costs three times as much
        self.calls: dict[int, OpenCall] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.reminders: list[asyncio.TimerHandle] = []

    @cached_property
    def verifying(self) -> Verifying:
        """The judges at work; made only for a plan that has any."""
        return Verifying(self.deps, self.exchange, self.request, self.calls)

    async def run(self, plan: Plan) -> None:
        """Walk `plan` to its end and write outcome, answerer and error into the exchange.

        Raises the RouterError to answer with, if nothing was sent yet.
        """
        self.deps.retries.asked()
        unwatch = self.sink.watch(self._client_left)
        if self.request.stream:
            self._tick_later()
        try:
            if plan.steps[0].plain and not self.request.stream:
                await self._begin_plainly(plan)
            else:
                walk = cascade(plan.steps, self.exchange.p_good)
                await self._walk(walk, next(walk), plan)
        finally:
            unwatch()
            for timer in self.reminders:
                timer.cancel()
            if self.tasks:
                await hang_up(self.tasks.values())
            for call in self.calls.values():
                call.free()

    async def _begin_plainly(self, plan: Plan) -> None:
        """Ask a plain step for a whole answer. If it comes, nothing is left to decide, and no cascade is made.

        After any other event the cascade is made, and told of the event.
        """
        self._ask(FIRST, plan, alone=True)
        event = await self._next_event()
        if type(event) is Replied:
            await self.outgoing.release(self.calls[FIRST.call])
            await self._finish(Finish(Outcome.ANSWERED, FIRST.call))
            return
        walk = cascade(plan.steps, self.exchange.p_good)
        next(walk)  # its first command has been carried out
        await self._walk(walk, walk.send(event), plan)

    async def _walk(self, walk: Cascade, commands: Commands, plan: Plan) -> None:
        while True:
            for command in commands:
                if isinstance(command, Finish):
                    await self._finish(command)
                    return
                await self._obey(command, plan, alone=len(commands) == 1)
            event = await self._next_event()
            if isinstance(event, Tick):
                await self.outgoing.say_waiting()
                self._tick_later()
            commands = walk.send(event)

    async def _next_event(self) -> Event:
        if self._next is not None:
            await self._carry_out(self._next)
        event = await self.events.get()
        if isinstance(event, BaseException):
            raise event
        return event

    async def _obey(self, command: Command, plan: Plan, *, alone: bool) -> None:
        match command:
            case Ask():
                self._ask(command, plan, alone=alone)
            case Verify():
                self._verify(command, plan)
            case Release(call, degraded):
                self.exchange.degraded = degraded
                await self.outgoing.release(self.calls[call])
            case Cancel(call) if call in self.tasks:
                self.calls[call].abandoned = True
                await hang_up((self.tasks[call],))
            case Moved(reason):
                note_move(self.exchange, reason)
                self._fell = reason is Reason.FALLBACK

    def _verify(self, look: Verify, plan: Plan) -> None:
        """Have the judges look at a call, unless it was too large to keep: then it has failed, or was sent already."""
        call = self.calls[look.call]
        if call.forgotten:
            if look.late:
                self.events.put(Judged(look.call, NOT_JUDGED))
            return
        self.events.put(self.verifying.verify(look, plan.steps[call.planned.step]))

    def _ask(self, ask: Ask, plan: Plan, *, alone: bool) -> None:
        step = plan.steps[ask.step]
        name = step.members[ask.member]
        if ask.question is None:
            note_move(self.exchange, ask.reason)
            error = self._refusal(ask, plan, name)
            if error is not None:
                self.events.put(Failed(ask.call, error))
                return
        elif ask.question.upstream:
            name = ask.question.upstream
            self.deps.breakers.allows(name, self.deps.clock_us())  # if its breaker was open, this call is the probe
        lesson = None if ask.retries is None else self.calls[ask.retries].lesson
        planned = plan_call(ask, plan.steps, self.request, self.deps.upstreams[name].spec, lesson)
        if ask.hedges is not None:
            planned = replace(planned, hedges=self.calls[ask.hedges].attempt.id)
        if step.resort:
            planned = resorted(self.deps, self.exchange, planned, step)
        if self.origin is not None:
            planned = replace(planned, origin=self.origin, patient=False)
        elif self.request.stream and may_be_compared(self.deps, self.exchange, name):
            planned = replace(planned, kept=True)
        request = worded(planned, self.request, ask.call)
        kind = StreamedCall if request.stream else OpenCall
        call = kind(self.deps, self.exchange, request, planned)
        self.calls[ask.call] = call
        if ask.patience_ms is not None:
            self._remind(ask.patience_ms, Overdue(ask.call))
        if ask.race_ms is not None:
            self._remind(ask.race_ms, Hurry(ask.step))
        if ask.hedge_ms is not None:
            self.reminders.append(asyncio.get_running_loop().call_later(ask.hedge_ms / 1000, self._hedge, call))
        if alone and not (self.request.stream or self.reminders or self.tasks):
            self._next = call
            return
        self.tasks[ask.call] = asyncio.create_task(call.run(self.events.put))
        self.tasks[ask.call].add_done_callback(self._tell_bug)

    def _hedge(self, call: OpenCall) -> None:
        """Ask the same once more if nothing has come, the breaker is not open and the retry budget allows it."""
        is_open = self.deps.breakers.is_open(call.planned.upstream, self.deps.clock_us())
        if call.silent and not is_open and self.deps.retries.take():
            self.events.put(Silent(call.planned.number))

    async def _carry_out(self, call: OpenCall) -> None:
        """Run the only call under way in this task. Only the client's leaving can interrupt it, so it needs no task of
        its own, which would cost as much as a policy."""
        task = asyncio.current_task()
        assert task is not None
        self._next, self._carrying = None, (call, task)
        try:
            await call.run(self.events.put)
        except asyncio.CancelledError:
            if not self._left or task.uncancel():
                raise  # somebody else's cancellation
        finally:
            self._carrying = None

    def _client_left(self) -> None:
        self.events.put(Gone())
        if self._carrying is not None:
            call, task = self._carrying
            call.abandoned, self._left = True, True
            task.cancel()

    def _refusal(self, ask: Ask, plan: Plan, name: str) -> UpstreamError | None:
        """The error of a member that is not asked; None if it is."""
        if self.deps.breakers.in_trouble(name):
            answered = any(call.answered for call in self.calls.values())
            error = skip_if_open(self.deps, self.exchange, plan, ask, answered=answered)
            if error is not None:
                return error
        if ask.reason is Reason.FALLBACK or self._fell:
            return self.deps.spills.refusal(self.deps, self.exchange, plan, ask.step, name)
        return None

    def _remind(self, after_ms: float, event: Event) -> None:
        self.reminders.append(asyncio.get_running_loop().call_later(after_ms / 1000, self.events.put, event))

    def _tell_bug(self, task: "asyncio.Task[None]") -> None:
        """End the request if a call raised a bug; ordinary failures come as events."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.events.put(error)

    async def _finish(self, finish: Finish) -> None:
        await self.outgoing.finish(finish, None if finish.call is None else self.calls[finish.call])

    def _tick_later(self) -> None:
        self._remind(1000 * self.outgoing.silence_s, Tick())


async def hang_up(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel the tasks of calls, and wait until each has settled its attempt."""
    open_ones = [task for task in tasks if not task.done()]
    for task in open_ones:
        task.cancel()
    if open_ones:
        await asyncio.gather(*open_ones, return_exceptions=True)
