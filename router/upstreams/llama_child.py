"""One llama.cpp process: started, its output read, stopped, and never left behind."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import orjson

STDERR_KEPT = 8192
LINES_TOLD = 5
STOP_S = 5.0


class ChildFailed(Exception):
    """The process did not come to serve. `for_good`: starting it again cannot help."""

    def __init__(self, message: str, *, for_good: bool = False) -> None:
        super().__init__(message)
        self.for_good = for_good


class LlamaChild:
    """A running server. `url` is where it listens, on loopback only."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._stderr = bytearray()
        self._listening = asyncio.create_task(self._listen())
        self.url = ""

    @classmethod
    async def started(cls, order: Mapping[str, Any], load_s: float) -> Self:
        """A child that serves `order` (see llama_server.py). The order, with its key, goes by stdin.

        Raises ChildFailed when it dies, cannot load the model or takes longer than `load_s`.
        Cancelling stops the process.
        """
        script = Path(__file__).with_name("llama_server.py")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", str(script)),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,  # Ctrl-C in a terminal is for the router, which lets answers finish first
        )
        child = cls(process)
        try:
            async with asyncio.timeout(load_s):
                await child._load(order)
        except TimeoutError as error:
            await child.stop()
            raise ChildFailed(f"loading took longer than load_s = {load_s:g} s{child.last_words()}") from error
        except (ChildFailed, asyncio.CancelledError):
            await child.stop()
            raise
        return child

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def ended(self) -> str:
        """Wait until it ends by itself. Returns how it ended, with its last words."""
        status = await self._process.wait()
        await self._listening
        return f"it ended with status {status}{self.last_words()}"

    async def stop(self) -> None:
        """End it: ask by closing its stdin, then kill it. Returns when it is gone."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._listening

    def last_words(self) -> str:
        """The last lines it wrote to stderr, ready to follow a sentence; empty when there are none."""
        lines = self._stderr.decode(errors="replace").strip().splitlines()[-LINES_TOLD:]
        return "".join(f"\n  {line}" for line in lines)

    async def _load(self, order: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(order) + b"\n")
        try:
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        except ConnectionError:
            line = b""
        if not line:
            raise ChildFailed(await self.ended())
        message = orjson.loads(line)
        if "error" in message:
            await self.ended()
            gone = "cannot be loaded" in message["error"]
            words = "" if gone else self.last_words()
            raise ChildFailed(f"{message['error']}; {message['remedy']}{words}", for_good=gone)
        self.url = message["url"]

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while piece := await self._process.stderr.read(4096):
            self._stderr += piece
            del self._stderr[:-STDERR_KEPT]
