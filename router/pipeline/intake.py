"""Limits the memory that the bodies of all requests and whole answers under way take together."""

import asyncio
from types import MappingProxyType, TracebackType
from typing import Self

from router.core.errors import Overloaded
from router.pipeline.holding import Holding

IN_ALL = 512 * 2**20  # bytes of memory; twice that if all bodies are of the same size
LARGEST = 8  # there is always room for this many bodies of the largest size
SOON = MappingProxyType({"retry-after": "1"})
FEW = 16 * 1024  # bytes of a whole answer that are not counted: the request that waits for it takes about as much
LONG = 256 * 1024  # bytes; what is longer is looked at beside the loop
A_VALUE = 80  # bytes that a JSON value takes beside its text
WIDE = range(0xF0, 0xF5)  # the first byte in UTF-8 of a character beyond the first 65,536


def most(body_limit: int) -> int:
    """The bytes of memory that all may take, where one body may have `body_limit`."""
    return max(IN_ALL, LARGEST * body_limit)


class Intake:
    """Counts the memory of bodies that are being read or carried out, and of whole answers until they are sent."""

    def __init__(self) -> None:
        self.holding = Holding()

    def share(self, body_limit: int) -> "Share":
        """A context manager for one request's share, given back at its end. `body_limit`: the bytes of one body."""
        return Share(self.holding, body_limit)


class Share:
    """The memory that one request has taken so far."""

    def __init__(self, holding: Holding, body_limit: int) -> None:
        self.body_limit = body_limit
        self._holding = holding
        self._limit = most(body_limit)
        self._taken = 0

    def take(self, size: int) -> None:
        """Take `size` more bytes. Raises Overloaded if all requests take too much, and this one more than most."""
        crowds = self._holding.crowds(self._taken, size, self._limit)
        self._taken += size
        if crowds:
            raise Overloaded(f"{crowded(self._limit)} Send this one again shortly.", headers=dict(SOON))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holding.free(self._taken)


def crowded(limit: int) -> str:
    """Why there is no room, in words."""
    return f"The requests and answers under way take over {limit >> 20:,} MB together."


async def weighed(raw: bytes) -> int:
    """As `weight_of`, of a long body beside the loop."""
    return weight_of(raw) if len(raw) <= LONG else await asyncio.to_thread(weight_of, raw)


def weight_of(raw: bytes) -> int:
    """About the most bytes that a body takes beside itself: a copy to send, its text and its parsed values.

    One wide character makes the whole text four times as large; a text that is not ASCII is kept in UTF-8 as well.
    """
    width = 1
    if b"\\u" in raw or not raw.isascii():
        width = 5 if b"\\u" in raw or any(lead in raw for lead in WIDE) else 3
    return (1 + width) * len(raw) + A_VALUE * raw.count(b",")
