"""Kind `ollama` against a stand-in that speaks its native API."""

import asyncio
import json
from typing import Any

import pytest
from msgspec import structs

from router.core.errors import NotReady, UpstreamFailed, UpstreamRefused
from router.core.fallback import Course, course_of, name_of
from router.core.ports import Upstream
from router.core.upstream import Call, Timeouts
from tests.standins.ollama import OllamaServer
from tests.upstreams.conftest import Built, asked, read

MODEL = "qwen3:4b"


@pytest.fixture
def server(ollama_server: OllamaServer) -> OllamaServer:
    return ollama_server.has(MODEL)


def spoken(built: Built, server: OllamaServer, **more: Any) -> Upstream:
    return built(**{"kind": "ollama", "url": server.url, "model": MODEL, "local": True, **more})


def impatient(call: Call) -> Call:
    return structs.replace(call, patient=False)


async def test_an_answer_comes_in_openais_shape_after_one_load(built: Built, server: OllamaServer) -> None:
    server.says("It is 42")
    small = spoken(built, server)
    reply = await small.send(asked(max_tokens=9))
    body = json.loads(reply.body)
    assert (body["model"], body["choices"][0]["message"]["content"]) == (MODEL, "It is 42")
    assert (body["usage"]["completion_tokens"], server.loads.count) == (3, 1)
    await small.send(asked())
    assert server.loads.count == 1


async def test_the_window_that_the_server_chose_is_said_with_every_request(built: Built, server: OllamaServer) -> None:
    small = spoken(built, server)
    await small.send(asked())
    assert server.chats[0]["options"]["num_ctx"] == 4096
    assert (await small.state()).context == 4096


async def test_a_configured_window_is_set_and_never_more_than_the_model_knows(
    built: Built, server: OllamaServer
) -> None:
    small = spoken(built, server, context=16384)
    await small.send(asked())
    assert (server.resident, (await small.state()).context) == ({MODEL: 16384}, 16384)
    server.has("short", longest=2048)
    short = spoken(built, server, model="short", context=16384)
    await short.send(asked())
    assert (server.resident["short"], (await short.state()).context) == (2048, 2048)


async def test_a_prompt_that_would_be_cut_is_refused_in_openais_words(built: Built, server: OllamaServer) -> None:
    with pytest.raises(UpstreamRefused) as refused:
        await spoken(built, server).send(asked("far too long " * 3000))
    assert (refused.value.code, name_of(refused.value)) == ("context_length_exceeded", "context_overflow")
    assert json.loads(refused.value.body)["error"]["param"] == "messages"
    assert course_of(refused.value, retried=False) is Course.FALL_ON


async def test_a_client_that_leaves_does_not_end_the_load(built: Built, server: OllamaServer) -> None:
    server.holds_loads()
    small = spoken(built, server)
    leaving = asyncio.ensure_future(small.send(asked()))
    await server.loading.happened()
    leaving.cancel()
    await asyncio.wait((leaving,))
    assert (await small.state()).phase == "loading"
    staying = asyncio.ensure_future(small.send(asked()))
    server.release()
    assert (await staying).status == 200
    assert (server.loading.count, server.hangups.count) == (1, 0)


async def test_who_cannot_wait_is_told_to_go_on_and_the_load_goes_on_too(built: Built, server: OllamaServer) -> None:
    server.holds_loads()
    small = spoken(built, server, timeouts=Timeouts(load_wait_s=0.01))
    with pytest.raises(NotReady) as refused:
        await small.send(impatient(asked()))
    assert refused.value.code == "loading"
    assert int(refused.value.headers["retry-after"]) >= 1
    state = await small.state()
    assert (state.phase, state.resident) == ("loading", False)
    assert state.loads_in_s is not None
    server.release()
    assert (await small.send(asked())).status == 200
    assert (await small.state()).phase == "ready"
    assert server.loading.count == 1


async def test_a_load_that_takes_too_long_says_which_budget_it_spent(built: Built, server: OllamaServer) -> None:
    server.holds_loads()
    small = spoken(built, server, timeouts=Timeouts(load_s=0.05))
    with pytest.raises(NotReady) as refused:
        await small.send(asked())
    assert refused.value.code in ("timeout_load", "loading")


