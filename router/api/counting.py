"""`POST /v1/messages/count_tokens`: counted by whoever would answer, where that speaks Messages; else an estimate.

The header `x-router-count` says which.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import orjson
from starlette.requests import Request
from starlette.responses import Response

from router.api.body import read_body
from router.api.chat import headers_of, identify, read_options, token_of
from router.api.dialects import FORWARDED
from router.api.tags import metadata_of
from router.api.telling import ids, told
from router.core.dialects.messages.messages import count_tokens
from router.core.errors import Forbidden, LedgerUnwritable, RouterError, UpstreamError, UpstreamRefused
from router.core.exchange import Exchange, Origin
from router.core.prices import FREE
from router.core.upstream import Passage
from router.pipeline.beside import beside
from router.pipeline.counting import Countable, countable
from router.pipeline.intake import Share
from router.pipeline.passing import Passing
from router.pipeline.sink import Start
from router.runtime import Runtime

COUNT_S = 5.0
ANSWER_LIMIT = 2**20
HEADER = "x-router-count"
ESTIMATE: Mapping[str, str] = {HEADER: "estimate"}


async def count(request: Request) -> Response:
    """The count in Anthropic's shape; errors have that shape too."""
    runtime: Runtime = request.app.state.runtime
    exchange = runtime.pipeline.open()
    exchange.dialect = "messages"
    try:
        with runtime.share() as share:
            return await _counted(request, share, exchange)
    except RouterError as error:
        return told(request, error, name=exchange.id)


async def _counted(request: Request, share: Share, exchange: Exchange) -> Response:
    runtime: Runtime = request.app.state.runtime
    headers = headers_of(request.scope)
    key = identify(runtime, headers, has_body=True)
    raw = await read_body(request.receive, headers, share)
    estimate = await beside(len(raw), count_tokens, raw)  # first, because it says what is wrong with the body
    exchange.key = key.name
    options = read_options(headers, key, metadata_of("messages", orjson.loads(raw)))
    found = await beside(len(raw), countable, runtime.pipeline.deps, exchange, raw, options)
    answer = await _asked(runtime, found, options.policy, headers) if found else None
    return answer or Response(
        estimate, media_type="application/json", headers={**ESTIMATE, **ids(request, exchange.id)}
    )


async def _asked(runtime: Runtime, found: Countable, policy: str | None, headers: Mapping[str, str]) -> Response | None:
    """What the upstream says, None where it says no count in time. Raises the refusal of a caller's own token."""
    deps, exchange = runtime.pipeline.deps, found.exchange
    passage = Passage(
        method="POST",
        path="messages/count_tokens",
        headers={"content-type": "application/json"} | {name: headers[name] for name in FORWARDED if name in headers},
        body=_once(found.body),
        key=token_of(runtime, headers) if deps.passes_keys else "",
    )
    kept = Kept()
    passing = Passing(deps, exchange, passage, policy, to=found.upstream, origin=Origin.COUNT, price=FREE)
    try:
        async with asyncio.timeout(COUNT_S):
            await passing.run(kept)
    except (UpstreamError, Forbidden, TimeoutError) as error:
        if isinstance(error, UpstreamRefused) and error.callers:
            raise
        return None
    finally:
        # What was sent stands in the ledger; a count is no exchange, which reports would take for a request.
        runtime.telemetry.add_calls(exchange.attempts)
        with suppress(LedgerUnwritable):
            for attempt in exchange.attempts:
                deps.store.append(attempt)
    return kept.response()


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


@dataclass(slots=True)
class Kept:
    """A sink that keeps one small answer. It goes on taking one that is larger, and keeps none of it."""

    start_line: Start | None = None
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    async def start(self, start: Start) -> None:
        """Keep status and headers."""
        self.start_line = start

    async def send(self, chunk: bytes) -> None:
        """Keep a piece, unless it is too much for a count."""
        self.size += len(chunk)
        if self.size <= ANSWER_LIMIT:
            self.parts.append(chunk)
        else:
            self.parts.clear()

    async def end(self) -> None:
        """It is whole."""

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Nobody leaves whom it would hold up."""
        return lambda: None

    def response(self) -> Response | None:
        """The answer for the client: a count, or a refusal of what it sent; None for any other."""
        start = self.start_line
        if start is None or start.status == 429 or start.status >= 500 or self.size > ANSWER_LIMIT:
            return None
        shown = {name: value for name, value in start.headers.items() if name.startswith(("x-", "request-id"))}
        body = b"".join(self.parts)
        return Response(body, start.status, {**shown, HEADER: "upstream"}, media_type=start.content_type)
