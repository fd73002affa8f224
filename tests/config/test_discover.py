"""What is made of the model servers on this machine, asked over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from router.config.discover import Place, discover, is_local_chat, settled, size_of
from router.core.prices import FREE
from tests.config.conftest import Desk


@asynccontextmanager
async def server(body: bytes, *, status: int = 200, context: int | None = None) -> AsyncIterator[Place]:
    """A server whose every answer is *body*; it keeps the heads of what it was asked."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        found = b"GET /v1/models " in head and b"authorization" not in head.lower()
        writer.write(b"HTTP/1.1 %d x\r\ncontent-length: %d\r\n" % (status if found else 500, len(body)))
        writer.write(b"location: http://127.0.0.1:9/\r\nconnection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield Place("server", f"http://127.0.0.1:{port}/v1", context)
    finally:
        listening.close()
        await listening.wait_closed()


def listing(*models: str) -> bytes:
    return json.dumps({"object": "list", "data": [{"id": model} for model in models]}).encode()


async def test_the_smallest_chat_model_is_small_and_the_largest_is_big() -> None:
    models = ("qwen3:4b", "nomic-embed-text:137m", "smollm2:0.5b", "gpt-oss:120b-cloud", "gemma3:12b")
    async with server(listing(*models), context=4096) as place:
        found = await discover((place,))
    small, big = found.world.upstreams["small"], found.world.upstreams["big"]
    assert (small.model, big.model, found.world.baseline, found.world.builtin) == (
        "smollm2:0.5b",
        "gemma3:12b",
        "big",
        False,
    )
    assert (small.kind, small.url, small.local, small.price, small.context) == ("openai", place.url, True, FREE, 4096)
    assert [one.model for one in found.found] == ["qwen3:4b", "smollm2:0.5b", "gemma3:12b"]
    assert found.lines == (f"small: smollm2:0.5b at {place.url}, local", f"big: gemma3:12b at {place.url}, local")


async def test_ollama_is_spoken_to_in_its_own_api() -> None:
    async with server(listing("qwen3:4b")) as place:
        found = await discover((Place("Ollama", place.url, kind="ollama"),))
    small = found.world.upstreams["small"]
    assert (small.kind, small.url, small.context) == ("ollama", place.url.removesuffix("/v1"), None)


async def test_models_of_several_servers_are_one_choice() -> None:
    async with server(listing("qwen3:8b")) as one, server(listing("phi-4-mini-3.8b")) as other:
        found = await discover((one, other))
    assert found.world.upstreams["small"].url == other.url
    assert found.world.upstreams["big"].url == one.url


async def test_a_single_model_is_both_and_says_that_nothing_can_be_saved() -> None:
    async with server(listing("llama3.2:latest")) as place:
        found = await discover((place,))
    assert {spec.model for spec in found.world.upstreams.values()} == {"llama3.2:latest"}
    assert "nothing can be saved" in "\n".join(found.lines)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>hello</html>", 200),
        (b"[]", 200),
        (b'{"data": 7}', 200),
        (b'{"data": [7, {"id": 7}, {"id": ""}, {"id": "a\\nb"}, {}]}', 200),
        (b"\xff\xfe", 200),
        (b"[" * 100_000, 200),
        (b" " * 1_100_000, 200),
        (listing("text-embedding-3"), 200),
        (listing("auto", "auto/balanced"), 200),
        (listing("${OPENAI_API_KEY}"), 200),
        (listing("qwen3:4b"), 404),
        (listing("qwen3:4b"), 302),
    ],
)
async def test_what_is_no_model_server_leads_to_the_builtin_world(body: bytes, status: int) -> None:
    async with server(body, status=status) as place:
        found = await discover((place,))
    assert found.world.builtin
    assert found.world.artifact == "builtin"
    assert "smallfirst init" in found.lines[-1]


async def test_where_nobody_listens_there_is_the_builtin_world() -> None:
    async with server(b"") as gone:
        pass
    found = await discover((gone,))
    assert list(found.world.upstreams) == ["small", "second", "third", "big"]
    assert found.found == ()


async def test_a_configuration_that_asks_for_it_is_settled(desk: Desk) -> None:
    async with server(listing("qwen3:4b", "qwen3:32b")) as place:
        config, found = await settled(desk.load("upstreams: discover\n"), (place,))
    assert found is not None
    assert not config.discover
    assert config.upstreams["big"].model == "qwen3:32b"
    assert config.classifier.artifact == "default"


async def test_a_configuration_with_upstreams_of_its_own_asks_nobody(desk: Desk) -> None:
    config = desk.load(desk.pair)
    assert await settled(config, (Place("none", "http://127.0.0.1:1/v1"),)) == (config, None)


@pytest.mark.parametrize(
    ("model", "billions"),
    [
        ("qwen3:4b", 4.0),
        ("google/gemma-3-12b-it", 12.0),
        ("mixtral-8x7b-instruct", 56.0),
        ("qwen3-30b-a3b", 30.0),
        ("gemma3n:e2b", 2.0),
        ("smollm:135M", 0.135),
        ("Qwen2.5-0.5B-Instruct", 0.5),
        ("llama3.2", None),
        ("phi3:mini", None),
        ("model-4bit", None),
    ],
)
def test_a_name_tells_the_size(model: str, billions: float | None) -> None:
    assert size_of(model) == billions


@pytest.mark.parametrize(
    "model", ["bge-m3", "whisper-large", "llama-guard3:1b", "kimi-k2:1t-cloud", "auto", "auto/observe"]
)
def test_what_does_not_chat_here_is_passed_over(model: str) -> None:
    assert not is_local_chat(model)