@pytest.mark.parametrize(
    ("name", "pulled"), [("big:cloud", {}), ("glm-4.6-cloud", {}), ("innocent", {"remote_host": "https://ollama.com"})]
)
async def test_a_model_that_a_cloud_runs_is_never_asked_as_local(
    built: Built, server: OllamaServer, name: str, pulled: dict[str, Any]
) -> None:
    server.has(name, **pulled)
    small = spoken(built, server, model=name)
    for _ in range(2):
        with pytest.raises(UpstreamFailed) as refused:
            await small.send(asked("a secret"))
        assert refused.value.code == "not_local"
    state = await small.state()
    assert (state.phase, server.chats, server.loading.count) == ("failing", [], 0)
    assert "not local" in state.detail


async def test_an_upstream_that_is_not_called_local_may_ask_a_cloud_model(built: Built, server: OllamaServer) -> None:
    server.has("big:cloud", remote_host="https://ollama.com")
    assert (await spoken(built, server, model="big:cloud", local=False).send(asked())).status == 200


async def test_a_cloud_that_answers_after_all_is_not_believed(built: Built, server: OllamaServer) -> None:
    server.says("from far away", more={"remote_host": "https://ollama.com:443"})
    small = spoken(built, server)
    with pytest.raises(UpstreamFailed) as refused:
        await small.send(asked())
    assert refused.value.code == "not_local"
    stream = await small.stream(asked(stream=True))
    with pytest.raises(UpstreamFailed):
        await read(stream, [])
    await stream.close()


async def test_tools_thinking_and_logprobs_come_through_a_stream(built: Built, server: OllamaServer) -> None:
    server.has(MODEL, capabilities=["completion", "tools", "thinking"])
    entry = {"token": "so", "logprob": -0.25}
    server.says("so", thinking="hm", calls=[("get_time", {"zone": "UTC"})], logprobs=[entry])
    small = spoken(built, server, options={"think": "low"})
    events: list[bytes] = []
    stream = await small.stream(asked(stream=True, tools=[{"type": "function"}], logprobs=True))
    await read(stream, events)
    text = b"".join(events).decode()
    assert '"reasoning_content":"hm"' in text
    assert '"finish_reason":"tool_calls"' in text
    assert '"logprob":-0.25' in text
    assert (server.chats[0]["think"], stream.content_type) == ("low", "text/event-stream")


async def test_a_model_that_was_not_pulled_is_absent_and_says_how_to_get_it(built: Built, server: OllamaServer) -> None:
    small = spoken(built, server, model="llama9")
    assert ((await small.state()).phase, "ollama pull llama9" in (await small.state()).detail) == ("absent", True)
    with pytest.raises(UpstreamFailed) as failed:
        await small.send(asked())
    assert failed.value.code == "no_model"
    server.has("llama9")
    assert (await small.send(asked())).status == 200


async def test_a_name_without_a_tag_means_the_latest(built: Built, server: OllamaServer) -> None:
    server.has("gemma4").resident["gemma4:latest"] = 8192
    server.has("gemma4:latest")
    state = await spoken(built, server, model="gemma4").state()
    assert (state.resident, state.context) == (True, 8192)


async def test_a_server_that_is_gone_is_absent_and_a_call_says_unreachable(built: Built, server: OllamaServer) -> None:
    small = spoken(built, server)
    server.down()
    assert (await small.state()).phase == "absent"
    with pytest.raises(UpstreamFailed) as failed:
        await small.send(asked())
    assert failed.value.code == "unreachable"


async def test_a_full_queue_is_not_ready_and_a_crash_is_a_failure(built: Built, server: OllamaServer) -> None:
    small = spoken(built, server)
    server.errs(503, "server busy, please try again. maximum pending requests exceeded")
    with pytest.raises(NotReady) as full:
        await small.send(asked())
    assert full.value.code == "full"
    server.errs(500, "llama runner process has terminated: signal: killed")
    with pytest.raises(UpstreamFailed):
        await small.send(asked())


async def test_an_estimate_of_the_load_comes_from_its_size_and_then_from_experience(
    built: Built, server: OllamaServer
) -> None:
    small = spoken(built, server)
    assert (await small.state()).loads_in_s == pytest.approx(2.0)
    await small.send(asked())
    server.resident.clear()
    state = await small.state()
    assert state.resident is False
    assert state.loads_in_s is not None
    assert state.loads_in_s < 2.0


async def test_a_url_that_ends_as_openais_does_is_understood(built: Built, server: OllamaServer) -> None:
    assert (await spoken(built, server, url=f"{server.url}/v1").send(asked())).status == 200
