"""litellm's first call, made in a thread and to no server: its imports would block the event loop for half a second."""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from typing import Any

SDK = ("openai", "azure")  # spoken to with OpenAI's SDK, which has a client of its own
NOBODY: Mapping[str, Mapping[str, str]] = {
    "bedrock": {"aws_region_name": "us-east-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"},
    "azure": {"api_version": "2024-10-21"},
}
"""Credentials of nobody, so that none are looked for: not in the environment, a file, or a cloud's own pages."""
ASKED = ({"role": "user", "content": "warm-up"},)
VERTEX, GEMINI = "vertex_ai", "gemini/gemini-2.5-pro"  # the same adapter; only the other asks for no login
LOGINS = ("google.oauth2.service_account", "google.auth.transport.requests")


class Warmth:
    """Makes those calls once; whoever waits for them may leave without ending them."""

    def __init__(self, litellm: Any, model: str, provider: str, raised: tuple[type[Exception], ...]) -> None:
        self._litellm = litellm
        self._model = model
        self._provider = provider
        self._raised = raised
        self._warming: asyncio.Future[None] | None = None

    async def done(self) -> None:
        """Return once everything that a first call imports is there. Never raises, but for its own cancellation."""
        if self._warming is None:
            self._warming = asyncio.ensure_future(asyncio.to_thread(self._warm))
        if not self._warming.done():
            await asyncio.shield(self._warming)

    def _warm(self) -> None:
        if self._provider == VERTEX:
            with suppress(ImportError):  # then the first call says what is missing
                for name in LOGINS:
                    import_module(name)
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))  # held and not listened on: whoever connects to it is refused
            asyncio.run(self._asked(f"http://127.0.0.1:{held.getsockname()[1]}"))

    async def _asked(self, nowhere: str) -> None:
        """A stream that litellm makes up by itself, then a call that gets as far as its connection."""
        model = GEMINI if self._provider == VERTEX else self._model
        asked = {"model": model, "messages": list(ASKED), "api_key": "none", **NOBODY.get(self._provider, {})}
        with suppress(*self._raised):  # what is missing then, the first stream imports
            stream = await self._litellm.acompletion(**asked, stream=True, mock_response="warm")
            async for _ in stream:
                pass
        maker = self._litellm.llms.custom_httpx.http_handler.AsyncHTTPHandler
        client = None if self._provider in SDK else maker(timeout=1, follow_redirects=False)
        own = {"max_retries": 0} if client is None else {"client": client}
        try:
            with suppress(*self._raised):  # as it must: there is nobody
                await self._litellm.acompletion(**asked, api_base=nowhere, timeout=1, **own)
        finally:
            if client is not None:
                await client.close()
