"""Limits how many answers an upstream gives at once."""

import asyncio
from collections import deque
from collections.abc import Callable

from router.core.errors import NotReady
from router.core.upstream import UpstreamSpec


class Gate:
    """Counts the calls inside. When all slots are taken `full: overflow` refuses at once and `full: wait` lets
    callers in in order, after at most `queue_s`; `full: send` lets everybody in, for the server has a queue.
    Whoever finds no slot free has the guests leave first: those who are in only while nobody needs it.

    `slots` may change as the server says more; None is no limit.
    """

    def __init__(self, spec: UpstreamSpec) -> None:
        self._spec = spec
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._guests: list[Callable[[], object]] = []
        self.slots = spec.slots
        self.inside = 0

    @property
    def queue(self) -> int:
        """How many wait here."""
        return len(self._waiting)

    @property
    def idle(self) -> bool:
        """Whether nobody waits and a slot is free; where slots are not known, whether nobody is inside."""
        return not self._waiting and self.inside < (self.slots or 1)

    def lend(self, recall: Callable[[], object]) -> Callable[[], None]:
        """Take in a guest, who is called back by `recall`; returns how it says that it has left."""
        self._guests.append(recall)
        return lambda: self._guests.remove(recall)

    def passed(self) -> bool:
        """Take a slot if there is no need to wait for it."""
        if self.slots is None or (self.inside < self.slots and not self._waiting):
            self.inside += 1
            return True
        for recall in self._guests:
            recall()
        if self._spec.full == "send":
            self.inside += 1
            return True
        return False

    async def enter(self) -> None:
        """Take a slot as `full` says. Raises NotReady `full`; a caller who is cancelled leaves no trace."""
        if self.passed():
            return
        if self._spec.full == "overflow" and not self._guests:  # a guest's slot is free in a moment
            raise self._is_full()
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self._spec.timeouts.queue_s):
                await place
        except TimeoutError as error:
            self._give_up(place)
            raise self._is_full() from error
        except asyncio.CancelledError:
            self._give_up(place)
            raise

    def leave(self) -> None:
        """Give the slot back, to whoever has waited longest."""
        self.inside -= 1
        if self._waiting:
            self._admit()

    def _admit(self) -> None:
        while self._waiting and (self.slots is None or self.inside < self.slots):
            place = self._waiting.popleft()
            if not place.done():
                self.inside += 1
                place.set_result(None)

    def _give_up(self, place: "asyncio.Future[None]") -> None:
        """Step out of the queue; a slot that was given in the same moment goes to the next one."""
        if place in self._waiting:
            self._waiting.remove(place)
        elif place.done() and not place.cancelled():
            self.leave()

    def _is_full(self) -> NotReady:
        name = self._spec.name
        waited = f" within queue_s = {self._spec.timeouts.queue_s:g} s" if self._spec.full == "wait" else ""
        message = f"upstream {name!r} is full: none of its {self.slots} slots came free{waited}"
        return NotReady(message, upstream=name, code="full", headers={"retry-after": "1"})
