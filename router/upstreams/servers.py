"""The makes of OpenAI-compatible servers: how each is recognised, and where it reports what it is doing."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

Page = tuple[int, Mapping[str, Any] | list[Any] | str]
Get = Callable[[str], Awaitable[Page]]
OWNERS: Mapping[str, str] = {
    "llamacpp": "llama.cpp",
    "vllm": "vllm",
    "sglang": "sglang",
    "library": "ollama",
    "organization_owner": "lmstudio",
}
SAMPLE = re.compile(r"^([A-Za-z_:][\w:]*)(?:\{[^}]*\})?\s+([0-9.eE+-]+)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ServerReport:
    """What a server reported about itself; None where it did not."""

    context: int | None = None
    slots: int | None = None
    running: int | None = None
    queue: int | None = None
    resident: bool | None = None


async def make_of(get: Get, row: Mapping[str, Any]) -> str:
    """Which make the server is: by who owns the model in its list, else by the pages it has; "" when unknown."""
    owner = row.get("owned_by")
    if isinstance(owner, str) and owner in OWNERS:
        return OWNERS[owner]
    status, props = await get("props")
    if status == 200 and isinstance(props, dict) and ("total_slots" in props or "default_generation_settings" in props):
        return "llama.cpp"
    status, info = await get("info")
    if status == 200 and isinstance(info, dict) and "max_total_tokens" in info:
        return "tgi"
    status, listed = await get("api/v1/models")
    return "lmstudio" if status == 200 and isinstance(listed, dict) and "models" in listed else ""


async def llama_cpp(get: Get, model: str) -> ServerReport:
    """`/props` for window and slots, `/slots` for who is busy, `/metrics` for the queue (both may be switched off)."""
    _, props = await get("props")
    status, slots = await get("slots")
    rows = slots if status == 200 and isinstance(slots, list) else []
    busy = [row for row in rows if isinstance(row, dict) and row.get("is_processing") is True]
    samples = await _metrics(get)
    settings = _of(props, "default_generation_settings")
    return ServerReport(
        context=whole(_of(settings, "n_ctx")),
        slots=whole(_of(props, "total_slots")),
        running=len(busy) if rows else samples.get("llamacpp:requests_processing"),
        queue=samples.get("llamacpp:requests_deferred"),
        resident=True,
    )


async def vllm(get: Get, model: str) -> ServerReport:
    """`/metrics` for who runs and who waits, `/load` where metrics are off. Its slots vary with the requests."""
    samples = await _metrics(get)
    running = samples.get("vllm:num_requests_running")
    if running is None:
        _, load = await get("load")
        running = _count(_of(load, "server_load"))
    return ServerReport(running=running, queue=samples.get("vllm:num_requests_waiting"), resident=True)


async def sglang(get: Get, model: str) -> ServerReport:
    """`/get_server_info` for window and slots, `/metrics` for who runs and who waits."""
    _, info = await get("get_server_info")
    samples = await _metrics(get)
    return ServerReport(
        context=whole(_of(info, "context_length")),
        slots=whole(_of(info, "max_running_requests")),
        running=samples.get("sglang:num_running_reqs"),
        queue=samples.get("sglang:num_queue_reqs"),
        resident=True,
    )


async def tgi(get: Get, model: str) -> ServerReport:
    """`/info` for window and slots, `/metrics` for who runs and who waits."""
    _, info = await get("info")
    samples = await _metrics(get)
    return ServerReport(
        context=whole(_of(info, "max_input_tokens")) or whole(_of(info, "max_total_tokens")),
        slots=whole(_of(info, "max_concurrent_requests")),
        running=samples.get("tgi_batch_current_size"),
        queue=samples.get("tgi_queue_size"),
        resident=True,
    )


async def lm_studio(get: Get, model: str) -> ServerReport:
    """`/api/v1/models`: whether the model is loaded, and with which window."""
    _, listed = await get("api/v1/models")
    row = next((r for r in _rows(listed) if model in (r.get("key"), *(one.get("id") for one in _loaded(r)))), None)
    if row is None:
        return ServerReport()
    loaded = _loaded(row)
    config = _of(loaded[0], "config") if loaded else {}
    return ServerReport(context=whole(_of(config, "context_length")), resident=bool(loaded))


async def ollama_v1(get: Get, model: str) -> ServerReport:
    """`/api/ps`: the window it is loaded with, which this route cuts to and says nothing."""
    _, listed = await get("api/ps")
    row = next((r for r in _rows(listed) if r.get("name") == model), None)
    return ServerReport(context=whole(_of(row, "context_length")) or 4096, resident=row is not None)


LOOKS: Mapping[str, Callable[[Get, str], Awaitable[ServerReport]]] = {
    "llama.cpp": llama_cpp,
    "vllm": vllm,
    "sglang": sglang,
    "tgi": tgi,
    "lmstudio": lm_studio,
    "ollama": ollama_v1,
}


def samples_of(text: str) -> dict[str, int]:
    """The gauges of a Prometheus page, summed over their labels and rounded; what is no number is left out."""
    found: dict[str, float] = {}
    for name, value in SAMPLE.findall(text):
        try:
            found[name] = found.get(name, 0.0) + float(value)
        except ValueError:
            continue
    return {name: round(value) for name, value in found.items() if abs(value) < 1e9}


def whole(value: object) -> int | None:
    """A positive whole number, else None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


async def _metrics(get: Get) -> dict[str, int]:
    status, text = await get("metrics")
    return samples_of(text) if status == 200 and isinstance(text, str) else {}


def _rows(listed: object) -> list[dict[str, Any]]:
    rows = _of(listed, "models")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _loaded(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    instances = row.get("loaded_instances")
    return [one for one in instances if isinstance(one, dict)] if isinstance(instances, list) else []


def _of(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None
