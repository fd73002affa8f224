"""Writes content blocks one after the other, although a chat stream may mix the parts of several."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.core.dialects.messages.events import added, closed, opened
from router.core.dialects.messages.spoken import is_object

TEXT, THINKING, CALL, WHOLE = "text", "thinking", "call", "whole"
DELTAS: Mapping[str, tuple[str, str]] = {
    TEXT: ("text_delta", "text"),
    THINKING: ("thinking_delta", "thinking"),
    CALL: ("input_json_delta", "partial_json"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece for the block `key` names: (kind, number). `head` is the block as it begins."""

    key: tuple[str, int]
    head: Mapping[str, Any]
    text: str = ""
    signature: str = ""


class Pen:
    """Opens, fills and closes blocks, one at a time, as Messages demands.

    A call is left only when its arguments are a whole object; what comes for other blocks before
    that waits. A call that never gets whole ends with the stream, its pieces as they came.
    """

    def __init__(self) -> None:
        self.called = False
        self._index = -1
        self._open: Piece | None = None
        self._written = ""
        self._waiting: list[Piece] = []
        self._left: set[tuple[str, int]] = set()

    def put(self, piece: Piece) -> bytes:
        """The events for one piece; b"" while it has to wait."""
        if self._open and self._open.key != piece.key and self._unfinished():
            self._waiting.append(piece)
            return b""
        written = self._write(piece)
        if self._waiting and not self._unfinished():
            waiting, self._waiting = self._waiting, []
            written += b"".join(map(self.put, waiting))
        return written

    def thought(self) -> str | None:
        """What the open block of thinking says so far; None when another is open, or none."""
        return self._written if self._open and self._open.key[0] == THINKING else None

    def close(self) -> bytes:
        """Write what waits and close what is open."""
        written = self._close()
        waiting, self._waiting = self._waiting, []
        for key in dict.fromkeys(piece.key for piece in waiting):
            written += b"".join(self._write(piece) for piece in waiting if piece.key == key) + self._close()
        return written

    def _unfinished(self) -> bool:
        return bool(self._open and self._open.key[0] == CALL and not is_object(self._written))

    def _write(self, piece: Piece) -> bytes:
        if piece.key in self._left and piece.key[0] == CALL:
            return b""  # its arguments were whole: what still comes is blanks
        written = b""
        if not self._open or self._open.key != piece.key:
            written = self._close() + self._begin(piece)
        if piece.text:
            self._written += piece.text
            written += added(self._index, *DELTAS[piece.key[0]], piece.text)
        if piece.signature:
            written += added(self._index, "signature_delta", "signature", piece.signature)
        return written

    def _begin(self, piece: Piece) -> bytes:
        self._index += 1
        self._open, self._written = piece, ""
        self.called |= piece.key[0] == CALL
        return opened(self._index, piece.head)

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        self._left.add(self._open.key)
        self._open = None
        return closed(self._index)
