"""A time limit that many calls share with one timer."""

import asyncio
from types import TracebackType
from typing import Any, Self

import msgspec


class Budget:
    """`with budget.spent():` raises TimeoutError once the body took `limit_s` seconds.

    `asyncio.timeout` sets and cancels a timer a call, which costs more than the rest of our work on
    it. Here every call has the same limit, so the oldest is always due first: one timer waits for
    it, and a call costs an entry in a dict.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._running: dict[_Spell, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def spent(self) -> "_Spell":
        """A context manager, entered at once, around what may take at most the limit, in the running task."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None
        spell = _Spell(self._running, task, task.cancelling())
        due = self._running[spell] = loop.time() + self._limit_s
        if self._timer is None:
            self._timer = loop.call_at(due, self._look, loop)
        return spell

    def close(self) -> None:
        """Let go of the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._timer = None
        for spell, due in tuple(self._running.items()):
            if due > now:
                self._timer = loop.call_at(due, self._look, loop)
                return
            del self._running[spell]
            spell.end()


class _Spell(msgspec.Struct, eq=False):
    """One call among the running ones; `cancelling`: how often its task had been cancelled before."""

    running: "dict[_Spell, float]"
    task: asyncio.Task[Any]
    cancelling: int
    late: bool = False

    def end(self) -> None:
        """Time is up: interrupt the body."""
        self.late = True
        self.task.cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.running.pop(self, None)
        if not self.late:
            return
        others = self.task.uncancel() > self.cancelling  # somebody else cancelled it, too: that stands
        if kind is asyncio.CancelledError and not others:
            raise TimeoutError from error
