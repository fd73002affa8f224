"""Kind `openai`: any server that speaks OpenAI's HTTP API, by aiohttp."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import parse_qsl

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from router.core.errors import UpstreamError, UpstreamFailed
from router.core.redact import secrets, spoken
from router.core.upstream import Call, OpenStream, Passage, Reply, UpstreamSpec, UpstreamState
from router.upstreams.abilities import Abilities, pages
from router.upstreams.budget import Budget
from router.upstreams.endpoint import base_url, headers_of, proxy_of, trust_of
from router.upstreams.failures import answer_in, failure, kept_headers, sendable, why_unreachable
from router.upstreams.naming import Resolver
from router.upstreams.post import Answer, Post
from router.upstreams.probe import Probe
from router.upstreams.reuse import KnowingConnector, NotHome
from router.upstreams.wire import Wire, late

ANSWER_LIMIT = 64 * 2**20
REFUSAL_LIMIT = 2**20
PIECE = 64 * 1024  # bytes of a whole answer, of which it is told how much has come
PASSED_BACK = ("content-disposition", "content-range", "accept-ranges", "etag", "last-modified")
KEEPALIVE_S = 4.0  # below the 5 s after which vLLM and other uvicorn servers close an idle connection


class OpenAICompatible:
    """Sends the bytes it is given and hands back the bytes that come, translating failures once.

    It never retries and follows no redirect. The client's own credentials never travel on, unless a call brings them
    as its `key`: only the spec's key and headers do. A whole answer has the budgets connect and total; a stream has
    connect, first token, idle and total.
    """

    def __init__(self, spec: UpstreamSpec) -> None:
        self.spec = spec
        self._base = base_url(spec)
        self._headers = headers_of(spec)
        self._body_type = self._headers["content-type"]
        self._secrets = secrets(spec)
        self._abilities = Abilities(spec)
        self._server = ""
        self._probe = Probe(spec, self._base)
        self._trust = trust_of(spec)
        self._proxy = proxy_of(spec)
        self._post = lru_cache(maxsize=64)(self._post_to)
        self._content_type = lru_cache(maxsize=64)(self._told_type)
        self._total = Budget(spec.timeouts.total_s)
        self._first_token = Budget(spec.timeouts.first_token_s)
        self._opened: aiohttp.ClientSession | None = None
        self._connector: KnowingConnector | None = None

    async def send(self, call: Call) -> Reply:
        """The whole answer, byte for byte. Raises UpstreamError, also for an error inside a 200."""
        try:
            with self._total.spent():
                response = await self._answered(call)
                reply = await self._read(response, ANSWER_LIMIT, call.came)
        except TimeoutError as error:
            raise late(self.spec, "total") from error
        return answer_in(self.spec, reply, self._secrets)

    async def stream(self, call: Call) -> OpenStream:
        """An open stream, as soon as 2xx and its headers came. Raises UpstreamError until then."""
        started = asyncio.get_running_loop().time()
        try:
            with self._first_token.spent():
                response = await self._answered(call)
                if not _streams(response):
                    raise await self._no_stream(response)
        except TimeoutError as error:
            raise late(self.spec, "first token") from error
        wire = Wire(self.spec, response, started)
        content_type = self._content_type(response.headers.get("content-type", ""))
        headers = kept_headers(response.headers, self._secrets)
        return OpenStream(response.status, wire, wire.close, content_type, headers, heard=wire.heard)

    async def pass_on(self, passage: Passage) -> OpenStream:
        """An answer of any status as it comes, for what is nothing of ours. Raises UpstreamError, also for a redirect
        and where our key was refused."""
        started = asyncio.get_running_loop().time()
        headers = CIMultiDict(passage.headers)
        if passage.key:
            headers["authorization"] = f"Bearer {passage.key}"
        try:
            with self._total.spent():
                response = await self._requested(passage, headers)
                if 300 <= response.status < 400 or response.status in (401, 403):
                    raise failure(self.spec, await self._read(response, REFUSAL_LIMIT))
        except TimeoutError as error:
            raise late(self.spec, "total") from error
        wire = Wire(self.spec, response, started, any_byte=True)
        shown = kept_headers(response.headers, self._secrets) | {
            name: spoken(self._secrets, response.headers[name])
            for name in PASSED_BACK
            if sendable(response.headers.get(name, "\n"))
        }
        content_type = self._content_type(response.headers.get("content-type", ""))
        return OpenStream(response.status, wire, wire.close, content_type, shown)

    async def _requested(self, passage: Passage, headers: CIMultiDict[str]) -> aiohttp.ClientResponse:
        url = self._url_of(passage.path).update_query(parse_qsl(passage.query, keep_blank_values=True))
        session = self._session()
        try:
            return await session.request(
                passage.method, url, data=passage.body, headers=headers, allow_redirects=False, proxy=self._proxy
            )
        except aiohttp.ConnectionTimeoutError as error:
            raise late(self.spec, "connect") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._no_answer(error) from error

    async def state(self) -> UpstreamState:
        """What the server says of itself, within a second. Never raises for a dead server."""
        state = await self._probe.state(self._session(), self._headers)
        if state.phase not in ("ready", "busy"):
            self._abilities.forget()  # what comes up next may be another server, or be started otherwise
        self._server = state.server
        server = state.server or self._abilities.server
        return replace(state, server=server, supports=self._abilities.found) if server else state

    async def explore(self, *, tokens: bool = True) -> None:
        """Find out what a local server can, once; with `tokens` also by answers of one token. Never raises."""
        page = pages(self._base, self._session(), self._headers)
        await self._abilities.explore(self._server, page, self.send if tokens else None)

    def forget(self) -> None:
        """Find out again at the next `explore`."""
        self._abilities.forget()

    def connected(self) -> tuple[URL, aiohttp.ClientSession, Mapping[str, str]]:
        """Address, session and headers of every request, for a kind that asks the same server other things."""
        return self._base, self._session(), self._headers

    async def aclose(self) -> None:
        """Close every connection."""
        self._total.close()
        self._first_token.close()
        session, self._opened = self._opened, None
        self._post.cache_clear()
        if session is not None:
            await session.close()

    async def _answered(self, call: Call) -> Answer | aiohttp.ClientResponse:
        """The response once its headers said 2xx; anything else raises, translated."""
        own_head = call.traceparent is not None or call.headers or call.key
        try:
            if own_head or self._proxy is not None:
                response: Answer | aiohttp.ClientResponse = await self._posted(call)
            else:
                response = await self._post(call.path).send(call.body)
        except aiohttp.ConnectionTimeoutError as error:
            raise late(self.spec, "connect") from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._no_answer(error) from error
        finally:
            if self._connector is not None:
                call.reached(self._connector.peer())
        if 200 <= response.status < 300:
            return response
        raise failure(self.spec, await self._read(response, REFUSAL_LIMIT))

    async def _posted(self, call: Call) -> aiohttp.ClientResponse:
        return await self._session().post(
            self._url_of(call.path),
            data=aiohttp.BytesPayload(call.body, content_type=self._body_type),
            headers=_more(call),
            allow_redirects=False,
            proxy=self._proxy,
        )

    async def _read(
        self, response: Answer | aiohttp.ClientResponse, limit: int, came: Callable[[int], None] | None = None
    ) -> Reply:
        """The body whole, in at most `limit` bytes. A body cut short or too long raises UpstreamFailed.

        `came` is told what has come of a long one, piece by piece, and ends the reading by raising.
        """
        content, size, told = response.content, 0, 0
        chunks: list[bytes] = []
        try:
            while chunk := await content.readany():
                chunks.append(chunk)
                size += len(chunk)
                if size - told > PIECE and came is not None:
                    came(size - told)
                    told = size
                if size > limit:
                    what = f"answered more than {limit:,} bytes"
                    raise self._failed(what, "answer_too_large", response.status, received=size)
                if content.at_eof():  # which spares asking once more to be told so
                    break
        except UpstreamError:
            chunks.clear()  # else the error's traceback would keep them as long as the error lasts
            raise
        except (aiohttp.ClientError, OSError) as error:
            what = "broke off inside its answer"
            raise self._failed(what, "answer_interrupted", response.status, received=size) from error
        finally:
            if not response.closed:  # once the end was read it is, and the connection back in the pool
                response.close()
        headers = response.headers
        content_type = self._content_type(headers.get("content-type", ""))
        return Reply(response.status, b"".join(chunks), content_type, headers)

    async def _no_stream(self, response: Answer | aiohttp.ClientResponse) -> UpstreamError:
        reply = await self._read(response, REFUSAL_LIMIT)
        answer_in(self.spec, reply)
        what, size = "was asked for a stream and sent a whole answer", len(reply.body)
        return self._failed(what, "no_stream", reply.status, received=size)

    def _no_answer(self, error: Exception) -> UpstreamFailed:
        """What a connection that gave no answer means; `unsent` is true for the keep-alive race only.

        A server may close an idle connection just as we use it again: nothing was read, so the
        request may go out once more. A *new* connection that dies took the request with it.
        """
        if isinstance(error, NotHome):
            what = (
                f"is said to be local and its name leads to {error}: nothing was sent; add its network to `premises:`"
            )
            return self._failed(what, "not_local")
        if isinstance(error, aiohttp.ClientConnectorError):
            reason = why_unreachable(error.os_error)
            running = "" if isinstance(error, aiohttp.ClientSSLError) else "; is it running?"
            return self._failed(f"cannot be reached: {reason}{running}", "unreachable")
        if isinstance(error, aiohttp.ClientResponseError):
            return self._failed("does not speak HTTP", "invalid_answer")
        failed = self._failed("closed the connection without an answer", "disconnected")
        failed.unsent = self._connector is not None and self._connector.reused()
        return failed

    def _failed(self, what: str, code: str, status: int | None = None, received: int = 0) -> UpstreamFailed:
        name = self.spec.name
        error = UpstreamFailed(f"upstream {name!r} {what}", upstream=name, upstream_status=status, code=code)
        error.received = received
        return error

    def _told_type(self, value: str) -> str:
        """What an answer is called, where its header may be told."""
        return spoken(self._secrets, value) if value and sendable(value) else "application/json"

    def _session(self) -> aiohttp.ClientSession:
        """The one session, opened at first use because it belongs to the running loop."""
        if self._opened is None:
            premises = self.spec.premises if self.spec.local else None
            resolver = Resolver(self.spec.timeouts.connect_s)
            self._connector = KnowingConnector(
                premises, limit=0, keepalive_timeout=KEEPALIVE_S, ssl=self._trust, resolver=resolver
            )
            headers = self._headers.copy()
            del headers["content-type"]  # that comes with a body
            self._opened = aiohttp.ClientSession(
                connector=self._connector,
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.spec.timeouts.connect_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._opened

    def _post_to(self, path: str) -> Post:
        return Post(self._session(), self._url_of(path), self._body_type)

    def _url_of(self, path: str) -> URL:
        return (self._base / path.lstrip("/")).update_query(self.spec.query)


def _more(call: Call) -> CIMultiDict[str]:
    """What one call sends beside the headers of every request."""
    headers = CIMultiDict(call.headers)
    if call.key:
        headers["authorization"] = f"Bearer {call.key}"
    if call.traceparent is not None:
        headers["traceparent"] = call.traceparent
    return headers


def _streams(response: Answer | aiohttp.ClientResponse) -> bool:
    """Whether the body may be events: not JSON, not a web page, not compressed."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return False
    return response.content_type not in ("application/json", "text/html")
