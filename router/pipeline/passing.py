"""A request that is nothing of ours, passed on to the baseline whole and written down: no judge, no translation."""

import logging
from dataclasses import dataclass, replace

from router.core.errors import BadRequest, Forbidden, LedgerUnwritable, UpstreamError, UpstreamFailed
from router.core.exchange import Attempt, Exchange, Origin, Outcome, Reason
from router.core.fallback import name_of
from router.core.ids import uuid7
from router.core.ports import Passes
from router.core.prices import UNKNOWN, Price, Usage
from router.core.upstream import OpenStream, Passage
from router.pipeline.callers import own, token_for
from router.pipeline.headers import response_headers
from router.pipeline.kit import Kit, Sink, Start
from router.pipeline.searching import searched
from router.pipeline.staying import allowed

logger = logging.getLogger("smallfirst")

RULE = "passthrough"


@dataclass(slots=True)
class Passing:
    """One such request. What it cost is not known, and is written down as that, unless `price` says more.

    `policy`: the key's own, whose `local_only` rules hold; the default one's where it has none. `to`: the upstream that
    it goes to; "" is the baseline.
    """

    kit: Kit
    exchange: Exchange
    passage: Passage
    policy: str | None = None
    to: str = ""
    origin: Origin = Origin.SERVE
    price: Price = UNKNOWN
    started: bool = False

    async def run(self, sink: Sink) -> None:
        """Pass it on and its answer back, whatever the status. Raises the RouterError that is the client's answer."""
        policy = self.kit.policies.get(self.policy or self.kit.settings.default_policy)
        self.passage = await searched(self.kit, self.exchange, self.passage, policy)
        upstream = self._upstream()
        attempt = self._opened()
        opened: OpenStream | None = None
        error, status = "cancelled", None
        try:
            key = token_for(self.kit.upstreams[self.exchange.upstream].spec, self.passage.key)
            opened = await upstream.pass_on(replace(self.passage, key=key))
            status = opened.status
            self._tell_breaker(status)
            await self._answer(opened, sink)
            error = ""
        except UpstreamError as failed:
            spec = self.kit.upstreams[self.exchange.upstream].spec
            if not own(spec, self.passage.key, failed):
                self.kit.breakers.failed(spec, failed, self.kit.clock_us())
            error, status = name_of(failed), failed.upstream_status
            raise
        finally:
            if opened is not None:
                await opened.close()
            self._settle(attempt, error or None, status)
        self.exchange.outcome = Outcome.ANSWERED

    def _upstream(self) -> Passes:
        """Whom it goes to. Raises BadRequest where that passes nothing on."""
        name = self.to or self.kit.settings.baseline
        exchange = self.exchange
        exchange.baseline = exchange.upstream = name
        exchange.named, exchange.rule, exchange.plan = True, RULE, (name,)
        exchange.config_digest = self.kit.settings.config_digest
        upstream = self.kit.upstreams[name]
        if exchange.local_only and not self.kit.stays(name):
            raise Forbidden(f"`local_only`: {name!r} is not local, so nothing was passed on.", code="local_only")
        seen_by = allowed(self.kit, exchange.tags)
        if seen_by is not None and name not in seen_by:
            raise Forbidden(f"`egress`: {name!r} may not see what these tags stand for.", code="egress")
        if not isinstance(upstream, Passes):
            raise BadRequest(
                f"The upstream {name!r} passes nothing on: only an upstream elsewhere, on one address and of the kind "
                "`openai` or `anthropic`, does.",
                code="unsupported_parameter",
            )
        return upstream

    def _opened(self) -> Attempt:
        """The attempt, on disk before anything leaves."""
        spec, now = self.kit.upstreams[self.exchange.upstream].spec, self.kit.clock_us()
        reach = self.kit.reach(spec.name)
        attempt = Attempt(
            id=uuid7(now, self.kit.random_bytes),
            exchange=self.exchange.id,
            step=0,
            origin=self.origin,
            reason=Reason.FIRST,
            upstream=spec.name,
            model=spec.model,
            local=self.kit.stays(spec.name),
            local_only=self.exchange.local_only,
            egress=reach.egress,
            host=reach.host,
            tags=self.exchange.tags,
            key=self.exchange.key,
            policy=self.exchange.policy,
            rule=self.exchange.rule,
            started_at=now,
            price=self.price,
        )
        try:
            self.kit.store.append(attempt)
        except LedgerUnwritable as error:
            if self.kit.settings.fail_closed:
                raise
            logger.error("an attempt could not be journalled: %s", error.message, extra={"exchange": self.exchange.id})
        self.exchange.attempts.append(attempt)
        return attempt

    def _tell_breaker(self, status: int) -> None:
        """A server error is passed on as it is, and counts against the baseline; anything else says that it lives."""
        spec, now = self.kit.upstreams[self.exchange.upstream].spec, self.kit.clock_us()
        if status < 500:
            self.kit.breakers.answered(spec.name, now)
            return
        failed = UpstreamFailed(f"upstream {spec.name!r} answered {status}", upstream=spec.name, upstream_status=status)
        self.kit.breakers.failed(spec, failed, now)

    async def _answer(self, opened: OpenStream, sink: Sink) -> None:
        exchange, now = self.exchange, self.kit.clock_us()
        exchange.status, exchange.stream = opened.status, True
        exchange.ttft_ms = (now - exchange.started_at) / 1000
        self.started = True
        headers = {**opened.headers, **response_headers(self.kit, exchange, now, whole=False)}
        await sink.start(Start(opened.status, opened.content_type, headers))
        async for chunk in opened.chunks:
            await sink.send(chunk)
        await sink.end()

    def _settle(self, attempt: Attempt, error: str | None, status: int | None) -> None:
        used = Usage(source="estimate") if status is not None else None
        self.exchange.attempts[0] = attempt.finished(self.kit.clock_us(), error=error, status=status, usage=used)
