"""`/v1/*` that is nothing of ours: on to the baseline for keys with the scope, 404 for everybody else."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from router.api.body import READ_S, ClientLeft
from router.api.chat import headers_of, identify, read_options, token_of, wants_local
from router.api.sink import AsgiSink
from router.core.errors import Forbidden, RequestError, RouterError, TooSlow
from router.core.exchange import Outcome
from router.core.keys import Key
from router.core.upstream import Passage
from router.pipeline.passing import Passing
from router.pipeline.pipeline import Pipeline
from router.runtime import Runtime

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What may be said of a body or asked of an answer; never who asks, nor anything of ours.
FORWARDED = (
    "content-type content-length content-encoding accept range if-none-match idempotency-key "
    "openai-beta anthropic-version anthropic-beta"
).split()
PLAIN = re.compile(r"[A-Za-z0-9_-]+(?:[./:~][A-Za-z0-9_-]+)*/?")


class PassthroughEndpoint:
    """An ASGI application for whatever no other route takes."""

    def __init__(self, runtime: Runtime, known: Mapping[str, str]) -> None:
        """`known`: paths that are there for other methods, and which."""
        self._runtime = runtime
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or say why not."""
        headers, pipeline = headers_of(scope), self._runtime.pipeline
        path = scope["path"].removeprefix("/v1/")
        if scope["path"] in self._known:
            raise HTTPException(405, headers={"allow": self._known[scope["path"]]})
        key = self._allowed(headers, path)
        upload = Upload(receive)
        sink = AsgiSink(receive, send)
        exchange = pipeline.open()
        exchange.dialect, exchange.entrypoint, exchange.key = "passthrough", f"/v1/{path}"[:200], key.name
        try:
            exchange.tags = read_options(headers, key).tags
            if key.local_only or wants_local(headers):
                exchange.local_only = True
                raise Forbidden("`local_only`: nothing is passed on for this key.", code="local_only")
        except RouterError as error:
            await pipeline.refuse(exchange, error, sink)
            pipeline.close(exchange)
            return
        passage = Passage(
            method=scope["method"],
            path=path,
            query=scope["query_string"].decode("latin-1"),
            headers={name: headers[name] for name in FORWARDED if name in headers},
            body=upload if upload.expected(headers) else None,
            key=token_of(self._runtime, headers) if pipeline.deps.passes_keys else "",
        )
        work = asyncio.ensure_future(
            _carry(pipeline, Passing(pipeline.deps, exchange, passage, key.policy), upload, sink)
        )
        leaving = asyncio.ensure_future(upload.left())
        try:
            await asyncio.wait((work, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
            await asyncio.gather(work, return_exceptions=not work.done())
        finally:
            leaving.cancel()

    def _allowed(self, headers: Mapping[str, str], path: str) -> Key:
        """Who asks. Raises the error that says why it is not passed on."""
        key = identify(self._runtime, headers, has_body=False)
        if not (PLAIN.fullmatch(path) and key.may_pass(path)):
            raise HTTPException(404)
        return key


async def _carry(pipeline: Pipeline, passing: Passing, upload: "Upload", sink: AsgiSink) -> None:
    """Run it to its end and close its row; cancelled, the client has left."""
    exchange = passing.exchange
    try:
        await passing.run(sink)
    except RouterError as error:
        failure = upload.broken or error  # the wire only knows that the body broke off
        if isinstance(failure, ClientLeft):
            exchange.outcome = Outcome.ABORTED
            return
        await pipeline.refuse(exchange, failure, sink, started=passing.started)
        if passing.started:
            raise  # the server cuts the connection: half a file must not pass for one
    except asyncio.CancelledError:
        exchange.outcome = Outcome.ABORTED
        raise
    finally:
        pipeline.close(exchange)


class Upload:
    """A request's body as it comes, and the word that its client has left. Iterate over it once."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._whole = asyncio.Event()
        self.broken: RequestError | None = None

    def expected(self, headers: Mapping[str, str]) -> bool:
        """Whether the request brings a body, whatever its method: only then is one waited for."""
        brings = "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
        if not brings:
            self._whole.set()
        return brings

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self._next()
            if message["type"] == "http.disconnect":
                self.broken = ClientLeft("The connection closed before the body was whole.")
                raise self.broken
            more = message.get("more_body", False)
            yield message.get("body", b"")
        self._whole.set()

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(READ_S):
                return await self._receive()
        except TimeoutError:
            self.broken = TooSlow(f"Nothing of the body came for {READ_S:.0f} s. Send it faster.")
            raise self.broken from None

    async def left(self) -> None:
        """Return when the client has left after its body was whole."""
        await self._whole.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
