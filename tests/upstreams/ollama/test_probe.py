"""The pages of an Ollama server, and what is read out of them."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from yarl import URL

from router.upstreams.ollama.probe import Model, Pages, ServerSaid, cloud_name, same_model
from tests.standins.acts import json_act
from tests.standins.ollama import OllamaServer


@pytest.fixture
async def pages(ollama_server: OllamaServer) -> AsyncIterator[Pages]:
    async with aiohttp.ClientSession() as session:
        yield Pages(URL(ollama_server.url), session, {}, {})


async def test_a_model_is_shown_with_its_window_its_own_wish_and_its_abilities(
    pages: Pages, ollama_server: OllamaServer
) -> None:
    parameters = 'temperature                    0.6\nnum_ctx                        8192\nstop "<|im_end|>"'
    ollama_server.has("m", capabilities=["completion", "tools"], longest=40960, parameters=parameters)
    model = await pages.shown("m")
    assert (model.there, model.longest, model.preset, model.remote) == (True, 40960, 8192, "")
    assert model.capabilities == {"completion", "tools"}
    assert await pages.size("m") == 2_000_000_000


async def test_a_model_that_is_not_there_is_not_there(pages: Pages) -> None:
    assert await pages.shown("none") == Model(there=False)
    assert (await pages.resident("none"), await pages.size("none")) == (None, 0)


async def test_a_cloud_model_says_where_it_is_run(pages: Pages, ollama_server: OllamaServer) -> None:
    ollama_server.has("m", remote_host="https://ollama.com:443")
    assert (await pages.shown("m")).remote == "https://ollama.com:443"


async def test_a_page_that_is_no_answer_says_so(ollama_server: OllamaServer, pages: Pages) -> None:
    ollama_server._page = lambda path, name: json_act({"error": "boom"}, 500)  # type: ignore[method-assign]
    with pytest.raises(ServerSaid) as said:
        await pages.shown("m")
    assert said.value.status == 500
    with pytest.raises(ServerSaid, match="/api/ps"):
        await pages.resident("m")


@pytest.mark.parametrize("page", [{}, [], {"models": 5}, {"models": [5, {"name": 7}]}, {"models": [{"size": "big"}]}])
async def test_a_page_of_another_shape_tells_nothing(ollama_server: OllamaServer, pages: Pages, page: Any) -> None:
    ollama_server._page = lambda path, name: json_act(page)  # type: ignore[method-assign]
    assert (await pages.resident("m"), await pages.size("m")) == (None, 0)
    assert (await pages.shown("m")).longest is None


@pytest.mark.parametrize(
    ("listed", "model", "same"),
    [
        ("m:latest", "m", True),
        ("m", "m", True),
        ("m:4b", "m", False),
        ("host:5000/m:latest", "host:5000/m", True),
        (None, "m", False),
    ],
)
def test_a_name_without_a_tag_means_the_latest(listed: object, model: str, same: bool) -> None:
    assert same_model(listed, model) is same


@pytest.mark.parametrize(("name", "cloud"), [("a:cloud", True), ("A:120B-Cloud", True), ("cloudy:4b", False)])
def test_some_names_say_that_a_cloud_runs_them(name: str, cloud: bool) -> None:
    assert cloud_name(name) is cloud
