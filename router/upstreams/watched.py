"""A local upstream under watch: slots counted, window respected, speed known."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import orjson
from msgspec import structs

from router.core.errors import UpstreamRefused
from router.core.pace import Pace
from router.core.ports import Explorable, Upstream
from router.core.upstream import Call, OpenStream, Reply, UpstreamState
from router.upstreams.gate import Gate
from router.upstreams.llamacpp import LlamaCpp
from router.upstreams.lmstudio import LmStudio
from router.upstreams.openai_compatible import OpenAICompatible
from router.upstreams.pool import Pool
from router.upstreams.tokenizer import count_tokens

REFUSES = frozenset({"ollama-api", "llama.cpp", "vllm", "sglang", "tgi"})  # says 400 to a prompt that does not fit


class Watched:
    """Stands before a local upstream. What it adds to a call that surely fits is two additions.

    A prompt whose estimate is within its measured error of the window is counted by the server's own
    tokenizer; one that does not fit is refused here, and nothing is sent. A server that would cut it
    in silence gets none that might be too long.
    """

    def __init__(self, inner: Upstream, pace: Pace) -> None:
        self.inner, self.spec = inner, inner.spec
        self.pace = pace
        self.gate = Gate(inner.spec)
        if inner.spec.slots is not None:
            self.gate.slots = inner.spec.slots * max(1, len(inner.spec.urls))
        self._last = UpstreamState("loading")
        self._window = inner.spec.context
        self._studio: LmStudio | None = None
        self._cold = False

    async def send(self, call: Call) -> Reply:
        """As the upstream behind it. Raises NotReady `full`, UpstreamRefused `context_length_exceeded`."""
        if self._cold or not (self._fits(call) and self.gate.passed()):
            await self._may_go(call)
        try:
            return await self.inner.send(call)
        finally:
            self.gate.leave()

    async def stream(self, call: Call) -> OpenStream:
        """As the upstream behind it; the slot is free again when the stream is closed."""
        if self._cold or not (self._fits(call) and self.gate.passed()):
            await self._may_go(call)
        opened: OpenStream | None = None
        try:
            opened = await self.inner.stream(call)
        finally:
            if opened is None:
                self.gate.leave()
        return structs.replace(opened, close=_once(opened.close, self.gate.leave))

    async def state(self) -> UpstreamState:
        """What it says of itself, and what we know of its slots: the smaller number of free ones counts."""
        state = self._with_load(await self.inner.state())
        slots = state.slots or self.gate.slots
        self.gate.slots = slots
        free = state.free_slots
        if slots is not None:
            ours = max(0, slots - self.gate.inside)
            free = ours if free is None else min(free, ours)
        queue = (state.queue or 0) + self.gate.queue if state.queue is not None or self.gate.queue else state.queue
        if queue is None and slots is not None:
            queue = max(0, self.gate.inside - slots)
        phase = "busy" if state.phase == "ready" and free == 0 else state.phase
        detail = state.detail or ("every slot is taken" if phase == "busy" and free == 0 else "")
        self._last = replace(state, phase=phase, slots=slots, free_slots=free, queue=queue, detail=detail)
        self._window = state.context or self.spec.context
        return self._last

    @property
    def idle(self) -> bool:
        """Whether it could begin an answer now without making anyone wait."""
        return self.gate.idle and self._last.free_slots != 0

    def lend(self, recall: Callable[[], object]) -> Callable[[], None]:
        """Have `recall` called as soon as somebody finds no slot free; returns how to end the loan."""
        return self.gate.lend(recall)

    async def explore(self, *, tokens: bool = True) -> None:
        """Find out what the server behind can do, where it can be found out."""
        if isinstance(self.inner, Explorable):
            await self.inner.explore(tokens=tokens)

    def forget(self) -> None:
        """Find out again at the next `explore`."""
        if isinstance(self.inner, Explorable):
            self.inner.forget()

    async def aclose(self) -> None:
        """End a load that is under way, and let go of what is behind it."""
        if self._studio is not None:
            await self._studio.loading.aclose()
        await self.inner.aclose()

    def _with_load(self, state: UpstreamState) -> UpstreamState:
        """What is to be said of LM Studio's model where it is not in memory: that it must be loaded, or is being."""
        self._cold = state.server == "lmstudio" and state.resident is False and isinstance(self.inner, OpenAICompatible)
        if not self._cold:
            return state
        if self._studio is None:
            assert isinstance(self.inner, OpenAICompatible)
            self._studio = LmStudio(self.inner)
        loading = self._studio.loading
        if loading.running:
            return replace(state, phase="loading", detail="a load is under way", loads_in_s=loading.left_s)
        return replace(
            state, detail=state.detail or "not in memory; the first request loads it", loads_in_s=loading.takes_s
        )

    def _fits(self, call: Call) -> bool:
        window = self._window
        return call.tokens is None or window is None or self.pace.bound.surely_fits(call.tokens, window)

    async def _may_go(self, call: Call) -> None:
        window = self._window
        if call.tokens is not None and window is not None and not self._fits(call):
            await self._check_window(call, call.tokens, window)
        if self._cold and self._studio is not None:
            await self._studio.warmed(call)
            self._cold = False
        await self.gate.enter()

    async def _check_window(self, call: Call, tokens: int, window: int) -> None:
        """Decide near the window: our estimate cannot, so the server's tokenizer does."""
        if self.pace.bound.surely_too_long(tokens, window):
            raise self._too_long(f"about {tokens:,}", window)
        http, server = _spoken_to(self.inner), self._last.server
        counted = await count_tokens(http, server, call) if http is not None else None
        if counted is not None and counted >= window:
            raise self._too_long(f"{counted:,}", window)
        if counted is None and server not in REFUSES:
            raise self._too_long(f"about {tokens:,}, which may be more,", window)

    def _too_long(self, tokens: str, window: int) -> UpstreamRefused:
        name = self.spec.name
        message = f"upstream {name!r} was not asked: the prompt has {tokens} tokens and its window {window:,}"
        error = {"message": message, "type": "invalid_request_error", "param": "messages"}
        body = orjson.dumps({"error": error | {"code": "context_length_exceeded"}})
        return UpstreamRefused(message, upstream=name, upstream_status=400, code="context_length_exceeded", body=body)


def _spoken_to(inner: Upstream) -> OpenAICompatible | None:
    """Who speaks OpenAI's API to the server behind, where somebody does."""
    if isinstance(inner, Pool):
        return _spoken_to(inner.first)
    if isinstance(inner, LlamaCpp):
        return inner.server
    return inner if isinstance(inner, OpenAICompatible) else None


def _once(close: Callable[[], Awaitable[None]], leave: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    """Close, and give the slot back the first time only."""
    left = False

    async def closed() -> None:
        nonlocal left
        if not left:
            left = True
            leave()
        await close()

    return closed
