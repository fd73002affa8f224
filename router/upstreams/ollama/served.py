"""One model of an Ollama server as last seen: present, in memory, run here, and its window."""

import asyncio
from dataclasses import replace

from router.core.upstream import Phase, UpstreamSpec, UpstreamState
from router.upstreams.loading import Loading
from router.upstreams.ollama.probe import SKILLS, Model, Pages, cloud_name
from router.upstreams.ollama.request import ModelOptions

SHOWN_S = 60.0  # a model's file changes when somebody pulls it, not between two requests
RESIDENT_S = 2.0  # shorter than any keep_alive that makes sense


class Served:
    """Looks again when its knowledge is old, or after `forget`."""

    def __init__(self, spec: UpstreamSpec) -> None:
        self._spec = spec
        self._shown_at = self._resident_at = float("-inf")
        self.model = Model(there=False)
        self.size = 0

    @property
    def window(self) -> int | None:
        """The window in force: the configured one, never more than the model knows, else the server's own."""
        if self._spec.context is None:
            return self.model.window
        longest = self.model.longest
        return min(self._spec.context, longest) if longest else self._spec.context

    @property
    def abroad(self) -> str:
        """Who runs the model in a cloud although its upstream is local; "" where it is at home."""
        if not self._spec.local:
            return ""
        return self.model.remote or ("a cloud" if cloud_name(self._spec.model) else "")

    @property
    def options(self) -> ModelOptions:
        """How requests to it go out."""
        options = self._spec.options
        return ModelOptions(
            model=self._spec.model,
            window=self.window,
            keep_alive=options.get("keep_alive"),
            think=options.get("think"),
            thinks="thinking" in self.model.capabilities,
        )

    def seen(self) -> None:
        """It has just answered, so it is in memory."""
        self._resident_at = asyncio.get_running_loop().time()

    def forget(self) -> None:
        """Look again before the next request."""
        self._shown_at = self._resident_at = float("-inf")

    async def looked(self, pages: Pages, *, fresh: bool = False) -> Model:
        """The model, asked of the server where our knowledge is old. Raises ServerSaid and what aiohttp raises."""
        now = asyncio.get_running_loop().time()
        if not self.model.there or now - self._shown_at > SHOWN_S:
            shown = await pages.shown(self._spec.model)
            self.model = replace(shown, window=self.model.window, resident=self.model.resident)
            self._shown_at = now
            self.size = await pages.size(self._spec.model) if shown.there and not shown.remote else 0
        if self.model.there and (fresh or now - self._resident_at > RESIDENT_S):
            row = await pages.resident(self._spec.model)
            window = row.get("context_length") if row else None
            kept = window if isinstance(window, int) and window > 0 else self.model.window
            self.model = replace(self.model, resident=row is not None, window=kept)
            self._resident_at = now if row is not None else float("-inf")
        return self.model

    def state(self, phase: Phase, detail: str, loading: Loading) -> UpstreamState:
        """The state to report in `phase`; what a server that is unavailable would say of memory is unknown."""
        gone = phase in ("absent", "failing")
        left = loading.left_s if loading.running else 0.0 if self.model.resident else loading.takes_s
        return UpstreamState(
            phase,
            self.window or self.model.preset,
            self._spec.slots,
            detail,
            resident=None if gone else self.model.resident and not loading.running,
            loads_in_s=None if gone else left,
            server="ollama-api",
            supports=self._supports(),
            cloud=self.abroad if self._spec.local else "",
        )

    def _supports(self) -> dict[str, bool]:
        """What `/api/show` says that the model can; nothing where it does not say."""
        capable = self.model.capabilities
        return {name: word in capable for name, word in SKILLS.items()} if capable else {}
