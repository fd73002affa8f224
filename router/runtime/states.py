"""The states of all upstreams, asked at once; one that does not answer in time counts as failing."""

import asyncio
from collections.abc import Mapping

from router.core.ports import Upstream
from router.core.upstream import UNKNOWN_CLOUD, UpstreamState

WAIT_S = 1.5


async def states_of(
    upstreams: Mapping[str, Upstream], before: Mapping[str, UpstreamState], wait_s: float = WAIT_S
) -> dict[str, UpstreamState]:
    """The state that each upstream reports, waiting at most `wait_s` seconds.

    For a silent upstream, whether a cloud runs its model is taken from `before`.
    """
    found = await asyncio.gather(*(_state(each, before.get(name), wait_s) for name, each in upstreams.items()))
    return dict(zip(upstreams, found, strict=True))


async def _state(upstream: Upstream, before: UpstreamState | None, wait_s: float) -> UpstreamState:
    try:
        async with asyncio.timeout(wait_s):
            return await upstream.state()
    except TimeoutError:
        cloud = before.cloud if before is not None else UNKNOWN_CLOUD if upstream.spec.local else ""
        return UpstreamState("failing", detail=f"said nothing within {wait_s} s", cloud=cloud)
