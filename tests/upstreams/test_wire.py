"""The budgets of a stream: silence counts until a token has come, then between chunks; the whole always does."""

import asyncio

import aiohttp
import pytest

from router.core.errors import UpstreamFailed, UpstreamTimeout
from router.core.upstream import Timeouts, UpstreamSpec
from router.upstreams.wire import Wire, late
from tests.conftest import Scripted
from tests.standins.scripted import ScriptedUpstream

FOREVER = Timeouts(first_token_s=60, idle_s=60, total_s=60)
SOON = 0.05


async def read(upstream: ScriptedUpstream, timeouts: Timeouts, *, hear: bool = False, any_byte: bool = False) -> bytes:
    """The stream of one request to `upstream`, read to its end within these budgets."""
    spec = UpstreamSpec("small", "openai", "m", upstream.url, timeouts=timeouts)
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    read = bytearray()
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{upstream.url}/chat/completions", json=body) as response,
    ):
        wire = Wire(spec, response, asyncio.get_running_loop().time(), any_byte=any_byte)
        async for chunk in wire:
            read += chunk
            if hear:
                wire.heard()
    return bytes(read)


async def test_a_stream_ends_with_its_last_chunk(scripted: Scripted) -> None:
    assert (await read(scripted().says("forty two"), FOREVER)).endswith(b"data: [DONE]\n\n")


async def test_without_a_token_the_budget_of_the_first_one_runs_out(scripted: Scripted) -> None:
    with pytest.raises(UpstreamTimeout, match=r"first_token_s = 0\.05 s") as broken:
        await read(scripted().stalls(), Timeouts(first_token_s=SOON, idle_s=60, total_s=60))
    assert broken.value.code == "timeout_first_token"


@pytest.mark.parametrize("who", [{"hear": True}, {"any_byte": True}], ids=["a token", "any byte"])
async def test_after_the_first_token_silence_counts(who: dict[str, bool], scripted: Scripted) -> None:
    with pytest.raises(UpstreamTimeout) as broken:
        await read(scripted().stalls(), Timeouts(first_token_s=60, idle_s=SOON, total_s=60), **who)
    assert broken.value.code == "timeout_idle"


async def test_the_whole_has_a_budget_of_its_own(scripted: Scripted) -> None:
    with pytest.raises(UpstreamTimeout) as broken:
        await read(scripted().stalls(), Timeouts(first_token_s=60, idle_s=60, total_s=SOON))
    assert broken.value.code == "timeout_total"


async def test_a_connection_that_breaks_is_no_end(scripted: Scripted) -> None:
    with pytest.raises(UpstreamFailed) as broken:
        await read(scripted().cuts(), FOREVER)
    assert (broken.value.code, broken.value.upstream_status) == ("stream_interrupted", 200)


def test_a_timeout_names_the_key_that_widens_it() -> None:
    error = late(UpstreamSpec("small", "openai", "m", timeouts=Timeouts(connect_s=2)), "connect")
    assert error.message == "upstream 'small' took longer than connect_s = 2 s (upstreams.small.timeout.connect_s)"
