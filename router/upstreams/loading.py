"""A model being loaded: begun once, waited for by many callers, not ended when one of them leaves."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from statistics import median

from router.core.errors import NotReady, UpstreamError
from router.core.upstream import UpstreamSpec

REMEMBERED = 8
BYTES_A_S = 1e9  # what a disk of today reads: the guess until a load was timed


class Loading:
    """Runs `load` as a task of its own, at most `load_s` long, however many clients wait or go.

    `size` is the model's bytes, for a first estimate; every load that ends well is timed, and their
    median is the estimate from then on.
    """

    def __init__(self, spec: UpstreamSpec, load: Callable[[], Awaitable[None]]) -> None:
        self._spec = spec
        self._load = load
        self._task: asyncio.Task[None] | None = None
        self._began = 0.0
        self._took: deque[float] = deque(maxlen=REMEMBERED)
        self.size = 0

    @property
    def running(self) -> bool:
        """Whether a load is under way."""
        return self._task is not None and not self._task.done()

    @property
    def takes_s(self) -> float | None:
        """How long a load takes: the median of those timed, else a guess by size; None without either."""
        if self._took:
            return median(self._took)
        return self.size / BYTES_A_S if self.size else None

    @property
    def left_s(self) -> float | None:
        """Seconds until it is ready by that estimate; None when nothing is loading or nothing is known."""
        if not self.running or self.takes_s is None:
            return None
        return max(0.0, self.takes_s - (asyncio.get_running_loop().time() - self._began))

    def begin(self) -> None:
        """Start loading unless it is being done."""
        if not self.running:
            self._began = asyncio.get_running_loop().time()
            self._task = asyncio.create_task(self._run(), name=f"load-{self._spec.name}")
            self._task.add_done_callback(_note_failure)

    async def wait(self, seconds: float) -> None:
        """Return once it is loaded. Raises NotReady `loading` after `seconds`, and what the load raised.

        Whoever is cancelled here leaves the load alone.
        """
        self.begin()
        task = self._task
        assert task is not None
        done, _ = await asyncio.wait((task,), timeout=max(0.0, seconds))
        if not done:
            raise self.not_ready()
        task.result()

    def not_ready(self) -> NotReady:
        """What a client is told that does not wait: with the estimate, in seconds and in words."""
        left, name = self.left_s, self._spec.name
        about = f", about {left:.0f} s to go" if left is not None else ""
        after = str(max(1, round(left))) if left is not None else "1"
        message = f"upstream {name!r} is loading its model{about}"
        return NotReady(message, upstream=name, code="loading", headers={"retry-after": after})

    async def aclose(self) -> None:
        """End a load that is under way: the router itself is leaving."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        budget = self._spec.timeouts.load_s
        try:
            async with asyncio.timeout(budget):
                await self._load()
        except TimeoutError as error:
            name = self._spec.name
            what = f"upstream {name!r} took longer than load_s = {budget:g} s to load (upstreams.{name}.timeout.load_s)"
            raise NotReady(what, upstream=name, code="timeout_load") from error
        self._took.append(asyncio.get_running_loop().time() - self._began)


def _note_failure(task: "asyncio.Task[None]") -> None:
    """A load that nobody waits for any more may fail unseen; the next caller begins another."""
    if not task.cancelled() and not isinstance(error := task.exception(), UpstreamError) and error is not None:
        task.get_loop().call_exception_handler({"message": "a load failed", "exception": error, "task": task})
