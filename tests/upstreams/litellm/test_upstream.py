"""The kind as a whole: who is called with what, who is never, and what happens when somebody leaves."""

import asyncio

import pytest
from msgspec.structs import replace

from router.core.errors import SetupError, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from router.core.upstream import Timeouts
from tests.conftest import Scripted
from tests.upstreams.conftest import Built, asked

ANYONE = ["openai/m", "mistral/m", "huggingface/tgi", "gemini/m"]


async def test_the_rows_key_travels_and_nothing_of_the_body_that_steers(built: Built, scripted: Scripted) -> None:
    server, elsewhere = scripted().says("42"), scripted()
    upstream = built(kind="litellm", model="mistral/m", url=server.url, key="sk-row", headers={"x-team": "a"})
    await upstream.send(asked(api_key="sk-body", api_base=elsewhere.url, extra_headers={"x-evil": "1"}))
    (request,) = server.requests
    assert request.headers["authorization"] == "Bearer sk-row"
    assert request.headers["x-team"] == "a"
    assert "x-evil" not in request.headers
    assert elsewhere.requests == []


@pytest.mark.parametrize("model", ["mistral/m", "openai/m"])
async def test_a_callers_own_token_travels_in_the_place_of_the_rows(
    built: Built, scripted: Scripted, model: str
) -> None:
    server = scripted().says("42")
    upstream = built(kind="litellm", model=model, url=server.url, passes_key=True)
    for token in ("sk-one", "sk-two"):
        await upstream.send(replace(asked(), key=token))
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer sk-one", "Bearer sk-two"]


@pytest.mark.parametrize("stream", [False, True])
async def test_what_the_model_lacks_is_left_out_and_told(built: Built, scripted: Scripted, stream: bool) -> None:
    server, told = scripted().says("42"), list[tuple[str, ...]]()
    upstream = built(kind="litellm", model="mistral/m", url=server.url, key="k")
    call = replace(asked(user="u", store=True, odd=1, temperature=0.5, stream=stream), changed=told.append)
    await (upstream.stream if stream else upstream.send)(call)
    assert told == [("odd left out", "store left out", "user left out")]
    assert "temperature" in server.requests[0].json
    assert not {"odd", "store", "user"} & server.requests[0].json.keys()


async def test_without_a_key_none_is_taken_from_the_environment(
    built: Built, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "sk-from-the-environment")
    server = scripted().says("42")
    await built(kind="litellm", model="mistral/m", url=server.url).send(asked())
    assert "sk-from-the-environment" not in str(server.requests[0].headers)


@pytest.mark.parametrize("model", ANYONE)
async def test_no_redirect_is_followed_and_nothing_is_tried_twice(model: str, built: Built, scripted: Scripted) -> None:
    server, elsewhere = scripted(), scripted()
    server.redirects(elsewhere.url)
    with pytest.raises(UpstreamFailed, match="redirect"):
        await built(kind="litellm", model=model, url=server.url, key="k").send(asked())
    server.fails(503)
    with pytest.raises(UpstreamFailed):
        await built(kind="litellm", model=model, url=server.url, key="k").send(asked())
    assert (len(server.requests), elsewhere.requests) == (2, [])


@pytest.mark.parametrize("model", ANYONE)
async def test_a_server_that_is_down_cannot_be_reached(model: str, built: Built, scripted: Scripted) -> None:
    server = scripted()
    server.down()
    with pytest.raises(UpstreamFailed) as error:
        await built(kind="litellm", model=model, url=server.url, key="k").send(asked())
    assert error.value.code == "unreachable"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", ANYONE)
async def test_whoever_leaves_hangs_up_on_the_provider(
    model: str, stream: bool, built: Built, scripted: Scripted
) -> None:
    server = scripted().hangs()
    upstream = built(kind="litellm", model=model, url=server.url, key="k")
    ask = upstream.stream if stream else upstream.send
    call = asyncio.ensure_future(ask(asked(stream=stream)))
    await server.asked.happened()
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert call.cancelled()
    await server.hangups.happened()


@pytest.mark.parametrize(("stream", "code"), [(False, "timeout_total"), (True, "timeout_first_token")])
async def test_a_phase_that_takes_too_long_is_named(stream: bool, code: str, built: Built, scripted: Scripted) -> None:
    server = scripted().says("42").then.hangs()
    await built(kind="litellm", model="mistral/m", url=server.url, key="k").send(asked())  # imports what it needs
    times = Timeouts(total_s=0.2, first_token_s=0.1)
    upstream = built(kind="litellm", model="mistral/m", url=server.url, key="k", timeouts=times)
    with pytest.raises(UpstreamTimeout) as error:
        await (upstream.stream if stream else upstream.send)(asked(stream=stream))
    assert error.value.code == code


async def test_a_parameter_that_the_model_lacks_is_refused_before_anything_is_sent(
    built: Built, scripted: Scripted
) -> None:
    server = scripted()
    upstream = built(kind="litellm", model="anthropic/claude-opus-4-5", url=server.url, key="k")
    with pytest.raises(UpstreamRefused) as error:
        await upstream.send(asked(logprobs=True, top_logprobs=5))
    assert (error.value.code, error.value.upstream_status) == ("unsupported_parameter", 400)
    assert server.requests == []


def test_a_model_that_names_no_provider_is_a_mistake_in_the_config(built: Built) -> None:
    with pytest.raises(SetupError, match="write it as provider/model"):
        built(kind="litellm", model="no-such-thing")


async def test_its_window_is_the_one_that_litellm_lists(built: Built) -> None:
    state = await built(kind="litellm", model="gemini/gemini-2.5-pro", key="k").state()
    assert (state.phase, state.context) == ("ready", 1_048_576)
