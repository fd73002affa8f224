"""One model on several machines: who is asked, who is passed over, and that each call says who it was."""

import asyncio
import json
from typing import Any

import pytest
from msgspec.structs import replace

from router.core.errors import UpstreamFailed, UpstreamRefused
from router.core.upstream import Call
from router.upstreams.pool import Pool, beginning_of, place_of
from tests.conftest import Scripted
from tests.standins.acts import Act, json_act
from tests.standins.scripted import ScriptedUpstream
from tests.upstreams.conftest import Built, asked, read


def pooled(built: Built, *servers: ScriptedUpstream, **more: Any) -> Pool:
    urls = tuple(server.url for server in servers)
    made = built(url=urls[0], urls=urls, local=True, **more)
    assert isinstance(made, Pool)
    return made


def place(server: ScriptedUpstream) -> str:
    return f"127.0.0.1:{server.port}"


async def text_of(pool: Pool, call: Call) -> tuple[str, str]:
    reply = await pool.send(call)
    return json.loads(reply.body)["choices"][0]["message"]["content"], reply.machine


async def test_a_call_says_which_machine_answered(built: Built, scripted: Scripted) -> None:
    one, other = scripted().says("one"), scripted().says("other")
    pool = pooled(built, one, other)
    text, machine = await text_of(pool, asked("hello"))
    assert machine == {"one": place(one), "other": place(other)}[text]
    stream = await pool.stream(asked("hello", stream=True))
    await read(stream, [])
    await stream.close()
    assert stream.machine == machine


async def test_the_same_beginning_goes_to_the_same_machine_and_many_are_spread(
    built: Built, scripted: Scripted
) -> None:
    servers = [scripted().says(name) for name in "abc"]
    pool = pooled(built, *servers)
    seen = {text: {(await text_of(pool, asked(text)))[1] for _ in range(3)} for text in map(str, range(24))}
    assert all(len(machines) == 1 for machines in seen.values())
    assert len(set.union(*seen.values())) == 3


async def test_a_later_turn_has_the_beginning_of_the_first() -> None:
    first = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    later = [*first, {"role": "assistant", "content": "Hi"}, {"role": "user", "content": "And?"}]
    assert beginning_of({"messages": first}) == beginning_of({"messages": later})
    assert beginning_of({"messages": first}) != beginning_of({"messages": first[1:]})
    assert beginning_of({}) == beginning_of({"messages": None})


async def test_the_least_busy_machine_is_asked_first(built: Built, scripted: Scripted) -> None:
    busy, idle = scripted().slow("late"), scripted().slow("soon")
    pool = pooled(built, busy, idle)
    calls = [asyncio.ensure_future(pool.send(asked(str(number)))) for number in range(4)]
    await busy.asked.happened(2)
    await idle.asked.happened(2)
    assert [machine.open for machine in pool.machines] == [2, 2]
    for server in (busy, idle):
        server.release(2)
    await asyncio.gather(*calls)
    assert [machine.open for machine in pool.machines] == [0, 0]


async def test_a_conversation_leaves_its_machine_when_that_is_much_busier(built: Built, scripted: Scripted) -> None:
    servers = [scripted().says("a"), scripted().says("b")]
    pool = pooled(built, *servers)
    home = (await pool.send(asked("hello"))).machine
    machine = next(machine for machine in pool.machines if machine.name == home)
    machine.open += 1
    assert (await pool.send(asked("hello"))).machine == home
    machine.open += 1
    assert (await pool.send(asked("hello"))).machine != home


async def test_a_machine_that_is_gone_costs_the_client_nothing_and_is_passed_over(
    built: Built, scripted: Scripted
) -> None:
    gone, there = scripted(), scripted().says("there")
    pool = pooled(built, gone, there)
    gone.down()
    for number in range(6):
        assert (await text_of(pool, asked(str(number))))[1] == place(there)
    assert pool.machines[0].open == 0
    state = await pool.state()
    assert (state.phase, state.detail) == ("ready", f"1 of 2 machines: {place(gone)} absent")


async def test_a_machine_that_is_loading_is_passed_over(built: Built, scripted: Scripted) -> None:
    loading, ready = scripted().fails(503, {"error": {"message": "Loading model"}}), scripted().says("ready")
    pool = pooled(built, loading, ready)
    assert {(await text_of(pool, asked(str(number))))[1] for number in range(6)} == {place(ready)}
    assert len(loading.requests) <= 1


async def test_a_failure_after_the_request_was_read_is_the_calls_own(built: Built, scripted: Scripted) -> None:
    servers = [scripted().fails(500), scripted().fails(500)]
    pool = pooled(built, *servers)
    with pytest.raises(UpstreamFailed) as failed:
        await pool.send(asked())
    assert failed.value.machine in map(place, servers)
    assert sum(len(server.requests) for server in servers) == 1
    again = await asyncio.gather(pool.send(asked()), return_exceptions=True)
    assert isinstance(again[0], UpstreamFailed)
    assert [len(server.requests) for server in servers] == [1, 1]  # the other one was asked this time


async def test_a_refusal_is_nobodys_fault(built: Built, scripted: Scripted) -> None:
    pool = pooled(built, scripted().fails(400), scripted().fails(400))
    with pytest.raises(UpstreamRefused):
        await pool.send(asked())
    assert all(machine.out_until == 0.0 for machine in pool.machines)


async def test_when_all_are_gone_the_last_one_says_so(built: Built, scripted: Scripted) -> None:
    servers = [scripted(), scripted()]
    pool = pooled(built, *servers)
    for server in servers:
        server.down()
    with pytest.raises(UpstreamFailed) as failed:
        await pool.stream(asked(stream=True))
    assert failed.value.code == "unreachable"
    assert (await pool.state()).phase == "absent"
    assert [machine.open for machine in pool.machines] == [0, 0]


async def test_the_state_is_that_of_all_machines_together(built: Built, scripted: Scripted) -> None:
    servers = [scripted(), scripted()]
    for window, server in zip((4096, 8192), servers, strict=True):
        server.models = json_act({"data": [{"id": "m", "owned_by": "llamacpp"}]})
        server.props = json_act({"total_slots": 2, "default_generation_settings": {"n_ctx": window}})
    servers[0].pages["/slots"] = json_act([{"is_processing": True}, {"is_processing": False}])
    servers[1].pages["/metrics"] = Act([b"llamacpp:requests_processing 0\nllamacpp:requests_deferred 0\n"])
    state = await pooled(built, *servers).state()
    assert (state.slots, state.free_slots, state.queue, state.context) == (4, 3, 0, 4096)
    assert (state.resident, state.server) == (True, "llama.cpp")


def test_a_machine_is_called_by_host_and_port() -> None:
    assert place_of("http://user:secret@10.0.0.7:8000/v1") == "10.0.0.7:8000"


async def test_a_call_beside_another_goes_to_another_machine(built: Built, scripted: Scripted) -> None:
    one, other = scripted(), scripted()
    pool = pooled(built, one, other)
    first = asked("hello")
    _, machine = await text_of(pool, first)
    beside = replace(first, attempt="second", hedges=first.attempt)
    assert {machine, (await text_of(pool, beside))[1]} == {place(one), place(other)}
    assert (await text_of(pool, replace(first, hedges="long forgotten")))[1] in (place(one), place(other))
