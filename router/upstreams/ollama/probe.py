"""What an Ollama server reports about one of its models: there or not, in memory or not, its window, where it runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from yarl import URL

from router.upstreams.page import beginning

NUM_CTX = re.compile(r"^num_ctx\s+(\d+)\s*$", re.MULTILINE)
SKILLS = {"tools": "tools", "vision": "vision", "reasoning": "thinking"}


@dataclass(frozen=True, slots=True)
class Model:
    """A model as `/api/show` and `/api/ps` describe it.

    `longest`: the window it was trained for; `preset`: the one its file asks for; `window`: the one
    it is loaded with now, None while it is not resident. `remote`: the host of the cloud that runs
    it, "" when this server does.
    """

    there: bool
    longest: int | None = None
    preset: int | None = None
    window: int | None = None
    resident: bool = False
    remote: str = ""
    size: int = 0
    capabilities: frozenset[str] = frozenset()


class Pages:
    """Asks one server; `headers` and `query` as for every request to it."""

    def __init__(
        self, root: URL, session: aiohttp.ClientSession, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> None:
        self._root = root
        self._session = session
        self._headers = headers
        self._query = query

    async def shown(self, model: str) -> Model:
        """What `/api/show` says. Raises ServerSaid for a status that tells nothing of the model."""
        status, page = await self._ask("POST", "api/show", orjson.dumps({"model": model}))
        if status == 404:
            return Model(there=False)
        if status != 200:
            raise ServerSaid(status, "/api/show")
        info = _mapping(page.get("model_info"))
        preset = NUM_CTX.search(page["parameters"]) if isinstance(page.get("parameters"), str) else None
        return Model(
            there=True,
            longest=_whole(info.get(f"{info.get('general.architecture')}.context_length")),
            preset=int(preset[1]) if preset else None,
            remote=str(page.get("remote_host") or page.get("remote_model") or ""),
            capabilities=frozenset(filter(_is_text, page.get("capabilities") or ())),
        )

    async def resident(self, model: str) -> Mapping[str, Any] | None:
        """The row of `/api/ps` for `model`; None while it is not in memory."""
        status, page = await self._ask("GET", "api/ps")
        if status != 200:
            raise ServerSaid(status, "/api/ps")
        return _row(page, model)

    async def size(self, model: str) -> int:
        """Its bytes on disk by `/api/tags`; 0 when that is not said."""
        _, page = await self._ask("GET", "api/tags")
        return _whole((_row(page, model) or {}).get("size")) or 0

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Mapping[str, Any]]:
        url = (self._root / path).update_query(self._query)
        async with self._session.request(
            method, url, data=body, headers=self._headers, allow_redirects=False
        ) as response:
            read = await beginning(response)
            try:
                return response.status, _mapping(orjson.loads(read))
            except orjson.JSONDecodeError:
                return response.status, {}


class ServerSaid(Exception):
    """A probe was answered with a status that is no answer."""

    def __init__(self, status: int, page: str) -> None:
        super().__init__(f"its {page} says {status}")
        self.status = status


def cloud_name(model: str) -> bool:
    """Whether a model's name says that Ollama's cloud runs it."""
    return model.lower().endswith((":cloud", "-cloud"))


def same_model(listed: object, model: str) -> bool:
    """Whether a listing means `model`, in Ollama's way: no case counts, and a name without a tag means `:latest`."""
    return isinstance(listed, str) and _tagged(listed) == _tagged(model)


def _tagged(name: str) -> str:
    lowered = name.lower()
    return lowered if ":" in lowered.rpartition("/")[2] else f"{lowered}:latest"


def _row(page: Mapping[str, Any], model: str) -> Mapping[str, Any] | None:
    rows = page.get("models")
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return next((r for r in found if same_model(r.get("model"), model) or same_model(r.get("name"), model)), None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _is_text(value: object) -> bool:
    return isinstance(value, str)
