"""What a server says of itself: alive, loading, which window, how many slots, how many wait."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
from yarl import URL

from router.core.upstream import UNKNOWN_CLOUD, Phase, UpstreamSpec, UpstreamState
from router.upstreams.failures import why_unreachable
from router.upstreams.ollama.probe import same_model
from router.upstreams.page import beginning
from router.upstreams.servers import LOOKS, Page, ServerReport, make_of, whole

PROBE_S = 1.0
UNLISTED = "its /api/tags does not say whether a cloud runs its model: write the name as it is listed there"
WINDOW_KEYS = ("max_model_len", "loaded_context_length", "context_length", "max_context_length")


class Probe:
    """Looks at one server. Which make it is, it finds out once, and then asks only the pages that make has.

    Only local servers are asked for more than their `/models`. One that may be Ollama, which alone serves models of a
    cloud, is asked who runs this one before anything else; until it has said so, nobody knows.
    """

    def __init__(self, spec: UpstreamSpec, base: URL) -> None:
        self._spec = spec
        self._base = base
        self._root = base.parent if base.name == "v1" else base
        self._make: str | None = None
        self._session: aiohttp.ClientSession | None = None
        self._headers: Mapping[str, str] = {}
        self._seen = ServerReport()
        self._cloud = UNKNOWN_CLOUD if spec.local else ""

    async def state(self, session: aiohttp.ClientSession, headers: Mapping[str, str]) -> UpstreamState:
        """The state in at most a second; the figures that the spec fixes win over those found. Never raises."""
        self._session, self._headers = session, headers
        try:
            async with asyncio.timeout(PROBE_S):
                return await self._looked()
        except TimeoutError:
            return self._known("busy", f"no answer to a probe within {PROBE_S:g} s")
        except aiohttp.ClientConnectorError as error:
            self._make = None  # what comes up there next may be another make
            self._cloud = UNKNOWN_CLOUD if self._spec.local else ""
            return self._known("absent", why_unreachable(error.os_error))
        except (aiohttp.ClientError, OSError) as error:
            return self._known("failing", type(error).__name__)

    async def _looked(self) -> UpstreamState:
        if self._spec.local:
            status, _ = await self._get(self._root / "health")
            if status == 503:
                return self._known("loading", "its /health says 503")
        status, models = await self._get(self._base / "models")
        if status in (401, 403) and self._spec.passes_key:
            return self._known("ready", "asked with the caller's own token, so not looked at closer")
        if status in (401, 403):
            return self._known("failing", f"it rejects our key ({status})")
        if status >= 500:
            return self._known("failing", f"its /models says {status}")
        row = _row(models, self._spec.model)
        self._seen = ServerReport(context=_window(row))
        if self._spec.local:
            if self._make is None:
                self._make = await make_of(self._page, row)
            self._cloud = await self._who_runs_it()
            await self._look_closer(row)
        return self._known("ready", UNLISTED if self._cloud == UNKNOWN_CLOUD else "")

    async def _who_runs_it(self) -> str:
        """The host of the cloud that does; "" for the server itself."""
        if self._make not in ("", "ollama"):
            return ""
        status, tags = await self._page("api/tags")
        listed = tags.get("models") if isinstance(tags, dict) else None
        if isinstance(listed, list):
            return _cloud(listed, self._spec.model)
        silent = self._make == "" and status not in (401, 403, 429) and status < 500
        return "" if silent else UNKNOWN_CLOUD  # a server without that page is no Ollama

    async def _look_closer(self, row: Mapping[str, Any]) -> None:
        look = LOOKS.get(self._make or "")
        if look is not None:
            loaded = _window(row)
            found = await look(self._page, self._spec.model)
            self._seen = ServerReport(found.context or loaded, found.slots, found.running, found.queue, found.resident)

    def _known(self, phase: Phase, detail: str) -> UpstreamState:
        seen, gone = self._seen, phase in ("absent", "failing")
        slots = self._spec.slots or seen.slots
        free = None if gone or slots is None or seen.running is None else max(0, slots - seen.running)
        full = phase == "ready" and bool(free == 0 or seen.queue)
        waiting = f"{seen.queue} wait inside it" if seen.queue else "every slot is taken"
        return UpstreamState(
            "busy" if full else phase,
            self._spec.context or seen.context,
            slots,
            waiting if full else detail,
            resident=None if gone else False if phase == "loading" else seen.resident,
            free_slots=0 if phase == "loading" and slots else free,
            queue=None if gone else seen.queue,
            server=self._make or "",
            cloud="" if phase in ("absent", "loading") and self._cloud == UNKNOWN_CLOUD else self._cloud,
        )

    async def _page(self, name: str) -> Page:
        return await self._get(self._root / name)

    async def _get(self, url: URL) -> tuple[int, Any]:
        url = url.update_query(self._spec.query)
        assert self._session is not None
        async with self._session.get(url, headers=self._headers, allow_redirects=False) as response:
            text = await beginning(response)
            try:
                return response.status, orjson.loads(text)
            except orjson.JSONDecodeError:
                return response.status, text.decode("utf-8", "replace")


def _row(models: object, name: str) -> Mapping[str, Any]:
    """The model called `name` in a server's list, or the only one there."""
    data = models.get("data") if isinstance(models, dict) else None
    listed = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    return next((row for row in listed if row.get("id") == name), None) or next(
        (row for row in listed if same_model(row.get("id"), name)), listed[0] if len(listed) == 1 else {}
    )


def _window(row: Mapping[str, Any]) -> int | None:
    """Its context, in the words of vLLM, SGLang, llama.cpp or LM Studio."""
    meta = row.get("meta")
    found = [whole(row.get(key)) for key in WINDOW_KEYS] + [
        whole(meta.get("n_ctx")) if isinstance(meta, dict) else None
    ]
    return next((window for window in found if window), None)


def _cloud(listed: list[Any], name: str) -> str:
    """The host of the cloud that runs the model called `name`, "" where Ollama runs it itself. Of one that is not
    listed by a name it answers to, nobody knows."""
    rows = [row for row in listed if isinstance(row, dict)]
    row = next((row for row in rows if same_model(row.get("name"), name) or same_model(row.get("model"), name)), None)
    return UNKNOWN_CLOUD if row is None else str(row.get("remote_host") or row.get("remote_model") or "")
