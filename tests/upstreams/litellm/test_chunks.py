"""A stream of litellm's: its budgets, its end, and an end that was made up."""

import pytest

from router.core.errors import UpstreamFailed, UpstreamTimeout
from router.core.upstream import Timeouts
from tests.conftest import Scripted
from tests.standins.acts import event, stream_act
from tests.standins.wires import GEMINI, MISTRAL, Answer
from tests.upstreams.conftest import Built, asked, read

STREAM = asked(stream=True)


async def test_a_stream_cut_before_its_finish_reason_never_ends_as_if_it_were_whole(
    built: Built, scripted: Scripted
) -> None:
    server = scripted()
    whole = MISTRAL.script(Answer("one two three"))
    server.does(lambda request: stream_act(whole(request).pieces[:3]))
    stream = await built(kind="litellm", model="mistral/m", url=server.url, key="k").stream(STREAM)
    got: list[bytes] = []
    with pytest.raises(UpstreamFailed) as error:
        await read(stream, got)
    assert error.value.code == "stream_interrupted"
    assert b'"finish_reason":"stop"' not in b"".join(got)
    assert b"[DONE]" not in b"".join(got)


async def test_a_made_up_count_is_not_passed_on(built: Built, scripted: Scripted) -> None:
    server = scripted().says("six times seven")  # whose usage nobody asked for in Mistral's format
    stream = await built(kind="litellm", model="mistral/m", url=server.url, key="k").stream(STREAM)
    got: list[bytes] = []
    await read(stream, got)
    assert b'"usage"' not in b"".join(got)
    assert got[-1].endswith(b"data: [DONE]\n\n")


async def test_silence_between_two_events_has_a_budget(built: Built, scripted: Scripted) -> None:
    server = scripted().stalls(after=2)
    times = Timeouts(idle_s=0.05)
    stream = await built(kind="litellm", model="mistral/m", url=server.url, key="k", timeouts=times).stream(STREAM)
    with pytest.raises(UpstreamTimeout) as error:
        await read(stream, [])
    assert error.value.code == "timeout_idle"
    await server.hangups.happened()


async def test_an_error_inside_a_stream_that_began_breaks_it_off(built: Built, scripted: Scripted) -> None:
    server = scripted()
    whole = GEMINI.script(Answer("one two three"))
    wrong = event(GEMINI.refusal(503, "overloaded"))
    server.does(lambda request: stream_act([whole(request).pieces[0], wrong]))
    stream = await built(kind="litellm", model="gemini/m", url=server.url, key="k").stream(STREAM)
    with pytest.raises(UpstreamFailed) as error:
        await read(stream, [])
    assert error.value.code == "stream_interrupted"
