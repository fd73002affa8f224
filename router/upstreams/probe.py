"""What a server says of itself: alive, loading, which window, how many slots."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
from yarl import URL

from router.core.upstream import UpstreamSpec, UpstreamState
from router.upstreams.failures import why_unreachable

PAGE_LIMIT = 4 * 2**20
PROBE_S = 1.0
WINDOW_KEYS = ("max_model_len", "loaded_context_length", "context_length", "max_context_length")


async def probed(
    spec: UpstreamSpec, base: URL, session: aiohttp.ClientSession, headers: Mapping[str, str]
) -> UpstreamState:
    """The state in at most a second; the figures that the spec fixes win over those found.

    `/health` and `/props` are asked of local servers only: llama.cpp, vLLM and SGLang have them.
    """
    probe = _Probe(spec, base, session, headers)
    try:
        async with asyncio.timeout(PROBE_S):
            return await probe.state()
    except TimeoutError:
        return probe.known("busy", f"no answer to a probe within {PROBE_S:g} s")
    except aiohttp.ClientConnectorError as error:
        return probe.known("absent", why_unreachable(error.os_error))
    except (aiohttp.ClientError, OSError) as error:
        return probe.known("failing", type(error).__name__)


class _Probe:
    def __init__(
        self, spec: UpstreamSpec, base: URL, session: aiohttp.ClientSession, headers: Mapping[str, str]
    ) -> None:
        self._spec = spec
        self._base = base
        self._root = base.parent if base.name == "v1" else base
        self._session = session
        self._headers = headers
        self._context = spec.context
        self._slots = spec.slots
        self._cloud = ""

    async def state(self) -> UpstreamState:
        if self._spec.local:
            status, _ = await self._get(self._root / "health")
            if status == 503:
                return self.known("loading", "its /health says 503")
        status, models = await self._get(self._base / "models")
        if status in (401, 403):
            return self.known("failing", f"it rejects our key ({status})")
        if status >= 500:
            return self.known("failing", f"its /models says {status}")
        self._context = self._context or _window(models, self._spec.model)
        props: Mapping[str, Any] = {}
        if self._spec.local and (self._context is None or self._slots is None):
            _, props = await self._get(self._root / "props")
            self._context = self._context or _whole(_mapping(props.get("default_generation_settings")).get("n_ctx"))
            self._slots = self._slots or _whole(props.get("total_slots"))
        if self._spec.local and not props.get("default_generation_settings"):
            _, tags = await self._get(self._root / "api" / "tags")  # Ollama's; it alone serves models of a cloud
            self._cloud = _cloud(tags, self._spec.model)
        return self.known("ready", "")

    def known(self, phase: Any, detail: str) -> UpstreamState:
        return UpstreamState(phase, self._context, self._slots, detail, cloud=self._cloud)

    async def _get(self, url: URL) -> tuple[int, Mapping[str, Any]]:
        url = url.update_query(self._spec.query)
        async with self._session.get(url, headers=self._headers, allow_redirects=False) as response:
            try:
                value = orjson.loads(await _beginning(response))
            except orjson.JSONDecodeError:
                value = {}
            return response.status, _mapping(value)


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    """The body, or as much of a longer one as no server needs to tell its window."""
    read = bytearray()
    async for chunk in response.content.iter_any():
        read += chunk
        if len(read) > PAGE_LIMIT:
            break
    return bytes(read)


def _window(models: Mapping[str, Any], name: str) -> int | None:
    """The context of the model called `name`, or of the only one, in the words of vLLM, llama.cpp or LM Studio."""
    data = models.get("data")
    listed = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    row = next((row for row in listed if row.get("id") == name), listed[0] if len(listed) == 1 else {})
    found = [_whole(row.get(key)) for key in WINDOW_KEYS] + [_whole(_mapping(row.get("meta")).get("n_ctx"))]
    return next((window for window in found if window), None)


def _cloud(tags: Mapping[str, Any], name: str) -> str:
    """The host of the cloud that runs the model called `name`, "" where Ollama runs it itself."""
    listed = tags.get("models")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    spelt = (name, f"{name}:latest")
    row = next((row for row in rows if row.get("name") in spelt or row.get("model") in spelt), {})
    return str(row.get("remote_host") or row.get("remote_model") or "")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
