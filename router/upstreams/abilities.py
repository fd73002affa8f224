"""What a local server can do: read off its pages, then tried with answers of one token."""

import asyncio
import logging
import struct
import zlib
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import orjson
from yarl import URL

from router.core.errors import UpstreamError, UpstreamRefused
from router.core.prices import PriceState
from router.core.upstream import Call, Reply, UpstreamSpec
from router.upstreams.page import beginning
from router.upstreams.servers import OWNERS

logger = logging.getLogger("smallfirst")

Ask = Callable[[Call], Awaitable[Reply]]
Page = Callable[[str, bytes | None], Awaitable[Mapping[str, Any]]]
Found = dict[str, bool]

# These hold one model in memory for good, so one token costs nobody a load; the others tell what they can.
ASKED = frozenset({"vllm", "sglang", "tgi"})
TOOL = {"type": "function", "function": {"name": "nothing", "parameters": {"type": "object", "properties": {}}}}
MODELS = "models"
SIDE, TRIES, PAGE_S = 64, 3, 2.0


class Abilities:
    """Remembered for one server and model, until `forget`. Only local servers are ever asked for anything.

    A row that lists what it supports is not looked into, and no token is asked of an upstream with a
    price: nothing that anybody pays for is spent unasked.
    """

    def __init__(self, spec: UpstreamSpec) -> None:
        self._spec = spec
        self.found: Mapping[str, bool] = {}
        self.server = ""
        self._tries = 0
        self.forget()

    def forget(self) -> None:
        """Find out again: the server was unavailable, or the configuration was read again."""
        self.found = {}
        self._tries = TRIES if self._spec.local and self._spec.supports is None else 0

    async def explore(self, server: str, page: Page, ask: Ask | None) -> None:
        """Find out what a server of the kind `server` can; does nothing where that is known or cannot be.

        `ask` None: no token is asked for. A server that fails meanwhile is tried again at the next
        call, three times in all.
        """
        if not self._tries:
            return
        self._tries -= 1
        server = self.server = server or owner(await page(MODELS, None), self._spec.model)
        self.found = await _read(server, self._spec.model, page)
        if server in ASKED and ask is not None and self._spec.price.state is not PriceState.KNOWN:
            try:
                self.found = {**self.found, **await _asked(self._spec.model, ask)}
            except UpstreamError as error:
                logger.info("what upstream %r can was not found out: %s", self._spec.name, error.message)
                return
        self._tries = 0


def pages(base: URL, session: aiohttp.ClientSession, headers: Mapping[str, str]) -> Page:
    """How to read the pages of the server behind `base`; what cannot be read is an empty one."""
    root = base.parent if base.name == "v1" else base

    async def page(path: str, body: bytes | None) -> Mapping[str, Any]:
        method = "GET" if body is None else "POST"
        address = base / path if path == MODELS else root / path
        asked = session.request(method, address, data=body, headers=headers, allow_redirects=False)
        try:
            async with asyncio.timeout(PAGE_S), asked as response:
                read = await beginning(response)
                return _mapping(orjson.loads(read)) if response.status == 200 else {}
        except (aiohttp.ClientError, OSError, TimeoutError, orjson.JSONDecodeError):
            return {}

    return page


def owner(listed: Mapping[str, Any], model: str) -> str:
    """The kind of server, by who owns the model in its list of them; "" for a stranger."""
    rows = listed.get("data")
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    row = next((row for row in known if row.get("id") == model), known[0] if len(known) == 1 else {})
    said = row.get("owned_by")
    return OWNERS.get(said, "") if isinstance(said, str) else ""


async def _read(server: str, model: str, page: Page) -> Found:
    """What the server's own pages say; empty for those that say nothing."""
    if server == "llama.cpp":
        return llama_cpp(await page("props", None))
    if server == "ollama":
        return ollama(await page("api/show", orjson.dumps({"model": model})))
    return lm_studio(await page("api/v1/models", None), model) if server == "lmstudio" else {}


def llama_cpp(props: Mapping[str, Any]) -> Found:
    """llama.cpp's `/props`: modalities, and what the chat template can say; what it cannot is dropped in silence."""
    modalities, caps = _mapping(props.get("modalities")), _mapping(props.get("chat_template_caps"))
    slots = props.get("total_slots")
    said = {
        "vision": modalities.get("vision"),
        "audio": modalities.get("audio"),
        "tools": caps.get("supports_tools"),
        "parallel_tools": caps.get("supports_parallel_tool_calls"),
        "n": slots > 1 if isinstance(slots, int) else None,  # every answer takes a slot of its own
    }
    return {name: has for name, has in said.items() if isinstance(has, bool)}


def ollama(shown: Mapping[str, Any]) -> Found:
    """Ollama's `/api/show`: a list of what the model can; older servers have none."""
    capabilities = shown.get("capabilities")
    if not isinstance(capabilities, list) or not capabilities:
        return {}
    return {
        "tools": "tools" in capabilities,
        "vision": "vision" in capabilities,
        "reasoning": "thinking" in capabilities,
    }


def lm_studio(listed: Mapping[str, Any], model: str) -> Found:
    """LM Studio's `/api/v1/models`: whether the model sees. Tools it gives to models not trained for them as well."""
    rows = listed.get("models")
    known = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    row = next((row for row in known if row.get("key") == model), {})
    vision = _mapping(row.get("capabilities")).get("vision")
    return {"vision": vision} if isinstance(vision, bool) else {}


async def _asked(model: str, ask: Ask) -> Found:
    """What one token, asked for in each way, shows. A refusal counts only where the plain question was answered."""
    await ask(_call(model))
    return {
        "logprobs": await _answers(ask, _call(model, logprobs=True, top_logprobs=1), shows=_has_logprobs),
        "tools": await _answers(ask, _call(model, tools=[TOOL])),
        "vision": await _answers(ask, _call(model, messages=[_seeing()])),
    }


async def _answers(ask: Ask, call: Call, shows: Callable[[Reply], bool] = lambda reply: True) -> bool:
    try:
        return shows(await ask(call))
    except UpstreamRefused as error:
        if error.upstream_status in (400, 422, 501):
            return False
        raise
    except UpstreamError as error:
        if error.upstream_status == 500:  # some break on a picture rather than refuse it
            return False
        raise


def _call(model: str, **more: Any) -> Call:
    said = {"model": model, "messages": [{"role": "user", "content": "1"}], "max_tokens": 1, "temperature": 0, **more}
    return Call("explore", orjson.dumps(said), said)


def _has_logprobs(reply: Reply) -> bool:
    try:
        choice = orjson.loads(reply.body)["choices"][0]
        return bool(choice["logprobs"]["content"])
    except (orjson.JSONDecodeError, LookupError, TypeError):
        return False


def _seeing() -> dict[str, Any]:
    address = f"data:image/png;base64,{b64encode(grey()).decode()}"
    parts = [{"type": "image_url", "image_url": {"url": address}}, {"type": "text", "text": "1"}]
    return {"role": "user", "content": parts}


def grey() -> bytes:
    """A grey picture, 64 by 64, as PNG: small, and large enough for models that cut pictures into patches."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * SIDE) * SIDE)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
