"""What every kind of upstream promises, whichever it is."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from router.core.errors import UpstreamError, UpstreamFailed
from router.core.ports import Upstream
from router.core.recording import Recording, recording_key
from router.core.upstream import Call, Reply
from router.upstreams import KINDS
from tests.conftest import Scripted
from tests.standins.acts import Act, Completion, Received, completion_act, json_act
from tests.standins.claude import message_act
from tests.standins.ollama import OllamaServer
from tests.upstreams.conftest import Built, asked, skip_without_litellm

QUESTION = "What is the capital of France?"
USAGE = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
Staged = Callable[[], Upstream]


@pytest.fixture(params=sorted(KINDS))
def staged(request: pytest.FixtureRequest, built: Built, scripted: Scripted) -> Staged:
    """Builds an upstream of one kind that can answer QUESTION."""

    def openai() -> Upstream:
        return built(url=scripted().does(_paris).url)

    def llamacpp() -> Upstream:
        gguf: Path = request.getfixturevalue("tiny_gguf")
        return built(kind="llamacpp", local=True, slots=1, context=512, options={"gguf": str(gguf), "threads": 1})

    def recorded() -> Upstream:
        answer = Recording({"role": "assistant", "content": "Paris it is"}, "stop", USAGE)
        return built(kind="recorded", recordings={recording_key(asked(QUESTION).request): answer})

    def ollama() -> Upstream:
        server: OllamaServer = request.getfixturevalue("ollama_server")
        server.has("m").says("Paris it is")
        return built(kind="ollama", url=server.url, local=True)

    def anthropic() -> Upstream:
        return built(kind="anthropic", url=scripted().does(_claude).url)

    def litellm() -> Upstream:
        skip_without_litellm()
        return built(kind="litellm", model="openai/m", url=scripted().does(_paris).url, key="sk-big")

    stages: dict[str, Staged] = {
        "openai": openai,
        "anthropic": anthropic,
        "ollama": ollama,
        "litellm": litellm,
        "llamacpp": llamacpp,
        "recorded": recorded,
    }
    return stages[request.param]


async def test_it_keeps_the_spec_it_was_built_from(staged: Staged) -> None:
    assert staged().spec.name == "small"


async def test_it_answers_whole_in_openais_shape(staged: Staged) -> None:
    reply = await staged().send(asked(QUESTION, max_tokens=16))
    assert reply.decoded is None or reply.decoded == json.loads(reply.body), (
        "what was read already is not what is handed on"
    )
    body = json.loads(reply.body)
    assert (reply.status, body["object"]) == (200, "chat.completion")
    assert reply.content_type.startswith("application/json")
    assert isinstance(body["choices"][0]["message"]["content"], str)
    assert body["choices"][0]["finish_reason"] in ("stop", "length")
    assert body["usage"]["total_tokens"] > 0


async def test_it_streams_the_same_answer_with_usage_when_asked_and_its_own_end(staged: Staged) -> None:
    upstream = staged()
    whole = json.loads((await upstream.send(asked(QUESTION, max_tokens=16, temperature=0))).body)
    call = asked(QUESTION, max_tokens=16, temperature=0, stream=True, stream_options={"include_usage": True})
    stream = await upstream.stream(call)
    events = b"".join([chunk async for chunk in stream.chunks]).decode().split("\n\n")
    await stream.close()
    assert stream.content_type.startswith("text/event-stream")
    assert [event for event in events if event][-1] == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events if event and "[DONE]" not in event]
    pieces = [chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks if chunk["choices"]]
    assert "".join(pieces) == whole["choices"][0]["message"]["content"]
    assert [chunk["usage"]["total_tokens"] > 0 for chunk in chunks if not chunk["choices"]] == [True]


async def sent(upstream: Upstream, call: Call) -> Reply:
    """The answer as the pipeline gets it: what met a connection that its server had just closed goes out once more."""
    try:
        return await upstream.send(call)
    except UpstreamFailed as failed:
        if not failed.unsent:
            raise
        return await upstream.send(call)


async def test_a_stream_may_be_closed_early_and_twice(staged: Staged) -> None:
    upstream = staged()
    stream = await upstream.stream(asked(QUESTION, stream=True, max_tokens=16))
    assert await anext(aiter(stream.chunks))
    await stream.close()
    await stream.close()
    assert (await sent(upstream, asked(QUESTION, max_tokens=4))).status == 200


async def test_a_call_may_be_cancelled_at_once(staged: Staged) -> None:
    upstream = staged()
    calls = [asyncio.ensure_future(upstream.send(asked(QUESTION, max_tokens=64))) for _ in range(3)]
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert all(call.cancelled() for call in calls)
    assert (await sent(upstream, asked(QUESTION, max_tokens=4))).status == 200


async def test_what_it_cannot_answer_is_an_upstream_error_with_its_name(staged: Staged) -> None:
    with pytest.raises(UpstreamError) as error:
        await staged().send(asked(" ".join(["far too long"] * 3000)))
    assert error.value.upstream == "small"


async def test_its_state_never_raises_and_says_ready_once_it_answers(staged: Staged) -> None:
    upstream = staged()
    assert (await upstream.state()).phase in ("ready", "loading")
    await upstream.send(asked(QUESTION, max_tokens=4))
    assert (await upstream.state()).phase == "ready"


async def test_it_may_be_closed_before_its_first_use_and_twice(staged: Staged) -> None:
    upstream = staged()
    await upstream.aclose()
    await upstream.aclose()


def _paris(request: Received) -> Act:
    if len(request.text) > 1000:
        return json_act({"error": {"message": "too long", "code": "context_length_exceeded"}}, 400)
    return completion_act(request, Completion(["Paris", " it is"]))


def _claude(request: Received) -> Act:
    """Anthropic's answer in its own words, or its refusal of what is too long."""
    if len(request.body) > 10_000:
        return json_act({"type": "error", "error": {"type": "invalid_request_error", "message": "too long"}}, 400)
    return message_act(request, "Paris it is")
