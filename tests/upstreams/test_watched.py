"""What stands before a local upstream: slots, window, and the server's own word where ours is too rough."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from router.core.errors import NotReady, UpstreamRefused
from router.core.fallback import Course, course_of
from router.core.pace import Bound, Pace
from router.core.upstream import Call, Timeouts
from router.upstreams.watched import Watched
from tests.conftest import Scripted
from tests.standins.acts import Act, Completion, Received, completion_act, json_act
from tests.standins.scripted import ScriptedUpstream
from tests.standins.tiny_llama import TinyLlama
from tests.upstreams.conftest import Built, asked, read


def counted(tokens: int, **body: Any) -> Call:
    return replace(asked(**body), tokens=tokens)


def serving(server: ScriptedUpstream, make: str, *, count: int | None = None) -> ScriptedUpstream:
    """A scripted server of some make that counts every prompt as `count` tokens."""
    server.models = json_act({"data": [{"id": "m", "owned_by": make, "max_model_len": 1000}]})

    def answer(request: Received) -> Act:
        if request.path == "/tokenize":
            return json_act({"count": count}) if count is not None else json_act({}, 404)
        return completion_act(request, Completion(["ok"]))

    return server.does(answer)


def paths(server: ScriptedUpstream) -> list[str]:
    return [request.path for request in server.requests]


async def watched(built: Built, server: ScriptedUpstream, **more: Any) -> Watched:
    made = Watched(built(url=server.url, local=True, **more), Pace())
    await made.state()
    return made


async def test_a_prompt_that_surely_fits_is_sent_without_asking(built: Built, scripted: Scripted) -> None:
    server = serving(scripted(), "vllm", count=1)
    small = await watched(built, server)
    assert (await small.send(counted(400))).status == 200
    assert paths(server) == ["/v1/chat/completions"]


@pytest.mark.parametrize(("count", "sent"), [(999, True), (1000, False)])
async def test_near_the_window_the_servers_tokenizer_decides(
    built: Built, scripted: Scripted, count: int, sent: bool
) -> None:
    server = serving(scripted(), "vllm", count=count)
    small = await watched(built, server)
    if sent:
        assert (await small.send(counted(900))).status == 200
    else:
        with pytest.raises(UpstreamRefused) as refused:
            await small.send(counted(900))
        assert (refused.value.code, course_of(refused.value, retried=False)) == (
            "context_length_exceeded",
            Course.FALL_ON,
        )
    assert paths(server) == ["/tokenize", *(["/v1/chat/completions"] if sent else [])]


async def test_what_is_surely_too_long_asks_nobody(built: Built, scripted: Scripted) -> None:
    server = serving(scripted(), "vllm", count=1)
    with pytest.raises(UpstreamRefused):
        await (await watched(built, server)).send(counted(5000))
    assert server.requests == []


async def test_a_server_that_refuses_by_itself_decides_where_it_cannot_count(built: Built, scripted: Scripted) -> None:
    server = serving(scripted(), "vllm")
    assert (await (await watched(built, server)).send(counted(900))).status == 200


async def test_a_server_that_might_cut_gets_nothing_that_might_be_too_long(built: Built, scripted: Scripted) -> None:
    server = serving(scripted(), "library")
    small = await watched(built, server, context=1000)
    with pytest.raises(UpstreamRefused):
        await small.send(counted(900))
    assert server.requests == []
    small.pace._bound = Bound(0.9, 1.0, 100)
    assert (await small.send(counted(900))).status == 200


async def test_a_real_llama_cpp_is_asked_and_agrees(built: Built, tiny_llama: TinyLlama) -> None:
    small = Watched(built(url=tiny_llama.url, model=tiny_llama.model, key=tiny_llama.key, local=True), Pace())
    state = await small.state()
    assert (state.server, state.context, state.slots, state.free_slots, state.queue) == ("llama.cpp", 2048, 2, 2, 0)
    text = "far too long " * 500  # 1,625 tokens by our estimate, 2,509 by its own small vocabulary
    with pytest.raises(UpstreamRefused, match=r"was not asked: the prompt has [\d,]+ tokens and its window 2,048"):
        await small.send(replace(asked(text), tokens=1630))


async def test_slots_are_taken_and_given_back_by_answers_streams_and_failures(built: Built, scripted: Scripted) -> None:
    server = scripted().says("a b")
    small = await watched(built, server, slots=1, full="overflow")
    await small.send(asked())
    stream = await small.stream(asked(stream=True))
    assert (await small.state()).free_slots == 0
    with pytest.raises(NotReady) as full:
        await small.send(asked())
    assert (full.value.code, course_of(full.value, retried=False)) == ("full", Course.FALL_ON)
    await read(stream, [])
    await stream.close()
    await stream.close()
    server.fails(500)
    for _ in range(2):
        with pytest.raises(Exception, match="500"):
            await small.stream(asked(stream=True))
    state = await small.state()
    assert (state.phase, state.free_slots, small.gate.inside) == ("ready", 1, 0)


async def test_who_waits_for_a_slot_gets_it(built: Built, scripted: Scripted) -> None:
    server = scripted().slow("a")
    small = await watched(built, server, slots=1, full="wait", timeouts=Timeouts(queue_s=60))
    first, second = (asyncio.ensure_future(small.send(asked())) for _ in range(2))
    await server.asked.happened(1)
    state = await small.state()
    assert (state.phase, state.queue, state.detail) == ("busy", 1, "every slot is taken")
    server.release(2)
    assert [(await call).status for call in (first, second)] == [200, 200]


async def test_what_others_use_of_the_server_counts_too(built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.models = json_act({"data": [{"id": "m", "owned_by": "llamacpp"}]})
    server.props = json_act({"total_slots": 2})
    server.pages["/slots"] = json_act([{"is_processing": True}, {"is_processing": True}])
    state = await (await watched(built, server)).state()
    assert (state.phase, state.slots, state.free_slots) == ("busy", 2, 0)
