"""Sees when a file that the configuration names has changed."""

from collections.abc import Iterable
from pathlib import Path

from router.config.files import Stamp, stamp

LARGE = 2**20
"""Bytes of a file that may still be written when it is looked at; what people edit is smaller."""


class FileWatch:
    """The files and folders to look at, and what was there when they were last read."""

    def __init__(self, named: Iterable[Path]) -> None:
        self._seen: dict[Path, Stamp] = {path: stamp(path) for path in named}
        self._growing: dict[Path, Stamp] = {}

    def look(self) -> list[Path]:
        """Which have changed since the last look, in order. What is there now counts as seen from now on.

        A large file counts once two looks in a row find it the same: weights that are being copied have changed at
        every look, and half of them are of no use.
        """
        now = {path: stamp(path) for path in self._seen}
        changed = sorted(path for path, seen in self._seen.items() if now[path] != seen)
        before = self._growing
        self._growing = {path: now[path] for path in changed if _large(now[path]) and now[path] != before.get(path)}
        self._seen = now | {path: self._seen[path] for path in self._growing}
        return [path for path in changed if path not in self._growing]

    def follow(self, named: Iterable[Path]) -> None:
        """Look at these from now on. What was seen of those looked at before still counts, so that no change of them
        is lost while a reload is under way."""
        self._seen = {path: self._seen[path] if path in self._seen else stamp(path) for path in named}


def _large(found: Stamp) -> bool:
    return any(size >= LARGE for _, size, *_ in found)
