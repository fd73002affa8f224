"""Real llama.cpp processes of this one: found, and caught while they load."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TASKS = Path("/proc/self/task")


def llamas() -> set[int]:
    """The llama.cpp processes that this one has started."""
    found = set()
    for task in TASKS.iterdir():
        with suppress(OSError):
            for child in (task / "children").read_text().split():
                if b"llama_server.py" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.add(int(child))
    return found


@contextmanager
def caught_loading() -> Iterator[list[int]]:
    """The next llama.cpp process is stopped as it starts: it loads for ever. Needs /proc."""
    others, caught, done = llamas(), list[int](), threading.Event()

    def catch() -> None:
        while not done.is_set() and not caught:
            for pid in llamas() - others:
                os.kill(pid, signal.SIGSTOP)
                caught.append(pid)
            done.wait(0.001)

    catching = threading.Thread(target=catch)
    catching.start()
    try:
        yield caught
    finally:
        done.set()
        catching.join()
