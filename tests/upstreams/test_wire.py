"""The budgets of a stream: silence counts until a token has come, then between chunks; the whole always does."""

import asyncio

import aiohttp
import pytest

from router.core.errors import UpstreamError, UpstreamFailed, UpstreamTimeout
from router.core.upstream import Timeouts, UpstreamSpec
from router.upstreams.wire import Wire, late
from tests.conftest import Scripted
from tests.standins.acts import Act
from tests.standins.scripted import ScriptedUpstream
from tests.upstreams.conftest import Built, asked, read

FOREVER = Timeouts(first_token_s=60, idle_s=60, total_s=60)
SOON = 0.05


async def streamed(
    upstream: ScriptedUpstream, timeouts: Timeouts, *, hear: bool = False, any_byte: bool = False
) -> bytes:
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
    assert (await streamed(scripted().says("forty two"), FOREVER)).endswith(b"data: [DONE]\n\n")


async def test_without_a_token_the_budget_of_the_first_one_runs_out(scripted: Scripted) -> None:
    with pytest.raises(UpstreamTimeout, match=r"first_token_s = 0\.05 s") as broken:
        await streamed(scripted().stalls(), Timeouts(first_token_s=SOON, idle_s=60, total_s=60))
    assert broken.value.code == "timeout_first_token"


@pytest.mark.parametrize("who", [{"hear": True}, {"any_byte": True}], ids=["a token", "any byte"])
async def test_after_the_first_token_silence_counts(who: dict[str, bool], scripted: Scripted) -> None:
    with pytest.raises(UpstreamTimeout) as broken:
        await streamed(scripted().stalls(), Timeouts(first_token_s=60, idle_s=SOON, total_s=60), **who)
    assert broken.value.code == "timeout_idle"


async def test_the_whole_has_a_budget_of_its_own(scripted: Scripted) -> None:
    with pytest.raises(UpstreamTimeout) as broken:
        await streamed(scripted().stalls(), Timeouts(first_token_s=60, idle_s=60, total_s=SOON))
    assert broken.value.code == "timeout_total"


async def test_a_connection_that_breaks_is_no_end(scripted: Scripted) -> None:
    with pytest.raises(UpstreamFailed) as broken:
        await streamed(scripted().cuts(), FOREVER)
    assert (broken.value.code, broken.value.upstream_status) == ("stream_interrupted", 200)


def test_a_timeout_names_the_key_that_widens_it() -> None:
    error = late(UpstreamSpec("small", "openai", "m", timeouts=Timeouts(connect_s=2)), "connect")
    assert error.message == "upstream 'small' took longer than connect_s = 2 s (upstreams.small.timeout.connect_s)"


@pytest.mark.parametrize(
    ("after", "timeouts", "phase"),
    [
        (0, Timeouts(first_token_s=0.05), "first_token"),
        (1, Timeouts(first_token_s=0.05), "first_token"),
        (2, Timeouts(idle_s=0.05), "idle"),
        (2, Timeouts(total_s=0.1, idle_s=9), "total"),
    ],
)
async def test_an_open_stream_has_budgets_for_silence_and_for_the_whole(
    built: Built, scripted: Scripted, after: int, timeouts: Timeouts, phase: str
) -> None:
    server = scripted().stalls(after=after)
    stream = await built(url=server.url, timeouts=timeouts).stream(asked(stream=True))
    got: list[bytes] = []
    if after > 1:
        stream.heard()  # whoever reads the chunks has found a token in them
    with pytest.raises(UpstreamTimeout) as late:
        await read(stream, got)
    assert late.value.code == f"timeout_{phase}"
    assert b"".join(got).count(b"data:") == after
    await server.hangups.happened()


async def test_a_chunk_is_handed_on_before_the_next_one_is_sent(built: Built, scripted: Scripted) -> None:
    server = scripted().slow("one", "two")
    stream = await built(url=server.url).stream(asked(stream=True))
    chunks = aiter(stream.chunks)
    seen = []
    for _ in range(5):  # role, one, two, finish, [DONE]
        server.release()
        seen.append(await anext(chunks))
    assert b"one" in seen[1]
    assert b"two" in seen[2]
    assert seen[4] == b"data: [DONE]\n\n"
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)


async def test_a_stream_cut_off_is_a_failure_after_what_came(built: Built, scripted: Scripted) -> None:
    server = scripted().does(lambda _: Act([b"data: 1\n\n"], content_type="text/event-stream", framing="chunked"))
    upstream = built(url=server.url)
    whole = await upstream.stream(asked(stream=True))
    got: list[bytes] = []
    await read(whole, got)
    assert got == [b"data: 1\n\n"]
    server.cuts(after=1)
    cut = await upstream.stream(asked(stream=True))
    with pytest.raises(UpstreamFailed) as failed:
        await read(cut, [])
    assert failed.value.code == "stream_interrupted"


async def test_closing_a_stream_hangs_up(built: Built, scripted: Scripted) -> None:
    server = scripted().stalls(after=1)
    stream = await built(url=server.url).stream(asked(stream=True))
    await anext(aiter(stream.chunks))
    await stream.close()
    await server.hangups.happened()
    with pytest.raises(UpstreamError):
        await anext(aiter(stream.chunks))


async def test_cancelling_a_wait_for_a_chunk_hangs_up(built: Built, scripted: Scripted) -> None:
    server = scripted().stalls(after=0)
    stream = await built(url=server.url).stream(asked(stream=True))
    waiting = asyncio.ensure_future(anext(aiter(stream.chunks)))
    await server.asked.happened()
    waiting.cancel()
    await asyncio.wait((waiting,))
    await server.hangups.happened()
