"""`POST /v1/chat/completions`: a raw handler, for this is the hot path."""

import logging
import re
from collections.abc import Iterable, Mapping
from functools import partial

from msgspec.structs import replace
from starlette.types import Receive, Scope, Send

from router.api.auth import authenticate, guard_open_mode, known_key, own_token
from router.api.body import READ_S, ClientLeft, read_body
from router.api.idempotency import HEADER, Named, once
from router.api.sink import AsgiSink
from router.api.tags import HEADER as TAGS
from router.api.tags import tags_of, with_metadata
from router.core.dialects.catalogue import http_error
from router.core.dialects.chat import ChatRequest, parse
from router.core.errors import BadRequest, RouterError, Unauthenticated
from router.core.exchange import Exchange
from router.core.keys import Key
from router.core.session import named_session
from router.pipeline.beside import beside
from router.pipeline.intake import Share
from router.pipeline.options import RequestOptions
from router.pipeline.sink import Start
from router.runtime import Runtime

logger = logging.getLogger("smallfirst")

MAX_LOSS = "x-router-max-loss"
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class ChatEndpoint:
    """An ASGI application for the one route: authenticate, read, parse, hand to the pipeline."""

    dialect = "chat"

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every error has the dialect's own shape, a bug of ours too."""
        sink, exchange = AsgiSink(receive, send, scope), self.runtime.pipeline.open()
        exchange.dialect = self.dialect
        try:
            with self.runtime.share() as share:
                await self._answer(headers_of(scope), receive, sink, share, exchange)
        except Exception as error:  # the API's last handler: a bug is logged whole and shown as a 500
            logger.error("a request broke", exc_info=error)
            if not sink.started:
                await self._apologise(sink, exchange.id)
            # A reply that had begun cannot be mended: the server cuts its connection.

    async def _answer(
        self, headers: Mapping[str, str], receive: Receive, sink: AsgiSink, share: Share, exchange: Exchange
    ) -> None:
        pipeline = self.runtime.pipeline
        try:
            key = identify(self.runtime, headers, has_body=True)
            exchange.key = key.name
            patience_s = None if sink.is_asked_whole() else READ_S
            raw = await read_body(receive, headers, share, patience_s=patience_s)
            request = await beside(len(raw), self.parse, raw, headers)
            if pipeline.deps.passes_keys:
                request = replace(request, token=token_of(self.runtime, headers))
            options = read_options(headers, key, self.metadata(request))
        except ClientLeft:
            return
        except RouterError as error:
            await pipeline.refuse(exchange, error, sink)
            if not isinstance(error, Unauthenticated):
                pipeline.close(exchange)
            return
        named = headers.get(HEADER)
        if named is None:
            await pipeline.handle(exchange, request, options, sink)
            return
        handle = partial(pipeline.handle, exchange, request, options)
        await once(self.runtime.replays, pipeline, Named(named, raw, exchange, request.token), sink, handle)

    def parse(self, raw: bytes, headers: Mapping[str, str]) -> ChatRequest:
        """The request in `raw`. Raises BadRequest naming the parameter."""
        return parse(raw)

    def metadata(self, request: ChatRequest) -> object:
        """What the client says of its request inside its body."""
        return request.body.get("metadata")

    async def _apologise(self, sink: AsgiSink, name: str) -> None:
        status, content_type, body = http_error(self.dialect, internal_error())
        names = ("x-request-id", "x-router-exchange", *(("request-id",) if self.dialect == "messages" else ()))
        await sink.start(Start(status, content_type, dict.fromkeys(names, name), len(body)))
        await sink.send(body)


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers by lower-case name; lines of one name are a list, with commas (RFC 9110, 5.3).

    So no line hides another: of two tags both count, and two hosts or two credentials are none.
    """
    lines = scope["headers"]
    headers = {str(name, "latin-1"): str(value, "latin-1") for name, value in lines}
    return headers if len(headers) == len(lines) else _joined(lines)


def _joined(lines: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    values: dict[str, dict[str, None]] = {}
    for name, value in lines:
        values.setdefault(name.decode("latin-1"), {})[value.decode("latin-1")] = None
    return {name: ", ".join(said) for name, said in values.items()}


def internal_error() -> RouterError:
    """What a client is told of a bug of ours."""
    return RouterError("Something went wrong in the proxy; the operator finds it in the log.", code="internal_error")


def identify(runtime: Runtime, headers: Mapping[str, str], *, has_body: bool) -> Key:
    """Who asks, by the configured mode."""
    if runtime.config.auth == "required":
        return authenticate(headers, runtime.keys)
    anyone = guard_open_mode(headers, has_body=has_body)
    return known_key(headers, runtime.keys) or anyone


def token_of(runtime: Runtime, headers: Mapping[str, str]) -> str:
    """The caller's own token, for upstreams that are asked with it."""
    return own_token(headers, runtime.keys, runtime.config.admin_key)


def read_options(headers: Mapping[str, str], key: Key, metadata: object = None) -> RequestOptions:
    """The `x-router-*` request headers, and the tags in a body's `metadata`.

    A key's own policy and `local_only` are never loosened by them.
    Raises BadRequest for what cannot be read, and for a promise that nothing here can prove yet.
    """
    if MAX_LOSS in headers:
        message = (
            f"`{MAX_LOSS}` asks for a promise, and there are no certificates yet that could keep it. Leave it out."
        )
        raise BadRequest(message, param=MAX_LOSS, code="unsupported_parameter")
    tags = tags_of(headers.get(TAGS, ""))
    return RequestOptions(
        policy=key.policy or headers.get("x-router-policy"),
        bound=key.policy is not None,
        upstream=None if key.policy else headers.get("x-router-upstream"),
        local_only=key.local_only or wants_local(headers),
        session=named_session(headers),
        tags=tags if metadata is None else with_metadata(tags, metadata),
        traceparent=_traceparent(headers),
        client_retry=_client_retry(headers),
    )


def wants_local(headers: Mapping[str, str]) -> bool:
    """Whether any value of `x-router-local-only` says that the request stays."""
    said = headers.get("x-router-local-only")
    return said is not None and any(value.strip() not in ("0", "false", "") for value in said.split(","))


def _traceparent(headers: Mapping[str, str]) -> str | None:
    """The header where it is one (W3C Trace Context); it travels on, so nothing else may stand in it."""
    said = headers.get("traceparent", "")
    return said if said and TRACEPARENT.fullmatch(said) else None


def _client_retry(headers: Mapping[str, str]) -> int:
    """How often the client's SDK says it has sent this request before; 0 for the first time and for nonsense."""
    said = headers.get("x-stainless-retry-count", "0")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0
