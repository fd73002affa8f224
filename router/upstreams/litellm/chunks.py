"""A stream of litellm's as server-sent events, with its budgets, and never passed off as whole when it is not."""

import asyncio
from typing import Any, Literal, Self

from router.core.errors import UpstreamError
from router.core.upstream import UpstreamSpec
from router.upstreams.litellm.failure import RAISED, interrupted, translated
from router.upstreams.litellm.reply import event, usage_event
from router.upstreams.wire import late

DONE = b"data: [DONE]\n\n"


class Chunks:
    """Iterates over the bytes of the answer; `began` is the loop's time at which the call was made.

    litellm ends every stream with a finish reason, its own where the provider gave none. Such an
    answer was cut off, and raises UpstreamFailed `stream_interrupted` instead of that last chunk.
    """

    def __init__(self, spec: UpstreamSpec, answer: Any, began: float, raised: tuple[type[Exception], ...]) -> None:
        self._spec = spec
        self._answer = answer
        self._raised: tuple[type[Exception], ...] = (*raised, *RAISED)
        self._total_at = began + spec.timeouts.total_s
        self._first = True
        self._usage: Any = None
        self._held: bytes | None = None
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def begin(self) -> None:
        """Wait for the first event, so that a refusal is one before anything was promised."""
        self._held = await self._next()

    async def __anext__(self) -> bytes:
        if self._held is not None:
            held, self._held = self._held, None
            return held
        try:
            async with asyncio.timeout(min(self._spec.timeouts.idle_s, self._left())):
                return await self._next()
        except TimeoutError as error:
            await self.close()
            phase: Literal["idle", "total"] = "idle" if self._left() > 0 else "total"
            raise late(self._spec, phase) from error

    async def close(self) -> None:
        """Hang up now; after the end it does nothing."""
        self._ended = True
        await self._answer.aclose()

    def _left(self) -> float:
        return max(0.0, self._total_at - asyncio.get_running_loop().time())

    async def _next(self) -> bytes:
        while not self._ended:
            try:
                chunk = (await anext(self._answer)).model_dump()
            except StopAsyncIteration:
                return self._end()
            except self._raised as error:
                await self.close()
                raise self._wrong(error) from error
            if chunk.get("usage") and _was_counted(self._answer):
                self._usage = chunk
            if made := self._made(chunk):
                return made
        raise StopAsyncIteration

    def _made(self, chunk: Any) -> bytes:
        """The event a chunk becomes; b"" for usage alone, which comes last. Raises UpstreamFailed for a made-up end."""
        choices = chunk.get("choices") or ()
        finished = any(choice.get("finish_reason") for choice in choices)
        if finished and not _was_finished(self._answer):
            raise interrupted(self._spec)
        if not choices or not (finished or self._first or any(_says(choice) for choice in choices)):
            return b""
        made, self._first = event(chunk, first=self._first), False
        return made

    def _end(self) -> bytes:
        self._ended = True
        return (usage_event(self._usage) if self._usage else b"") + DONE

    def _wrong(self, error: Exception) -> UpstreamError:
        return translated(self._spec, error) if self._first else _broken(self._spec, error)


def _says(choice: Any) -> bool:
    delta = choice.get("delta") or {}
    return any(value for name, value in delta.items() if name not in ("role", "provider_specific_fields"))


def _was_finished(answer: Any) -> bool:
    """Whether the provider itself gave a finish reason, and not litellm in its place."""
    names = ("received_finish_reason", "intermittent_finish_reason", "received_any_finish_reason")
    return any(getattr(answer, name, None) for name in names)


def _was_counted(answer: Any) -> bool:
    """Whether the provider itself said what was used, and not litellm's own tokenizer in its place."""
    return any(getattr(chunk, "usage", None) for chunk in getattr(answer, "chunks", ()))


def _broken(spec: UpstreamSpec, error: Exception) -> UpstreamError:
    """What ends a stream that had begun: a timeout stays one, everything else broke it off."""
    wrong = translated(spec, error)
    return wrong if wrong.status == 504 else interrupted(spec)
