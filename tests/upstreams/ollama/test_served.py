"""What is remembered of a model, and for how long."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from router.core.upstream import UpstreamSpec
from router.upstreams.loading import Loading
from router.upstreams.ollama.probe import Model, Pages
from router.upstreams.ollama.served import Served
from tests.standins.ollama import OllamaServer

SPEC = UpstreamSpec("small", "ollama", "m", local=True)


@pytest.fixture
async def pages(ollama_server: OllamaServer) -> AsyncIterator[Pages]:
    ollama_server.has("m").resident["m"] = 8192
    async with aiohttp.ClientSession() as session:
        yield Pages(URL(ollama_server.url), session, {}, {})


async def test_the_server_is_asked_once_for_many_requests(pages: Pages, ollama_server: OllamaServer) -> None:
    served = Served(SPEC)
    for _ in range(5):
        assert (await served.looked(pages)).resident
    assert [probe.path for probe in ollama_server.probes] == ["/api/show", "/api/tags", "/api/ps"]
    served.forget()
    await served.looked(pages)
    assert len(ollama_server.probes) == 6


async def test_the_window_it_was_loaded_with_is_kept_when_it_leaves_memory(
    pages: Pages, ollama_server: OllamaServer
) -> None:
    served = Served(SPEC)
    await served.looked(pages)
    ollama_server.resident.clear()
    assert (await served.looked(pages, fresh=True)).resident is False
    assert (served.window, served.options.window) == (8192, 8192)


async def test_an_answer_proves_that_it_is_in_memory(pages: Pages, ollama_server: OllamaServer) -> None:
    served = Served(SPEC)
    await served.looked(pages)
    asked = len(ollama_server.probes)
    served.seen()
    await served.looked(pages)
    assert len(ollama_server.probes) == asked


async def test_what_the_server_says_that_the_model_can_is_told_and_nothing_else_is_guessed() -> None:
    async def load() -> None:
        """Nothing is loaded here."""

    served, loading = Served(SPEC), Loading(SPEC, load)
    assert served.state("ready", "", loading).supports == {}
    served.model = Model(there=True, capabilities=frozenset({"completion", "tools"}))
    assert served.state("ready", "", loading).supports == {"tools": True, "vision": False, "reasoning": False}
