"""The one place that makes upstream calls, whoever asks: check, journal, send, settle."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import orjson

from router.core.cascade import Began, Event, Failed, Replied
from router.core.dialects.chat import ChatRequest
from router.core.errors import Forbidden, LedgerUnwritable, UpstreamError, UpstreamFailed
from router.core.exchange import Attempt, Exchange, Origin, Reason
from router.core.fallback import name_of
from router.core.ids import uuid7
from router.core.ports import Answer, Upstream
from router.core.prices import Usage
from router.core.splice import splice
from router.core.stream import ChatTap, EventSplitter, answer_of, estimate, reply_id_of, usage_of_body
from router.core.tokens import prompt_tokens
from router.core.upstream import Call, OpenStream, Reply
from router.pipeline.kit import Kit, Sink

logger = logging.getLogger("smallfirst")

Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Errand:
    """What one call is for: the request it carries and its place in the plan."""

    number: int
    step: int
    upstream: str
    reason: Reason
    held: bool
    origin: Origin = Origin.SERVE


class OpenCall:
    """One call from its journal record to its settled row.

    `released` is set by whoever serves the client; until then everything that came is kept in
    `parts`. `reply` is the whole answer of a call that was not streamed.
    """

    def __init__(self, kit: Kit, exchange: Exchange, request: ChatRequest, errand: Errand) -> None:
        self.kit = kit
        self.exchange = exchange
        self.request = request
        self.errand = errand
        self.upstream: Upstream = kit.upstreams[errand.upstream]
        self.released = asyncio.Event()
        self.parts: list[bytes] = []
        self.reply: Reply | None = None
        self.tap = ChatTap(gather=errand.held)
        self.sink: Sink | None = None
        self.attempt = self._opened()

    def _opened(self) -> Attempt:
        """Check and journal. Raises Forbidden or LedgerUnwritable; then nothing is sent."""
        spec = self.upstream.spec
        if self.exchange.local_only and not spec.local:
            raise Forbidden(f"`local_only`: {spec.name!r} is not local, so nothing was sent there.", code="local_only")
        now = self.kit.clock_us()
        attempt = Attempt(
            id=uuid7(now, self.kit.random_bytes),
            exchange=self.exchange.id,
            step=self.errand.step,
            origin=self.errand.origin,
            reason=self.errand.reason,
            upstream=spec.name,
            model=spec.model,
            local=spec.local,
            started_at=now,
            price=spec.price,
        )
        self._journal(attempt)
        self.exchange.attempts.append(attempt)
        return attempt

    def _journal(self, attempt: Attempt) -> None:
        try:
            self.kit.store.append(attempt)
        except LedgerUnwritable as error:
            if self.kit.settings.fail_closed:
                raise
            logger.error("an attempt could not be journalled: %s", error.message, extra={"exchange": self.exchange.id})

    async def run(self, tell: Tell) -> None:
        """Make the call and tell what happens: Began (a stream), then Replied or Failed, once."""
        try:
            if self.request.stream:
                await self._stream(tell)
            else:
                await self._send()
        except UpstreamError as error:
            self._settle(error=name_of(error), status=error.upstream_status)
            tell(Failed(self.errand.number, error))
        except asyncio.CancelledError:
            self._settle(error="cancelled", status=None)
            raise
        else:
            self._settle(error=None, status=200)
            tell(Replied(self.errand.number))

    @property
    def reply_id(self) -> str:
        """The id that the reply itself carries, "" where it has none."""
        return self.tap.reply_id if self.reply is None else reply_id_of(self.reply.body)

    @property
    def content_type(self) -> str:
        """What the upstream called its reply."""
        return "text/event-stream" if self.reply is None else self.reply.content_type

    @property
    def length(self) -> int | None:
        """The size of a whole reply in bytes, None for a stream."""
        return None if self.reply is None else sum(map(len, self.parts))

    def answer(self) -> Answer:
        """The reply as judges see it. Raises UpstreamFailed when the body is no chat completion."""
        if self.reply is None:
            return self.tap.answer()
        return answer_of(self.reply.body)

    async def _send(self) -> None:
        self.reply = await self.upstream.send(self._call())
        self.parts = [self._renamed(self.reply.body)]

    async def _stream(self, tell: Tell) -> None:
        opened = await self.upstream.stream(self._call())
        try:
            await self._read(opened, tell)
        finally:
            await opened.close()
        if not self.tap.complete:
            raise self._failed("the stream ended before the answer did", "stream_interrupted")

    async def _read(self, opened: OpenStream, tell: Tell) -> None:
        splitter, began = EventSplitter(), False
        async for chunk in opened.chunks:
            events = [self._renamed_event(event) for event in splitter.feed(chunk) if self._wanted(event)]
            if not events:
                continue
            if not began and self.tap.begun:
                began = True
                self._first_byte()
                tell(Began(self.errand.number))
                if not self.errand.held:
                    await self.released.wait()
            await self._pass_on(b"".join(events))

    def _wanted(self, event: bytes) -> bool:
        """Whether the client should see the event; raises on an error inside the stream."""
        self.tap.feed(event)
        if self.tap.error is not None:
            raise self._failed(str(self.tap.error.get("message") or self.tap.error), "in_band")
        return self.request.wants_usage or not self.tap.usage_only

    async def _pass_on(self, data: bytes) -> None:
        if self.released.is_set() and self.sink is not None:
            await self.sink.send(data)
        else:
            self.parts.append(data)

    def _renamed(self, body: bytes) -> bytes:
        """The reply under the name the client asked for, where the operator wants that (`reply_model`)."""
        if self.kit.settings.reply_model != "requested":
            return body
        return splice(body, {"model": orjson.dumps(self.request.model)})

    def _renamed_event(self, event: bytes) -> bytes:
        head, brace, rest = event.partition(b"{")
        if self.kit.settings.reply_model != "requested" or not brace:
            return event
        end = rest.rindex(b"}") + 1
        return head + self._renamed(brace + rest[:end]) + rest[end:]

    def _first_byte(self) -> None:
        ttft_ms = (self.kit.clock_us() - self.attempt.started_at) / 1000
        self._keep(replace(self.attempt, ttft_ms=ttft_ms))

    def _call(self) -> Call:
        return Call(
            attempt=self.attempt.id,
            body=self.request.encoded(self.upstream.spec.model),
            request=self.request.body,
            traceparent=self.exchange.traceparent,
        )

    def _failed(self, message: str, code: str) -> UpstreamFailed:
        return UpstreamFailed(message, upstream=self.errand.upstream, upstream_status=200, code=code)

    def _settle(self, *, error: str | None, status: int | None) -> None:
        if self.attempt.ended_at is not None:
            return
        ended = self.attempt.finished(self.kit.clock_us(), error=error, status=status, usage=self._usage())
        self._keep(ended)

    def _usage(self) -> Usage | None:
        """What the upstream counted; an estimate where text came without a count; None where nothing came."""
        counted = usage_of_body(self.reply.body) if self.reply else self.tap.counted
        if counted is not None:
            return counted
        if self.reply is None and not self.tap.begun:
            return None
        received = self.tap.chars if self.reply is None else len(str(self.answer().message.get("content") or ""))
        return estimate(prompt_tokens(self.request.body), received)

    def _keep(self, attempt: Attempt) -> None:
        index = self.exchange.attempts.index(self.attempt)
        self.exchange.attempts[index] = attempt
        self.attempt = attempt
