"""A real `smallfirst serve` in a process of its own, whose disk can fill up and which can be killed."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 60.0


class Doomed:
    """`doomed = Doomed(config)` runs until `doomed.kill()` or `doomed.stop()`; it is asked at `doomed.url`."""

    def __init__(self, config: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "router.cli", "serve", "--config", str(config), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert self.process.stdout is not None
        banner = self.process.stdout.readline()
        self.url = banner.split(" on ")[1].strip()

    def kill(self) -> None:
        """End it without a word, as `kill -9` does."""
        with self.process:
            self.process.kill()
            self.process.wait(PATIENCE_S)

    def stop(self) -> int:
        """End it in good order; returns its exit status."""
        with self.process:
            self.process.terminate()
            return self.process.wait(PATIENCE_S)

    @contextmanager
    def full_disk(self, size: int) -> Iterator[None]:
        """No file of it may grow beyond `size` bytes meanwhile: the system refuses the write, or cuts it short."""
        before = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, before[1]))
        try:
            yield
        finally:
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, before)
