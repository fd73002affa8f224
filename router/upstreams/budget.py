"""A time limit that many calls share with one timer."""

import asyncio
from types import TracebackType
from typing import Self


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
        """A context manager around what may take at most the limit, in the running task."""
        return _Spell(self)

    def close(self) -> None:
        """Let go of the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def enter(self, spell: "_Spell") -> None:
        """Note a call that begins now."""
        loop = asyncio.get_running_loop()
        due = self._running[spell] = loop.time() + self._limit_s
        if self._timer is None:
            self._timer = loop.call_at(due, self._look, loop)

    def leave(self, spell: "_Spell") -> None:
        """Note its end."""
        self._running.pop(spell, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        self._timer = None
        for spell, due in tuple(self._running.items()):
            if due > now:
                self._timer = loop.call_at(due, self._look, loop)
                return
            del self._running[spell]
            spell.end()


class _Spell:
    __slots__ = ("_budget", "_cancelling", "_late", "_task")

    def __init__(self, budget: Budget) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._budget = budget
        self._task = task
        self._cancelling = task.cancelling()
        self._late = False

    def end(self) -> None:
        """Time is up: interrupt the body."""
        self._late = True
        self._task.cancel()

    def __enter__(self) -> Self:
        self._budget.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._budget.leave(self)
        if not self._late:
            return
        others = self._task.uncancel() > self._cancelling  # somebody else cancelled it, too: that stands
        if kind is asyncio.CancelledError and not others:
            raise TimeoutError from error
