"""An open answer as chunks the moment they arrive, with its budgets for silence and for the whole."""

import asyncio
from typing import Literal, Self

import aiohttp

from router.core.errors import UpstreamError, UpstreamFailed, UpstreamTimeout
from router.core.upstream import UpstreamSpec
from router.upstreams.post import Answer

Late = Literal["first token", "idle", "total"]


class Wire:
    """Iterates over an answer's bytes. Nothing is buffered, joined or parsed.

    One timer watches each stream and looks at it only when a budget may be spent, so that a chunk
    costs a clock reading and no timer. Silence counts only while somebody waits for a chunk: a
    client that reads slowly never makes its upstream look idle. `heard()` ends the budget of the first
    token, which pings and roles do not; with `any_byte` the first chunk does.
    """

    def __init__(
        self,
        spec: UpstreamSpec,
        response: Answer | aiohttp.ClientResponse,
        started: float,
        *,
        any_byte: bool = False,
    ) -> None:
        self._spec = spec
        self._response = response
        self._loop = asyncio.get_running_loop()
        self._total_at = started + spec.timeouts.total_s
        self._first_at = self._silent_at = started + spec.timeouts.first_token_s
        self._heard = False
        self._any_byte = any_byte
        self._late: Late | None = None
        self._timer = self._armed()

    def __aiter__(self) -> Self:
        return self

    def heard(self) -> None:
        """A token has come: from now on only silence counts."""
        self._heard = True

    async def __anext__(self) -> bytes:
        self._silent_at = self._loop.time() + self._spec.timeouts.idle_s if self._heard else self._first_at
        try:
            chunk = await self._response.content.readany()
        except (aiohttp.ClientError, OSError) as error:
            self._hang_up()
            raise self._broken() from error
        except asyncio.CancelledError:
            self._hang_up()
            raise
        if not chunk:
            self._timer.cancel()
            raise StopAsyncIteration
        self._heard |= self._any_byte
        self._silent_at = float("inf")
        return chunk

    async def close(self) -> None:
        """Hang up now; after the proper end it does nothing, and the connection was kept."""
        self._hang_up()

    def _hang_up(self) -> None:
        self._timer.cancel()
        self._response.close()

    def _armed(self) -> asyncio.TimerHandle:
        soonest_idle = self._loop.time() + self._spec.timeouts.idle_s
        return self._loop.call_at(min(self._silent_at, self._total_at, soonest_idle), self._look)

    def _look(self) -> None:
        now, due = self._loop.time(), min(self._silent_at, self._total_at)
        if due > now:
            self._timer = self._armed()
            return
        self._late = "total" if due == self._total_at else "idle" if self._heard else "first token"
        self._response.close()

    def _broken(self) -> UpstreamError:
        if self._late is not None:
            return late(self._spec, self._late)
        status = self._response.status
        return UpstreamFailed(
            f"the stream of upstream {self._spec.name!r} broke off before its end",
            upstream=self._spec.name,
            upstream_status=status,
            code="stream_interrupted",
        )


def late(spec: UpstreamSpec, phase: Late | Literal["connect"]) -> UpstreamTimeout:
    """The timeout of a phase, with its budget and the key that widens it."""
    field = f"{phase.replace(' ', '_')}_s"
    budget: float = getattr(spec.timeouts, field)
    return UpstreamTimeout(
        f"upstream {spec.name!r} took longer than {field} = {budget:g} s (upstreams.{spec.name}.timeout.{field})",
        upstream=spec.name,
        code=f"timeout_{phase.replace(' ', '_')}",
    )
