"""LM Studio is had to load its model before it is asked: once, for all who wait, with the window of the row."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from router.core.errors import NotReady, UpstreamFailed
from router.core.pace import Pace
from router.core.upstream import Timeouts
from router.upstreams.watched import Watched
from tests.conftest import Scripted
from tests.standins.acts import Act, Completion, Received, completion_act, json_act
from tests.standins.scripted import ScriptedUpstream
from tests.upstreams.conftest import Built, asked

LOADED = {"type": "llm", "instance_id": "m", "load_time_seconds": 9.1, "status": "loaded"}


def studio(
    server: ScriptedUpstream, *, resident: bool = False, status: int = 200, held: bool = False
) -> ScriptedUpstream:
    """A scripted LM Studio with the model `m`; `held`: a load takes until it is released."""
    instances = [{"id": "m", "config": {"context_length": 8192}}] if resident else []
    server.models = json_act({"data": [{"id": "m", "owned_by": "organization_owner"}]})
    server.pages["/api/v1/models"] = json_act({"models": [{"key": "m", "loaded_instances": instances}]})

    def act(request: Received) -> Act:
        if request.path == "/api/v1/models/load":
            said = json_act(LOADED, status)
            return Act(said.pieces, status, paced=held)
        return completion_act(request, Completion(["ok"]))

    return server.does(act)


async def watched(built: Built, server: ScriptedUpstream, **more: Any) -> Watched:
    made = Watched(built(url=server.url, local=True, **more), Pace())
    await made.state()
    return made


def paths(server: ScriptedUpstream) -> list[str]:
    return [request.path for request in server.requests]


async def test_a_cold_model_is_loaded_with_the_rows_window_and_then_asked(built: Built, scripted: Scripted) -> None:
    server = studio(scripted())
    small = await watched(built, server, context=16384)
    assert (await small.send(asked())).status == 200
    assert paths(server) == ["/api/v1/models/load", "/v1/chat/completions"]
    assert server.requests[0].json == {"model": "m", "context_length": 16384}
    assert (await small.send(asked())).status == 200
    assert len(server.requests) == 3
    await small.aclose()


async def test_a_model_that_is_in_memory_is_asked_at_once(built: Built, scripted: Scripted) -> None:
    server = studio(scripted(), resident=True)
    await (await watched(built, server)).send(asked())
    assert paths(server) == ["/v1/chat/completions"]


async def test_all_who_wait_wait_for_one_load_which_nobody_who_leaves_aborts(built: Built, scripted: Scripted) -> None:
    server = studio(scripted(), held=True)
    small = await watched(built, server)
    waiting = [asyncio.create_task(small.send(asked())) for _ in range(3)]
    await asyncio.to_thread(server.asked.wait)
    waiting[0].cancel()
    state = await small.state()
    assert (state.phase, state.resident) == ("loading", False)
    server.release()
    replies = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(reply, asyncio.CancelledError) for reply in replies] == [True, False, False]
    assert paths(server).count("/api/v1/models/load") == 1
    assert server.hangups.count == 0


async def test_who_cannot_wait_is_told_while_the_load_goes_on(built: Built, scripted: Scripted) -> None:
    server = studio(scripted(), held=True)
    small = await watched(built, server, timeouts=Timeouts(load_wait_s=0.01))
    hasty = structs.replace(asked(), patient=False)
    with pytest.raises(NotReady) as raised:
        await small.send(hasty)
    assert raised.value.code == "loading"
    server.release()
    assert (await small.send(asked())).status == 200
    assert paths(server) == ["/api/v1/models/load", "/v1/chat/completions"]
    assert (await small.state()).loads_in_s is not None


async def test_a_release_without_that_page_loads_by_being_asked(built: Built, scripted: Scripted) -> None:
    server = studio(scripted(), status=404)
    assert (await (await watched(built, server)).send(asked())).status == 200


async def test_a_model_that_cannot_be_loaded_is_a_failure(built: Built, scripted: Scripted) -> None:
    server = studio(scripted(), status=500)
    small = await watched(built, server)
    with pytest.raises(UpstreamFailed, match="answered 500 when it was to load its model"):
        await small.send(asked())
    assert paths(server) == ["/api/v1/models/load"]
