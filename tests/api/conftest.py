"""The application over a runtime, asked without a socket."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from router.api.app import create_app
from router.config import load_config
from router.runtime import Runtime
from tests.conftest import Scripted
from tests.standins.house import write_house
from tests.standins.scripted import ScriptedUpstream


class Door:
    """A runtime behind its application: `door.http` asks it, `door.small` and `door.big` answer."""

    def __init__(self, runtime: Runtime, small: ScriptedUpstream, big: ScriptedUpstream) -> None:
        self.runtime, self.small, self.big = runtime, small, big
        self.app = create_app(runtime)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False)


@pytest.fixture
async def door(tmp_path: Path, scripted: Scripted) -> AsyncIterator[Door]:
    """A started application with a small and a big upstream, its ledger in memory."""
    small, big = scripted(), scripted()
    config = write_house(tmp_path, {"small": small, "big": big}, extra="store: {url: memory}\n")
    made = Door(Runtime(load_config(config, environ={})), small, big)
    incoming: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    outgoing: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
    living = asyncio.ensure_future(made.app({"type": "lifespan"}, incoming.get, outgoing.put))
    incoming.put_nowait({"type": "lifespan.startup"})
    assert await outgoing.get() == {"type": "lifespan.startup.complete"}
    async with made.http:
        yield made
    incoming.put_nowait({"type": "lifespan.shutdown"})
    assert await outgoing.get() == {"type": "lifespan.shutdown.complete"}
    await living
