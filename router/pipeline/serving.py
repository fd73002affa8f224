"""The shell around one cascade: obeys its commands, tells it what happened, feeds the client."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from policies.policy import Plan
from router.core.cascade import Ask, Cancel, Cascade, Event, Finish, Gone, Judged, Release, Tick, Verify, cascade
from router.core.dialects.chat import ChatRequest, error_event, midway
from router.core.errors import UpstreamError
from router.core.exchange import ACCEPT, Exchange, Outcome, Reason, Verdict
from router.core.fallback import name_of
from router.pipeline.calls import Errand, OpenCall
from router.pipeline.headers import late, response_headers
from router.pipeline.kit import Kit, Sink, Start
from router.pipeline.mailbox import Mailbox

WAITING = b": waiting\n\n"


class Serving:
    """Carries out one plan for one client. Make it, `run` it once."""

    def __init__(self, kit: Kit, exchange: Exchange, request: ChatRequest, sink: Sink) -> None:
        self.kit = kit
        self.exchange = exchange
        self.request = request
        self.sink = sink
        self.events = Mailbox[Event | BaseException]()
        self.calls: dict[int, OpenCall] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.started = False
        self.early = False

    async def run(self, plan: Plan) -> None:
        """Walk `plan` to its end and write outcome, answerer and error into the exchange.

        Raises the RouterError that should be the client's answer when nothing was sent yet.
        """
        unwatch = self.sink.watch(lambda: self.events.put(Gone()))
        ticker = self._tick_later()
        try:
            await self._walk(cascade(plan.steps), plan)
        finally:
            unwatch()
            if ticker is not None:
                ticker.cancel()
            await self._hang_up(*self.tasks)

    async def _walk(self, walk: Cascade, plan: Plan) -> None:
        commands = next(walk)
        while True:
            for command in commands:
                match command:
                    case Ask():
                        self._ask(command, plan)
                    case Verify(call):
                        self._verify(call, plan.steps[self.calls[call].errand.step].judges)
                    case Release(call, degraded):
                        self.exchange.degraded = degraded
                        await self._release(call)
                    case Cancel(call):
                        await self._hang_up(call)
                    case Finish():
                        await self._finish(command)
                        return
            event = await self.events.get()
            if isinstance(event, BaseException):
                raise event
            if isinstance(event, Tick):
                await self._say_waiting()
            commands = walk.send(event)

    def _ask(self, ask: Ask, plan: Plan) -> None:
        self._note_why(ask)
        step = plan.steps[ask.step]
        again = self.calls[ask.call - 1] if ask.reason is Reason.RETRY else None
        lesson = again.lesson if again else None
        patient = ask.step == len(plan.steps) - 1
        errand = Errand(ask.call, ask.step, step.upstream, ask.reason, ask.held, patient=patient, lesson=lesson)
        call = OpenCall(self.kit, self.exchange, self.request, errand)
        self.calls[ask.call] = call
        self.tasks[ask.call] = asyncio.create_task(call.run(self.events.put))
        self.tasks[ask.call].add_done_callback(self._tell_bug)

    def _tell_bug(self, task: "asyncio.Task[None]") -> None:
        """A call tells its failures as events; anything else it raises is a bug, which ends the request."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self.events.put(error)

    def _note_why(self, ask: Ask) -> None:
        """Escalation and fallback are two words, two headers: the verdict, or the failure, that moved it on."""
        if ask.reason is Reason.ESCALATION and self.exchange.verdicts:
            last = self.exchange.verdicts[-1]
            self.exchange.escalated = last.judge
        elif ask.reason is Reason.FALLBACK:
            self.exchange.fallback = self.exchange.attempts[-1].error

    def _verify(self, number: int, names: Sequence[str]) -> None:
        """Let the judges look, cheapest first as the policy wrote them, stopping at the first that escalates."""
        call = self.calls[number]
        answer = call.answer()
        verdict = Verdict("none", ACCEPT, "nobody judged", attempt=call.attempt.id)
        for name in names:
            found = self.kit.judges[name].judge(self.request.body, answer, self.exchange.verdicts)
            verdict = replace(found, attempt=call.attempt.id)
            self.exchange.verdicts.append(verdict)
            if verdict.action != ACCEPT:
                break
        self.events.put(Judged(number, verdict))

    async def _release(self, number: int) -> None:
        """Start the reply if need be, send what was kept, and let the rest of the call through."""
        call = self.calls[number]
        self.exchange.upstream = call.errand.upstream
        self.exchange.reply_id = call.reply_id
        await self._start(200, call.content_type, call.length)
        parts, call.parts = call.parts, []
        if parts:
            await self.sink.send(b"".join(parts))
        call.sink = self.sink
        call.released.set()

    async def _start(self, status: int, content_type: str, length: int | None) -> None:
        if self.started:
            return
        self.started = True
        now = self.kit.clock_us()
        self.exchange.ttft_ms = (now - self.exchange.started_at) / 1000
        self.exchange.status = status
        headers = response_headers(self.kit, self.exchange, now, whole=length is not None)
        await self.sink.start(Start(status, content_type, headers, length))

    async def _finish(self, finish: Finish) -> None:
        exchange = self.exchange
        exchange.outcome = finish.outcome
        if finish.error is not None:
            exchange.error = name_of(finish.error)
            if not self.started:
                raise finish.error
            await self.sink.send(self._broken_off(finish.call, finish.error))
        if finish.outcome is Outcome.ABORTED:
            return
        if self.early:
            await self.sink.send(late(self.kit, exchange, self.kit.clock_us()))
        await self.sink.end()

    def _broken_off(self, number: int | None, error: UpstreamError) -> bytes:
        """The end of a stream that has begun under our status and failed, in the words of its dialect."""
        told, shown = self.request.told, midway(error)
        if number is not None:
            return self.calls[number].way.fail(shown)
        return error_event(shown) if told is None else told.dialect.writer(told.request).fail(shown)

    def _tick_later(self) -> asyncio.TimerHandle | None:
        if not self.request.stream:
            return None
        loop = asyncio.get_running_loop()
        return loop.call_later(self.kit.settings.commit_s, self.events.put, Tick())

    async def _say_waiting(self) -> None:
        """A held stream that keeps its client waiting sends the headers known so far, and comments."""
        if self.exchange.upstream:
            return
        self.early = True
        await self._start(200, "text/event-stream", None)
        await self.sink.send(WAITING)
        self._tick_later()

    async def _hang_up(self, *numbers: int) -> None:
        """Cancel calls and wait until each has written its end: a cancelled attempt is a settled one."""
        tasks = [self.tasks[number] for number in numbers if not self.tasks[number].done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
