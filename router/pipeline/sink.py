"""The port that a reply is written to, and what a reply starts with."""

from collections.abc import Callable, Mapping
from typing import Protocol

from msgspec import Struct


class Start(Struct, frozen=True):
    """The status and headers of a reply; `length` is the size of its body in bytes, None if not known."""

    status: int
    content_type: str
    headers: Mapping[str, str]
    length: int | None = None


class Sink(Protocol):
    """Where the reply goes: the client's connection, or a list in a test."""

    async def start(self, start: Start) -> None:
        """Send status and headers, once."""

    async def send(self, chunk: bytes) -> None:
        """Send bytes; return once there is room for more."""

    async def end(self) -> None:
        """Close the body properly."""

    def watch(self, left: Callable[[], None]) -> Callable[[], None]:
        """Call `left` once if the client leaves. Returns a function that stops watching."""
