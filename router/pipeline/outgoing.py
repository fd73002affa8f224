"""The reply to one client: started, kept alive, sent and ended."""

from router.core.dialects.chat import ChatRequest
from router.core.dialects.way import broken_off
from router.core.exchange import Exchange, Outcome
from router.core.fallback import name_of
from router.core.moves import Finish
from router.pipeline.calls import TRUNCATED, OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.headers import late_headers, response_headers
from router.pipeline.intake import LONG
from router.pipeline.sink import Sink, Start

WAITING = b": waiting\n\n"
PING = b": ping\n\n"


class Outgoing:
    """What has gone out to one client so far. `early`: the head went out before it was known who answers."""

    started = False
    early = False
    _released: OpenCall | None = None
    _seen: object = None

    def __init__(self, deps: Dependencies, exchange: Exchange, request: ChatRequest, sink: Sink) -> None:
        self.deps = deps
        self.exchange = exchange
        self.request = request
        self.sink = sink

    @property
    def silence_s(self) -> float:
        """The seconds after which a client that has heard nothing is sent a comment."""
        settings = self.deps.settings
        return settings.ping_s if self._released else settings.commit_s

    async def release(self, call: OpenCall) -> None:
        """Start the reply if need be, send what was kept of `call`, and let it send the rest."""
        self.exchange.upstream = call.planned.upstream
        self.exchange.reply_id = call.reply_id
        self.exchange.served = call.attempt.id
        self._note_cut(call)
        await self._start(call.content_type, call.length)
        while call.parts:  # a prefix goes on growing while it is sent
            parts, call.parts = call.parts, []
            await self._send(parts[0] if len(parts) == 1 else b"".join(parts), whole=call.reply is not None)
        call.release_to(self.sink)
        self._released = call

    async def finish(self, finish: Finish, call: OpenCall | None) -> None:
        """End the reply as `finish` says; `call` is the one it speaks of. Raises its error if nothing was sent yet."""
        exchange = self.exchange
        exchange.outcome = finish.outcome
        if call is not None and finish.outcome is Outcome.ANSWERED:
            self._note_cut(call)
        if finish.error is not None:
            exchange.error = name_of(finish.error)
            if not self.started:
                raise finish.error
            await self.sink.send(broken_off(self.request, None if call is None else call.way, finish.error))
        if finish.outcome is Outcome.ABORTED:
            return
        if self.early:
            await self.sink.send(late_headers(self.deps, exchange, self.deps.clock_us()))
        await self.sink.end()

    async def say_waiting(self) -> None:
        """Send a comment on a stream that is held or silent, so that no proxy on the way takes it for dead.

        A stream that is held starts with it, and with the headers known so far.
        """
        if self._released is None:
            self.early = True
            await self._start("text/event-stream", None)
            await self.sink.send(WAITING)
        else:
            chunk = self._released.tap.chunk
            if chunk is self._seen:  # nothing has come since the last tick
                await self.sink.send(PING)
            self._seen = chunk

    async def _send(self, chunk: bytes, *, whole: bool) -> None:
        """Send bytes. Of a long whole answer it is noted how long that took: the client's time, and not ours."""
        before = self.deps.clock_us() if whole and len(chunk) > LONG else None
        await self.sink.send(chunk)
        if before is not None:
            self.exchange.waited_us += self.deps.clock_us() - before

    def _note_cut(self, call: OpenCall) -> None:
        """Mark the exchange as degraded if its prompt was cut; of a stream that is known only at its end."""
        if call.cut:
            self.exchange.degraded, self.exchange.error = True, TRUNCATED

    async def _start(self, content_type: str, length: int | None) -> None:
        if self.started:
            return
        self.started = True
        now = self.deps.clock_us()
        self.exchange.ttft_ms = (now - self.exchange.started_at) / 1000
        self.exchange.status = 200
        headers = response_headers(self.deps, self.exchange, now, whole=length is not None)
        await self.sink.start(Start(200, content_type, headers, length))
