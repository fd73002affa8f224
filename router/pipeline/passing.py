"""Passes a request on to the baseline unchanged, and records it: no judge, no translation."""

import asyncio
from dataclasses import dataclass, replace

from router.core.errors import BadRequest, UpstreamError, UpstreamFailed
from router.core.exchange import Attempt, Exchange, Origin, Outcome, Reason
from router.core.fallback import name_of
from router.core.ports import PassesThrough
from router.core.prices import UNKNOWN, Price, Usage
from router.core.upstream import OpenStream, Passage
from router.pipeline.callers import callers_own, token_for
from router.pipeline.dependencies import Dependencies
from router.pipeline.headers import response_headers
from router.pipeline.opening import Opening, check, opened
from router.pipeline.searching import searched
from router.pipeline.sink import Sink, Start

RULE = "passthrough"


@dataclass(slots=True)
class Passing:
    """One request that is passed on. Its cost is recorded as unknown unless `price` is given.

    `policy`: the key's own, None for the default one; its `local_only` rules hold. `to`: the upstream that the request
    goes to; "" is the baseline.
    """

    deps: Dependencies
    exchange: Exchange
    passage: Passage
    policy: str | None = None
    to: str = ""
    origin: Origin = Origin.SERVE
    price: Price = UNKNOWN
    started: bool = False

    async def run(self, sink: Sink) -> None:
        """Pass the request on, and its answer back, whatever its status.

        Raises the RouterError to answer with if no answer came.
        """
        policy = self.deps.policies.get(self.policy or self.deps.settings.default_policy)
        self.passage = await searched(self.deps, self.exchange, self.passage, policy)
        upstream = self._upstream()
        opening = Opening(self.exchange.upstream, self.origin, Reason.FIRST, self.price)
        attempt = opened(self.deps, self.exchange, opening)
        reply: OpenStream | None = None
        error, status = "internal_error", None  # anything not caught below is a bug; its row is closed too
        try:
            key = token_for(self.deps.upstreams[self.exchange.upstream].spec, self.passage.key)
            reply = await upstream.pass_on(replace(self.passage, key=key))
            status = reply.status
            self._tell_breaker(status)
            await self._answer(reply, sink)
            error = _refusal(status)
        except asyncio.CancelledError:
            error = "cancelled"
            raise
        except UpstreamError as failed:
            spec = self.deps.upstreams[self.exchange.upstream].spec
            if not callers_own(spec, self.passage.key, failed):
                self.deps.breakers.failed(spec, failed, self.deps.clock_us())
            error, status = name_of(failed), failed.upstream_status
            self.exchange.error = error
            raise
        finally:
            if reply is not None:
                await reply.close()
            self._settle(attempt, error or None, status)
        self.exchange.outcome = Outcome.FAILED if error else Outcome.ANSWERED
        self.exchange.error = error or None

    def _upstream(self) -> PassesThrough:
        """The upstream it goes to. Raises BadRequest if that one cannot pass requests on."""
        name = self.to or self.deps.settings.baseline
        exchange = self.exchange
        exchange.baseline = exchange.upstream = name
        exchange.named, exchange.rule, exchange.plan = True, RULE, (name,)
        exchange.config_digest = self.deps.settings.config_digest
        upstream = self.deps.upstreams[name]
        check(self.deps, exchange, name)
        if not isinstance(upstream, PassesThrough):
            raise BadRequest(
                f"The upstream {name!r} cannot pass requests on: only one that is not local, has one address and is of "
                "the kind `openai` or `anthropic` can.",
                code="unsupported_parameter",
            )
        return upstream

    def _tell_breaker(self, status: int) -> None:
        """Count a server error against the upstream's breaker, anything else as an answer."""
        spec, now = self.deps.upstreams[self.exchange.upstream].spec, self.deps.clock_us()
        if status < 500:
            self.deps.breakers.answered(spec.name, now)
            return
        failed = UpstreamFailed(f"upstream {spec.name!r} answered {status}", upstream=spec.name, upstream_status=status)
        self.deps.breakers.failed(spec, failed, now)

    async def _answer(self, reply: OpenStream, sink: Sink) -> None:
        exchange, now = self.exchange, self.deps.clock_us()
        exchange.status, exchange.stream = reply.status, True
        exchange.ttft_ms = (now - exchange.started_at) / 1000
        self.started = True
        headers = {**reply.headers, **response_headers(self.deps, exchange, now, whole=False)}
        await sink.start(Start(reply.status, reply.content_type, headers))
        async for chunk in reply.chunks:
            await sink.send(chunk)
        await sink.end()

    def _settle(self, attempt: Attempt, error: str | None, status: int | None) -> None:
        # A refusal means that nothing was done. A gateway's 504 only means that it stopped waiting.
        refused = status is None or (status >= 400 and status != 504)
        used = None if refused else Usage(source="estimate")
        self.exchange.attempts[0] = attempt.finished(self.deps.clock_us(), error=error, status=status, usage=used)


def _refusal(status: int) -> str:
    """The ledger's word for an upstream that answered and did not do what was asked; "" where it did."""
    if status < 400:
        return ""
    return str(status) if status < 500 else str(UpstreamFailed.code)
