"""One request, a straight line. Read this top to bottom: it is the whole product."""

import asyncio
import logging
from collections.abc import Mapping

from classifier.task import question_key
from router.core.dialects.catalogue import http_error
from router.core.dialects.chat import ChatRequest
from router.core.errors import LedgerUnwritable, RequestError, RouterError
from router.core.exchange import Exchange, Outcome
from router.core.ids import uuid7
from router.core.retrying import retry_headers
from router.core.session import user_of
from router.pipeline.accounting import account, overhead_ms
from router.pipeline.agreeing import answer_of
from router.pipeline.beside import beside, searched_beside
from router.pipeline.deciding import choose_plan
from router.pipeline.dependencies import Dependencies
from router.pipeline.embedding import DIALECT, embedding_options
from router.pipeline.headers import response_headers
from router.pipeline.options import RequestOptions
from router.pipeline.serving import Serving
from router.pipeline.sessions import Turn
from router.pipeline.sink import Sink, Start
from router.pipeline.speaking import speakable

USER_LIMIT = 200
INTERNAL = "internal_error"

logger = logging.getLogger("smallfirst")


class Pipeline:
    """Answers requests with the parts of one `Dependencies`."""

    def __init__(self, deps: Dependencies) -> None:
        self.deps = deps

    def open(self) -> Exchange:
        """A new exchange, made before the body is read so that its time is counted."""
        now = self.deps.clock_us()
        return Exchange(id=uuid7(now, self.deps.random_bytes), started_at=now)

    async def handle(self, exchange: Exchange, request: ChatRequest, options: RequestOptions, sink: Sink) -> None:
        """Decide, ask, verify, escalate, account, reply and close. The row is written whatever happens."""
        exchange.stream = request.stream
        exchange.limit = request.most_tokens
        exchange.traceparent = options.traceparent
        exchange.client_retry = options.client_retry
        exchange.user = user_of(request.body)[:USER_LIMIT]
        serving = Serving(self.deps, exchange, request, sink)
        try:
            if request.original is not None and request.original.dialect.name == DIALECT:
                options = embedding_options(self.deps, request.model, options)
            options = await searched_beside(self.deps, request, options)
            plan = await beside(len(request.raw), choose_plan, self.deps, exchange, request, options)
            exchange.retry_of = self.deps.sessions.sent_before(exchange) if exchange.client_retry else ""
            if request.original is not None:
                plan = speakable(self.deps, exchange, request.original, plan)
            await serving.run(plan)
            if exchange.features:  # only now: the answer has gone out, so nobody waits for this
                salt = self.deps.settings.salt
                exchange.question = await beside(len(request.raw), question_key, request.body, salt)
            if self.deps.shadow is not None:
                self.deps.shadow(self.deps, exchange, request, lambda: answer_of(serving.calls, exchange.served))
        except RouterError as error:
            await self.refuse(exchange, error, sink, started=serving.outgoing.started)
        except asyncio.CancelledError:
            exchange.outcome = Outcome.INTERRUPTED
            raise
        finally:
            if exchange.outcome is None:  # whatever else was raised is a bug of ours
                exchange.outcome, exchange.error = Outcome.FAILED, INTERNAL
                exchange.status = exchange.status or 500
            self.close(exchange)

    async def refuse(self, exchange: Exchange, error: RouterError, sink: Sink, *, started: bool = False) -> None:
        """Answer with `error` in the client's dialect and with the usual headers, unless a reply has `started`."""
        exchange.outcome = Outcome.REFUSED if isinstance(error, RequestError) else Outcome.FAILED
        exchange.error = exchange.error or error.code
        if started:
            return
        exchange.status, content_type, body = http_error(exchange.dialect, error)
        headers = response_headers(self.deps, exchange, self.deps.clock_us(), whole=True)
        start = Start(exchange.status, content_type, retry_headers(error) | headers, len(body))
        await sink.start(start)
        await sink.send(body)
        await sink.end()

    def close(self, exchange: Exchange) -> None:
        """End, price and journal the exchange, then hand it to the observers."""
        now = self.deps.clock_us()
        exchange.outcome = exchange.outcome or Outcome.INTERRUPTED
        exchange.ended_at = now
        exchange.total_ms = (now - exchange.started_at) / 1000
        exchange.overhead_ms = overhead_ms(exchange, now)
        account(self.deps, exchange)
        if exchange.outcome is Outcome.ANSWERED:
            self._remember(exchange, now)
        else:
            self.deps.sessions.unanswered(exchange)
        try:
            self.deps.store.append(exchange)
        except LedgerUnwritable as error:
            logger.error("an exchange could not be journalled: %s", error.message, extra=_ids(exchange))
        for observer in self.deps.observers:
            observer.observe(exchange)

    def _remember(self, exchange: Exchange, now: int) -> None:
        alone = exchange.answerer in ("", exchange.upstream)
        used = next((a.usage for a in reversed(exchange.attempts) if a.upstream == exchange.upstream and a.usage), None)
        cached = used.cached + used.cache_write if used else 0
        self.deps.sessions.note(exchange.session, Turn(exchange.upstream, now, alone, cached))


def _ids(exchange: Exchange) -> Mapping[str, str]:
    return {"exchange": exchange.id}
