"""A call whose answer is a stream: reads it event by event, and holds it back or passes it on."""

import asyncio

from msgspec.structs import replace

from router.core.logprobs import bare, without_in_event
from router.core.moves import Began, Grown
from router.core.prefix import Threshold
from router.core.stream import EventSplitter, Seen
from router.core.upstream import OpenStream
from router.pipeline.call_failure import in_band
from router.pipeline.calls import OpenCall, Tell
from router.pipeline.holding import Holding, weight_of


class StreamedCall(OpenCall):
    """A call whose answer is streamed. The answer is gathered only if judges or a shadow will read it."""

    content_type = "text/event-stream"

    @property
    def _counted_in(self) -> Holding:
        """Where the memory of its answer is counted: what streams hold back has a limit of its own."""
        return self.deps.holding

    async def _carry_out(self, tell: Tell) -> None:
        stream = await self.upstream.stream(self._call())
        self.machine = stream.machine
        try:
            await self._read(stream, tell)
        finally:
            self._partly = stream.counted()
            await stream.close()
        if not self.tap.complete:
            raise self._failed("the stream ended before the answer did", "stream_interrupted")
        self._look_for_a_cut(self.tap.usage)

    async def _read(self, opened: OpenStream, tell: Tell) -> None:
        splitter = EventSplitter()
        async for chunk in opened.chunks:
            self._received += len(chunk)
            try:
                events = splitter.feed(chunk)
            except ValueError as error:
                raise self._failed(str(error), "event_too_large") from error
            begun = self.began
            for event in events:
                await self._take(event, tell)
            if self.began and not begun:
                opened.heard()
            await self._pass_on()
        if rest := splitter.rest():
            await self._take(rest + b"\n\n", tell)
        if self.tap.complete and (last := self.way.end()):
            self.parts.append(last)
        await self._pass_on()

    async def _take(self, event: bytes, tell: Tell) -> None:
        """Read one event, and keep what it becomes for the client."""
        seen = self.tap.feed(event)
        if seen is Seen.ERROR:
            raise in_band(self.upstream.spec, self.tap)
        if not self.began and self.tap.began:
            self.began = True
            await self._begin(tell)
        if self.planned.hide_logprobs:  # the tap has read them by now; a translated event is built from its chunk
            event = without_in_event(event)
            bare(self.tap.chunk)
        if said := self.way.tell(event, seen):
            self.parts.append(said)
            self._bound(weight_of(event, said))
            if self._threshold is not None and self.sink is None and self._due(self._threshold):
                tell(Grown(self.planned.number))

    def _bound(self, size: int) -> None:
        """Count the memory that is held back for judges. Raises UpstreamFailed beyond the limit."""
        if self.sink is None:
            too_much = self.deps.holding.take(self._kept, size)
            self._kept += size
            if too_much:
                self.parts.clear()  # the exchange keeps this call to its end, and its bytes are not needed
                self.tap.forget()
                raise self._failed(too_much, "answer_too_large")

    async def _begin(self, tell: Tell) -> None:
        """Report the first token; then wait until the stream may be sent, unless it is held back."""
        ttft_ms = (self.deps.clock_us() - self.attempt.started_at) / 1000
        self._replace_attempt(replace(self.attempt, ttft_ms=ttft_ms))
        self.deps.breakers.began(self.planned.upstream, self.deps.clock_us())
        tell(Began(self.planned.number))
        if not self.planned.held and self.sink is None:
            self._released = asyncio.Event()
            await self._released.wait()

    async def _pass_on(self) -> None:
        """Send what has gathered, once released: one write for each chunk, however many events it held."""
        if self.sink is not None and self.parts:
            parts, self.parts = self.parts, []
            await self.sink.send(b"".join(parts))

    def _due(self, threshold: Threshold) -> bool:
        """Whether enough has come for judges to look at the prefix."""
        return threshold.due(self.tap.chars) and threshold.reached(self.tap.answer().message)
