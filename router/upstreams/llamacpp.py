"""Kind `llamacpp`: a GGUF served by a llama.cpp process of our own, watched and restarted."""

import asyncio
import logging
import os
import secrets
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from router.core.errors import NotReady, SetupError
from router.core.upstream import Call, OpenStream, Phase, Reply, UpstreamSpec, UpstreamState
from router.upstreams import problem
from router.upstreams.llama_child import ChildFailed, LlamaChild
from router.upstreams.openai_compatible import OpenAICompatible

INSTALL = 'pip install "smallfirst[local]"'
STEADY_S = 60.0  # a process that lived this long had not failed to start
FIRST_PAUSE_S, MAX_PAUSE_S = 0.2, 30.0


class LlamaCpp:
    """The process starts at the first use and is kept until `aclose`.

    While it loads, calls wait for it (`load_wait_s`, patient ones `load_s`), and a client that leaves
    does not abort the load. After one death it is started again at once; when that fails too, calls are refused at once
    (NotReady) and starts are spaced out, up to thirty seconds apart. Options: `gguf`, `threads`.
    Raises SetupError where the file or llama.cpp is missing.
    """

    def __init__(self, spec: UpstreamSpec) -> None:
        self.spec = spec
        self._order = _order(spec)
        self._settled = asyncio.Event()
        self._phase: Phase = "loading"
        self._detail = "not started yet"
        self._keeper: asyncio.Task[None] | None = None
        self._child: LlamaChild | None = None
        self._server: OpenAICompatible | None = None

    @property
    def pid(self) -> int | None:
        """The process that serves now; None when there is none."""
        return self._child.pid if self._child else None

    @property
    def server(self) -> OpenAICompatible | None:
        """How the running process is spoken to; None while there is none."""
        return self._server

    async def send(self, call: Call) -> Reply:
        """As kind `openai`. Raises NotReady while the process is unavailable."""
        return await (await self._ready(call)).send(call)

    async def stream(self, call: Call) -> OpenStream:
        """As kind `openai`. Raises NotReady while the process is unavailable."""
        return await (await self._ready(call)).stream(call)

    async def state(self) -> UpstreamState:
        """Loading, ready, busy or failing with the process's last words. Starts the process if need be."""
        self._start()
        if self._phase == "ready" and self._server is not None:
            return await self._server.state()
        return UpstreamState(self._phase, self.spec.context, self.spec.slots, self._detail)

    async def explore(self, *, tokens: bool = True) -> None:
        """What its server's pages say that the model can."""
        if self._server is not None:
            await self._server.explore(tokens=tokens)

    def forget(self) -> None:
        """Find out again at the next `explore`."""
        if self._server is not None:
            self._server.forget()

    async def aclose(self) -> None:
        """Stop the process; returns when it is gone."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def _ready(self, call: Call) -> OpenAICompatible:
        self._start()
        budgets = self.spec.timeouts
        try:
            async with asyncio.timeout(budgets.load_s if call.patient else min(budgets.load_wait_s, budgets.load_s)):
                await self._settled.wait()
        except TimeoutError as error:
            raise self._not_ready("is still loading its model", "loading") from error
        if self._server is None:
            raise self._not_ready("has no llama.cpp process; `smallfirst check` and the log say why", "not_running")
        return self._server

    def _not_ready(self, what: str, code: str) -> NotReady:
        name = self.spec.name
        return NotReady(f"upstream {name!r} {what}", upstream=name, code=code, headers={"retry-after": "1"})

    def _start(self) -> None:
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name=f"llamacpp-{self.spec.name}")

    async def _keep(self) -> None:
        """Start the process, wait for its end, start it again; ends only when that cannot help."""
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            began = clock()
            try:
                why = await self._serve_until_it_ends()
            except ChildFailed as error:
                why, failures = str(error), max(failures, 1)
                if error.for_good:
                    self._settle("failing", why)
                    return
            failures = 1 if clock() - began > STEADY_S else failures + 1
            logging.getLogger(__name__).warning("upstream %r: %s", self.spec.name, why)
            if failures > 1:
                self._settle("failing", why)
            await asyncio.sleep(min(MAX_PAUSE_S, FIRST_PAUSE_S * 2 ** (failures - 1)))

    async def _serve_until_it_ends(self) -> str:
        child = await LlamaChild.started(self._order, self.spec.timeouts.load_s)
        server = OpenAICompatible(replace(self.spec, url=f"{child.url}/v1", key=self._order["key"], local=True))
        self._child, self._server = child, server
        self._settle("ready", "")
        try:
            return await child.ended()
        finally:
            self._child = self._server = None
            self._settled.clear()
            self._phase, self._detail = "loading", "starting again"
            await child.stop()
            await server.aclose()

    def _settle(self, phase: Phase, detail: str) -> None:
        self._phase, self._detail = phase, detail
        self._settled.set()


def _order(spec: UpstreamSpec) -> dict[str, Any]:
    """What the child is told; the key is its own, new each time, and never leaves this machine."""
    gguf = Path(str(spec.options.get("gguf", "")))
    if not gguf.is_file():
        raise SetupError([problem(spec, "gguf", f"there is no file {str(gguf)!r}", "name a GGUF file")])
    if find_spec("xllamacpp") is None:
        raise SetupError([problem(spec, "kind", "llama.cpp is not installed", INSTALL)])
    return {
        "gguf": str(gguf.resolve()),
        "alias": spec.model,
        "key": secrets.token_urlsafe(32),
        "slots": spec.slots or 1,
        "context": spec.context or 0,
        "threads": int(spec.options.get("threads") or max(1, (os.cpu_count() or 2) // 2)),
    }
