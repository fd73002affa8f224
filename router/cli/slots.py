"""How many answers each local upstream gives at once: by option, by configuration, else as its server reports."""

import asyncio
from collections.abc import Mapping, Sequence

from router.config.records import Config
from router.core.upstream import UpstreamSpec
from router.upstreams import build

PROCESS_SLOTS = 1  # what kind llamacpp starts with where its row says nothing


def slots_of(config: Config, asked: Sequence[str]) -> Mapping[str, int | None]:
    """Slots by local upstream, None if unknown. Raises ValueError for an option that is not `NAME=N`."""
    local = {name: spec for name, spec in config.upstreams.items() if spec.local}
    given = dict(_given(word, local) for word in asked)
    known = {name: given.get(name) or spec.slots for name, spec in local.items()}
    silent = {name: spec for name, spec in local.items() if known[name] is None}
    return known | asyncio.run(_asked(silent))


def _given(word: str, local: Mapping[str, UpstreamSpec]) -> tuple[str, int]:
    name, _, number = word.partition("=")
    if name not in local:
        raise ValueError(f"no local upstream is called {name!r}; there are {', '.join(local) or 'none'}")
    if not number.isdigit() or not 0 < int(number) <= 10_000:
        raise ValueError(f"cannot read {word!r}; write --slots {name}=4")
    return name, int(number)


async def _asked(silent: Mapping[str, UpstreamSpec]) -> dict[str, int | None]:
    """What the servers say; one that is not there says nothing, and a process of our own is not started for this."""
    found = await asyncio.gather(*(_one(spec) for spec in silent.values()))
    return dict(zip(silent, found, strict=True))


async def _one(spec: UpstreamSpec) -> int | None:
    if spec.kind == "llamacpp":
        return PROCESS_SLOTS * max(1, len(spec.urls))
    if spec.kind != "openai":
        return None
    upstream = build(spec)
    try:
        return (await upstream.state()).slots
    finally:
        await upstream.aclose()
