"""A whole proxy for stories: a real server on a loopback port over a store of its own.

house = open_house({"small": small, "big": big}, policy="...")   scripted upstreams by name
reply = house.ask("What is six times seven?")                     one request as a client makes it
house.ledger("attempts")                                          rows, once everything is written
"""

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from router.api.server import Server
from router.config import load_config
from router.core.errors import SetupError
from router.runtime import Runtime
from router.runtime.building import build_store
from tests.standins.written import CASCADE, write_house

PATIENCE_S = 90.0  # of a busy machine, too

__all__ = ["CASCADE", "House", "write_house"]


class House:
    """One running proxy and what it wrote down."""

    def __init__(self, config: Path, environ: Mapping[str, str] | None = None) -> None:
        self.runtime = Runtime(load_config(config, environ=environ or {}))
        self.folder = config.parent
        self._ready = threading.Event()
        self.url = ""
        self.server = Server(self.runtime, "127.0.0.1", 0, on_ready=self._announced)
        self._thread = threading.Thread(target=self.server.run, daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE_S), "the proxy did not start"
        self.http = httpx.Client(base_url=self.url, timeout=PATIENCE_S, trust_env=False)

    def _announced(self, where: str) -> None:
        self.url = where
        self._ready.set()

    def ask(self, text: str = "hello", *, headers: Mapping[str, str] | None = None, **body: Any) -> httpx.Response:
        """One chat request; `model` is auto unless said otherwise."""
        whole = {"model": "auto", "messages": [{"role": "user", "content": text}]} | body
        return self.http.post("/v1/chat/completions", json=whole, headers=headers)

    def ledger(self, table: Any, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table, oldest first, after everything journalled has become a row."""
        self.http.get("/healthz")  # one turn of the loop later, whatever was answered is closed
        assert self.runtime.store.flush(PATIENCE_S), "the ledger did not catch up"
        return self.runtime.store.find(table, **where)[::-1]

    def calls(self) -> list[tuple[Any, ...]]:
        """Upstream, origin, reason and error of every call so far."""
        return [(a["upstream"], a["origin"], a["reason"], a["error"]) for a in self.ledger("attempts")]

    def settle(self) -> None:
        """Wait until everything that is tried out in the shadow has come to its end."""
        self.http.get(
            "/healthz"
        )  # one turn of the loop later, whatever was answered is closed, and handed to the shadows
        done = asyncio.run_coroutine_threadsafe(self.runtime.shadows.settled(), self.server.loop)
        done.result(PATIENCE_S)

    def refresh(self) -> None:
        """What the loops do within a second: look at the pause and at the keys."""
        self.runtime.pause.refresh()
        self.runtime.read_keys()

    def reload(self) -> str:
        """Reload as SIGHUP does; returns why it was refused, "" when it was not."""
        done = asyncio.run_coroutine_threadsafe(self.runtime.reload(), self.server.loop)
        try:
            done.result(PATIENCE_S)
        except SetupError as error:
            return str(error)
        return ""

    def reopened(self, table: Any) -> list[dict[str, Any]]:
        """Rows of a table after `close`, as the next start would find them."""
        store = build_store(self.runtime.config, self.runtime.clock_us)
        try:
            return store.find(table)[::-1]
        finally:
            store.close()

    def close(self) -> None:
        """Stop it and wait until it has; a second time does nothing."""
        self.http.close()
        self.server.stop()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "the proxy did not stop"
