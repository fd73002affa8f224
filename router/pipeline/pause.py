"""The pause: a small file beside the store that sends all traffic to the baseline.

It is a file, so that a pause works when the store and the classifier do not. The server reads it twice a second, never
while it handles a request.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

EVERYONE = "*"


@dataclass(slots=True)
class Pause:
    """Which keys are paused, as last read from `path`; `*` stands for all."""

    path: Path
    keys: frozenset[str] = field(default_factory=frozenset)

    def covers(self, key: str) -> bool:
        """Whether requests under the key named `key` go to the baseline."""
        return bool(self.keys) and (EVERYONE in self.keys or key in self.keys)

    @property
    def whose(self) -> str:
        """Which traffic goes to the baseline, in words that name no key; "" if none does."""
        if EVERYONE in self.keys:
            return "everyone"
        return f"{len(self.keys)} {'key' if len(self.keys) == 1 else 'keys'}" if self.keys else ""

    def refresh(self) -> bool:
        """Read the file again, and return whether anything changed. An unreadable file pauses everyone."""
        before = self.keys
        try:
            self.keys = _names(json.loads(self.path.read_text()))
        except FileNotFoundError:
            self.keys = frozenset()
        except (OSError, ValueError, RecursionError):
            self.keys = frozenset({EVERYONE})
        return self.keys != before

    def set(self, key: str = EVERYONE) -> None:
        """Pause `key` too."""
        self.refresh()
        self._write(self.keys | {key})

    def clear(self, key: str = EVERYONE) -> None:
        """Resume `key`; `*` resumes everyone."""
        self.refresh()
        self._write(frozenset() if key == EVERYONE else self.keys - {key})

    def _write(self, keys: frozenset[str]) -> None:
        if keys:
            fresh = self.path.with_suffix(".new")
            fresh.write_text(json.dumps(sorted(keys)))
            fresh.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)
        self.keys = keys


def _names(written: object) -> frozenset[str]:
    if not isinstance(written, list) or not all(isinstance(name, str) for name in written):
        raise ValueError("a pause file holds a list of key names")
    return frozenset(written)


def pause_file(store_url: str, folder: Path) -> Path:
    """Where the pause file is: beside a SQLite store, else in `folder`, the config's own."""
    _, _, path = store_url.partition("///")
    if store_url.startswith("sqlite") and path:
        return Path(f"{path}.paused")
    return folder / "smallfirst.paused"
