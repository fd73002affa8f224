"""Which upstreams share a device, so that one model's place in memory is another's."""

from collections import Counter
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from router.core.upstream import UpstreamSpec


def shared_devices(specs: Iterable[UpstreamSpec]) -> Mapping[str, str]:
    """By name the device of every local upstream that has it together with another.

    It is the one that the row names (`device`), else the server it asks: two models of one Ollama or LM Studio take
    turns in its memory. What runs on several machines shares nothing unless its row says so.
    """
    devices = {spec.name: device for spec in specs if spec.local and (device := _device(spec))}
    many = Counter(devices.values())
    return {name: device for name, device in devices.items() if many[device] > 1}


def _device(spec: UpstreamSpec) -> str:
    return spec.device or ("" if spec.urls else urlsplit(spec.url).netloc)
