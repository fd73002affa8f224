"""Sees when a file that the configuration names has changed."""

from collections.abc import Iterable
from pathlib import Path

from router.config.files import Stamp, stamp


class FileWatch:
    """The files and folders to look at, and what was there when they were last read."""

    def __init__(self, named: Iterable[Path]) -> None:
        self._seen: dict[Path, Stamp] = {path: stamp(path) for path in named}

    def look(self) -> list[Path]:
        """Which have changed since the last look, in order. What is there now counts as seen from now on."""
        now = {path: stamp(path) for path in self._seen}
        changed = sorted(path for path, seen in self._seen.items() if now[path] != seen)
        self._seen = now
        return changed

    def follow(self, named: Iterable[Path]) -> None:
        """Look at these from now on. What was seen of those looked at before still counts, so that no change of them
        is lost while a reload is under way."""
        self._seen = {path: self._seen[path] if path in self._seen else stamp(path) for path in named}
