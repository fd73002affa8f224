"""What the bodies of all requests under way take together: a crowd of large ones must not take all memory."""

from types import TracebackType
from typing import Self

from router.core.errors import Overloaded
from router.pipeline.holding import Holding

IN_ALL = 512 * 2**20  # bytes of memory; twice that where all bodies are of one size
LARGEST = 8  # and room for so many times the largest body that is taken
A_VALUE = 80  # bytes that a value in JSON takes beside its text
WIDE = range(0xF0, 0xF5)  # what a character beyond the first 65,536 begins with in UTF-8


class Intake:
    """Counts what the bodies take that are being read or carried out."""

    def __init__(self) -> None:
        self.holding = Holding()

    def share(self, body_limit: int) -> "Share":
        """One request's part, free again when it is left. `body_limit`: bytes that one body may have."""
        return Share(self.holding, body_limit)


class Share:
    """What one request has taken so far."""

    def __init__(self, holding: Holding, body_limit: int) -> None:
        self.body_limit = body_limit
        self._holding = holding
        self._limit = max(IN_ALL, LARGEST * body_limit)
        self._taken = 0

    def take(self, size: int) -> None:
        """Take `size` bytes more. Raises Overloaded where all together take too much, and this one many of them."""
        crowds = self._holding.crowds(self._taken, size, self._limit)
        self._taken += size
        if crowds:
            message = (
                f"The requests under way take over {self._limit >> 20:,} MB together. Send this one again shortly."
            )
            raise Overloaded(message, headers={"retry-after": "1"})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._holding.free(self._taken)


def weight_of(raw: bytes) -> int:
    """About the most bytes that a body takes beside itself while it is carried out: as it goes out, as text, as values.

    One character that is wide makes its whole text four times as large as it came; and a text that is not ASCII is
    kept in UTF-8 as well.
    """
    width = 1
    if b"\\u" in raw or not raw.isascii():
        width = 5 if b"\\u" in raw or any(lead in raw for lead in WIDE) else 3
    return (1 + width) * len(raw) + A_VALUE * raw.count(b",")
