"""Which model servers run on this machine, and the upstreams that can be made of them."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from router.config.records import Config
from router.config.world import World, builtin_world
from router.core.prices import FREE
from router.core.upstream import UpstreamSpec

PROBE_S = 1.0
MAX_BYTES = 1_000_000
UNSAID_BILLIONS = 8.0
SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d{1,3})x|e)?(\d{1,4}(?:\.\d{1,3})?)([bm])(?![a-z0-9])")
NO_CHAT = ("embed", "bge-", "rerank", "whisper", "tts", "minilm", "guard", "diffusion")
CLOUD = (":cloud", "-cloud")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind of server listens by default, and how it is spoken to.

    `context` is its window where it does not say so itself. Ollama is spoken to in its own API: over
    its OpenAI-compatible route it cuts what exceeds its window and says nothing.
    """

    server: str
    url: str
    context: int | None = None
    kind: str = "openai"


PLACES = (
    Place("Ollama", "http://127.0.0.1:11434/v1", kind="ollama"),
    Place("LM Studio", "http://127.0.0.1:1234/v1"),
    Place("llama.cpp", "http://127.0.0.1:8080/v1"),
    Place("vLLM", "http://127.0.0.1:8000/v1"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """One chat model that a server on this machine offers; `billions` of parameters, if its name says."""

    place: Place
    model: str
    billions: float | None

    @property
    def weight(self) -> tuple[float, str]:
        """The order from small to big; a size unsaid counts as 8 billion."""
        return (self.billions if self.billions is not None else UNSAID_BILLIONS, self.model)


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, the world made of it, and what to tell a person about both."""

    found: tuple[Found, ...]
    world: World
    lines: tuple[str, ...]


async def discover(places: Sequence[Place] = PLACES) -> Discovery:
    """Return the upstreams that can be made of the servers listening at *places*, else the built-in world.

    All are asked at once for their list of models, for at most a second; nothing is generated and
    no key is sent. `small` is the smallest chat model; `big`, the baseline, is the largest other one.
    With a single model both names mean it: then nothing can be saved, but everything is answered
    and recorded. Models that only embed or are run in a cloud are passed over.
    """
    async with httpx.AsyncClient(timeout=PROBE_S, trust_env=False, follow_redirects=False) as client:
        listed = await asyncio.gather(*(_models(client, place) for place in places))
    found = tuple(
        Found(place, model, size_of(model))
        for place, models in zip(places, listed, strict=True)
        for model in models
        if is_local_chat(model)
    )
    if not found:
        return Discovery((), builtin_world(), _builtin_lines(places))
    world = World({name: upstream_of(name, model) for name, model in chosen(found).items()})
    return Discovery(found, world, _found_lines(world))


async def settled(config: Config, places: Sequence[Place] = PLACES) -> tuple[Config, Discovery | None]:
    """Return *config* with its upstreams in place, and the discovery if they had to be looked for."""
    if not config.discover:
        return config, None
    discovery = await discover(places)
    world = discovery.world
    return config.with_upstreams(world.upstreams, baseline=world.baseline, artifact=world.artifact), discovery


def chosen(found: Sequence[Found]) -> dict[str, Found]:
    """Return which of *found* is `small` and which is `big`."""
    ordered = sorted(found, key=lambda one: one.weight)
    return {"small": ordered[0], "big": ordered[-1]}


def upstream_of(name: str, found: Found) -> UpstreamSpec:
    """Return an upstream for a discovered model: local and free, since nobody bills for it."""
    return UpstreamSpec(
        name=name,
        kind=found.place.kind,
        model=found.model,
        url=found.place.url.removesuffix("/v1") if found.place.kind == "ollama" else found.place.url,
        local=True,
        context=found.place.context,
        price=FREE,
    )


def size_of(model: str) -> float | None:
    """Return the billions of parameters that a model's name tells (`qwen3:4b`, `8x7b`), or None."""
    sizes = [
        float(figure) * float(experts or 1) / (1000 if unit == "m" else 1)
        for experts, figure, unit in SIZE.findall(model.lower())
    ]
    return max(sizes, default=None)


def is_local_chat(model: str) -> bool:
    """Return whether *model* looks like one that chats and is run by its own server.

    Names that only say `auto` are another router's.
    """
    name = model.lower()
    return not (any(word in name for word in NO_CHAT) or name.endswith(CLOUD) or name.partition("/")[0] == "auto")


async def _models(client: httpx.AsyncClient, place: Place) -> tuple[str, ...]:
    try:
        async with asyncio.timeout(PROBE_S), client.stream("GET", f"{place.url}/models") as response:
            if response.status_code != httpx.codes.OK:
                return ()
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    return ()
        return _ids(httpx.Response(200, content=bytes(body)).json())
    except (httpx.HTTPError, TimeoutError, ValueError, RecursionError):
        return ()


def _ids(listing: Any) -> tuple[str, ...]:
    rows = listing.get("data") if isinstance(listing, dict) else None
    ids = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple(name for name in ids if isinstance(name, str) and _is_name(name))


def _is_name(name: str) -> bool:
    # A server may call a model anything, and `init` writes the name down where references are resolved.
    return name.isprintable() and 0 < len(name) <= 300 and "${" not in name


def _found_lines(world: World) -> tuple[str, ...]:
    lines = [f"{name}: {spec.model} at {spec.url}, local" for name, spec in world.upstreams.items()]
    if len({(spec.url, spec.model) for spec in world.upstreams.values()}) == 1:
        lines.append("only one model was found, so it is small and big at once and nothing can be saved;")
        lines.append("add a bigger one: run `smallfirst init`, or write it under `upstreams:` in config.yaml")
    return tuple(lines)


def _builtin_lines(places: Sequence[Place]) -> tuple[str, ...]:
    servers = ", ".join(place.server for place in places)
    return (
        f"no model server answers on this machine (looked for {servers}): this is the built-in world",
        "small, second, third: tiny real models that know fifteen kinds of question, run by llama.cpp",
        "big: an answer sheet, not a model; it answers 503 `not_recorded` to what it does not hold",
        "for real models run `smallfirst init`, or write them under `upstreams:` in config.yaml",
    )
