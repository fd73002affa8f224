"""Kind `anthropic`: Anthropic's own API, spoken as it is to its own clients and by translation to all others."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace

import orjson
from msgspec import structs

from router.core.dialects.messages.incoming import error_from_anthropic, from_anthropic
from router.core.dialects.messages.outgoing import Claude, to_anthropic
from router.core.dialects.messages.reader import Reader
from router.core.errors import BadRequest, UpstreamError, UpstreamFailed, UpstreamRefused
from router.core.reply import parsed
from router.core.stream import EventSplitter
from router.core.upstream import Call, OpenStream, Passage, Reply, UpstreamSpec, UpstreamState
from router.upstreams.openai_compatible import OpenAICompatible

VERSION = "2023-06-01"
MESSAGES, CHAT = "/messages", "/chat/completions"
KEY_HEADER = "x-api-key"
LOGIN = "sk-ant-oat"  # how the token of a login begins: it travels as a bearer token, a key does not


class Anthropic:
    """Sends Messages bodies byte for byte with the client's `anthropic-version` and `anthropic-beta`; a chat body
    is said again in Messages, and its answer, its errors and its usage come back as a chat's.

    The wire is that of kind `openai`. Options: `max_tokens`, asked where a chat sets no limit, and `adaptive`,
    false for models that take thinking as a budget.
    """

    def __init__(self, spec: UpstreamSpec) -> None:
        self.spec = spec
        self._wire = OpenAICompatible(_wire_spec(spec))
        self._claude = Claude(
            **{name: spec.options[name] for name in ("max_tokens", "adaptive") if name in spec.options}
        )

    async def send(self, call: Call) -> Reply:
        """The whole answer, in the dialect that was asked in. Raises UpstreamError."""
        if call.path != CHAT:
            return await self._wire.send(_keyed(call))
        try:
            reply = await self._wire.send(self._translated(call))
        except UpstreamError as error:
            raise _as_chat(error) from error
        chat = from_anthropic(reply.decoded or orjson.loads(reply.body), int(time.time()))
        return structs.replace(reply, body=orjson.dumps(chat), content_type="application/json", decoded=chat)

    async def stream(self, call: Call) -> OpenStream:
        """An open stream of the dialect that was asked in. Raises UpstreamError until it is open."""
        if call.path != CHAT:
            return await self._wire.stream(_keyed(call))
        try:
            opened = await self._wire.stream(self._translated(call))
        except UpstreamError as error:
            raise _as_chat(error) from error
        reader = Reader(int(time.time()))
        return structs.replace(opened, chunks=self._chunks(opened, reader), counted=lambda: reader.usage)

    async def pass_on(self, passage: Passage) -> OpenStream:
        """As kind `openai`: files, batches and whatever else its API has."""
        if passage.key and not passage.key.startswith(LOGIN):
            passage = replace(passage, headers={**passage.headers, KEY_HEADER: passage.key}, key="")
        return await self._wire.pass_on(passage)

    async def state(self) -> UpstreamState:
        """What its list of models says, within a second."""
        return await self._wire.state()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._wire.aclose()

    def _translated(self, call: Call) -> Call:
        """The call in Messages. Raises UpstreamRefused for what Anthropic has no word for."""
        try:
            body = orjson.dumps(to_anthropic(orjson.loads(call.body), self._claude).body)
        except (BadRequest, orjson.JSONEncodeError) as error:
            raise self._unsayable(error) from error
        return _keyed(structs.replace(call, body=body, path=MESSAGES))

    def _unsayable(self, error: Exception) -> UpstreamRefused:
        message = getattr(error, "message", "the body is nested too deep")
        param, code = getattr(error, "param", None), getattr(error, "code", None) or "unsupported_parameter"
        body = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}
        name = self.spec.name
        return UpstreamRefused(
            f"upstream {name!r} cannot be told this: {message}",
            upstream=name,
            upstream_status=400,
            body=orjson.dumps(body),
            code=code,
        )

    async def _chunks(self, opened: OpenStream, reader: Reader) -> AsyncIterator[bytes]:
        splitter = EventSplitter()
        async for chunk in opened.chunks:
            try:
                events = splitter.feed(chunk)
            except ValueError as error:
                name = self.spec.name
                raise UpstreamFailed(str(error), upstream=name, upstream_status=200, code="event_too_large") from error
            said = b"".join(map(reader.read, events))
            if reader.begun:  # hidden thinking is no chunk
                opened.heard()
            if said:
                yield said


def _wire_spec(spec: UpstreamSpec) -> UpstreamSpec:
    """The row as the wire needs it: the key in Anthropic's header, a version for clients that name none."""
    bare = spec.url.removesuffix("/")
    url = bare if bare.endswith("/v1") else f"{bare}/v1"
    headers = {"anthropic-version": VERSION, **({KEY_HEADER: spec.key} if spec.key else {}), **spec.headers}
    return replace(spec, url=url, key=None, headers=headers)


def _keyed(call: Call) -> Call:
    """The call with the caller's own key, if it brings one, in the header that Anthropic reads it from."""
    if not call.key or call.key.startswith(LOGIN):
        return call
    return structs.replace(call, headers={**call.headers, KEY_HEADER: call.key}, key="")


def _as_chat(error: UpstreamError) -> UpstreamError:
    """The same failure with its body and its code in OpenAI's words."""
    said = parsed(error.body) if error.body else None
    if isinstance(said, dict) and said.get("type") == "error":
        translated = error_from_anthropic(said)
        error.body, error.content_type = orjson.dumps(translated), "application/json"
        error.code = translated["error"]["code"] or error.code
    return error
