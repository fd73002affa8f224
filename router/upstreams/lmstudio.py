"""LM Studio's model, loaded before it is asked, so that a client that leaves does not abort the load."""

import aiohttp

from router.core.errors import UpstreamFailed
from router.core.upstream import Call, UpstreamSpec
from router.upstreams.loading import Loading
from router.upstreams.openai_compatible import OpenAICompatible

LOAD = "api/v1/models/load"
WITHOUT = (404, 405)  # before 0.4 there is no such page, and the first request loads


class LmStudio:
    """How the model of `http` is loaded: by LM Studio's own `POST /api/v1/models/load`, with the row's window."""

    def __init__(self, http: OpenAICompatible) -> None:
        self._http = http
        self._spec: UpstreamSpec = http.spec
        self.loading = Loading(http.spec, self._load)

    async def warmed(self, call: Call) -> None:
        """Return once the model is loaded, patient calls within `load_s`. Raises NotReady `loading` to the others
        after `load_wait_s`, while the load goes on; UpstreamFailed where it cannot be loaded."""
        budgets = self._spec.timeouts
        await self.loading.wait(budgets.load_s if call.patient else min(budgets.load_wait_s, budgets.load_s))

    async def _load(self) -> None:
        base, session, headers = self._http.connected()
        root = base.parent if base.name == "v1" else base
        order = {"model": self._spec.model} | ({"context_length": self._spec.context} if self._spec.context else {})
        total = aiohttp.ClientTimeout(total=self._spec.timeouts.load_s)
        try:
            async with session.post(root / LOAD, json=order, headers=headers, timeout=total) as response:
                status = response.status
                await response.read()  # it says that it is loaded once it is
        except (aiohttp.ClientError, OSError) as error:
            raise self._failed(f"cannot be reached to load its model ({type(error).__name__})", None) from error
        if status not in WITHOUT and not 200 <= status < 300:
            raise self._failed(f"answered {status} when it was to load its model", status)

    def _failed(self, what: str, status: int | None) -> UpstreamFailed:
        name = self._spec.name
        return UpstreamFailed(f"upstream {name!r} {what}", upstream=name, upstream_status=status, code="no_model")
