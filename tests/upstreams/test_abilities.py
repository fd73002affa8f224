"""What servers say and show of themselves; nobody is asked a token who bills for it."""

from decimal import Decimal
from typing import Any

import pytest

from router.core.prices import FREE, Price, PriceState
from router.core.upstream import UpstreamSpec
from router.upstreams.abilities import grey, llama_cpp, lm_studio, ollama
from router.upstreams.openai_compatible import OpenAICompatible
from tests.conftest import Scripted
from tests.standins.acts import Act, Completion, Received, completion_act, json_act
from tests.standins.scripted import ScriptedUpstream

LOGPROBS = {"content": [{"token": "1", "logprob": -0.1, "bytes": [49], "top_logprobs": []}]}
PAID = Price(PriceState.KNOWN, Decimal(1), Decimal(1))


def served(upstream: ScriptedUpstream, owner: str = "vllm", **more: Any) -> OpenAICompatible:
    upstream.models = json_act({"object": "list", "data": [{"id": "m", "owned_by": owner}]})
    return OpenAICompatible(
        UpstreamSpec("small", "openai", "m", upstream.url, **{"local": True, "price": FREE, **more})
    )


def refusing(*words: str) -> Any:
    """A server that refuses bodies which hold any of these words and answers all others with log-probabilities."""

    def act(request: Received) -> Act:
        if any(word.encode() in request.body for word in words):
            return json_act({"error": {"message": "not here", "type": "BadRequestError", "code": 400}}, 400)
        return completion_act(request, Completion(["1"], logprobs=LOGPROBS))

    return act


async def found(upstream: OpenAICompatible) -> dict[str, bool]:
    await upstream.state()
    await upstream.explore()
    state = await upstream.state()
    await upstream.aclose()
    return dict(state.supports)


async def test_a_server_that_answers_everything_can_do_everything_that_was_asked(scripted: Scripted) -> None:
    small = scripted()
    small.does(refusing())
    assert await found(served(small)) == {"logprobs": True, "tools": True, "vision": True}
    assert [request.json["max_tokens"] for request in small.requests] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("words", "lacks"), [(("tools",), {"tools"}), (("image_url",), {"vision"}), (("logprobs",), {"logprobs"})]
)
async def test_what_is_refused_is_lacking(scripted: Scripted, words: tuple[str, ...], lacks: set[str]) -> None:
    small = scripted()
    small.does(refusing(*words))
    told = await found(served(small))
    assert {name for name, has in told.items() if not has} == lacks


async def test_log_probabilities_that_are_accepted_and_empty_are_lacking(scripted: Scripted) -> None:
    small = scripted()
    small.says("1")
    assert (await found(served(small)))["logprobs"] is False


async def test_a_picture_that_breaks_the_server_is_one_it_cannot_see(scripted: Scripted) -> None:
    small = scripted()
    small.does(lambda request: json_act({}, 500) if b"image_url" in request.body else refusing()(request))
    assert (await found(served(small)))["vision"] is False


async def test_where_the_plain_question_is_refused_nothing_is_learnt_and_it_is_asked_again(scripted: Scripted) -> None:
    small = scripted()
    small.fails(400).then.does(refusing())
    upstream = served(small)
    await upstream.state()
    await upstream.explore()
    assert (await upstream.state()).supports == {}
    assert await found(upstream) == {"logprobs": True, "tools": True, "vision": True}


async def test_what_was_found_is_remembered_until_it_is_to_be_forgotten(scripted: Scripted) -> None:
    small = scripted()
    small.does(refusing())
    upstream = served(small)
    await upstream.state()
    for _ in range(3):
        await upstream.explore()
    assert len(small.requests) == 4
    upstream.forget()
    assert (await upstream.state()).supports == {}
    await upstream.explore()
    assert len(small.requests) == 8
    await upstream.aclose()


async def test_a_server_that_was_away_is_looked_into_again(scripted: Scripted) -> None:
    small = scripted()
    small.does(refusing())
    upstream = served(small)
    await upstream.state()
    await upstream.explore()
    small.down()
    assert (await upstream.state()).supports == {}
    small.up()
    small.does(refusing("tools"))
    assert (await found(upstream))["tools"] is False


async def test_a_server_that_keeps_failing_is_left_alone_after_three_tries(scripted: Scripted) -> None:
    small = scripted()
    small.fails(500)
    upstream = served(small)
    await upstream.state()
    for _ in range(9):
        await upstream.explore()
    assert len(small.requests) == 3
    await upstream.aclose()


async def test_who_only_looks_asks_for_no_token(scripted: Scripted) -> None:
    small = scripted()
    upstream = served(small)
    await upstream.state()
    await upstream.explore(tokens=False)
    await upstream.aclose()
    assert small.requests == []


@pytest.mark.parametrize(
    "row", [{"local": False}, {"price": PAID}, {"supports": frozenset({"tools"})}, {"owner": "somebody"}]
)
async def test_nobody_is_asked_a_token_who_bills_or_is_far_or_known_or_a_stranger(
    scripted: Scripted, row: dict[str, Any]
) -> None:
    small = scripted()
    assert await found(served(small, **row)) == {}
    assert small.requests == []


@pytest.mark.parametrize("template", ["", "{{ x }}" * 200_000], ids=["short", "longer than a packet"])
async def test_a_llama_cpp_server_tells_what_it_can_and_is_asked_no_token(template: str, scripted: Scripted) -> None:
    small = scripted()
    small.props = json_act({"chat_template": template, **PROPS})
    assert await found(served(small, "llamacpp")) == {
        "vision": False,
        "audio": False,
        "tools": True,
        "parallel_tools": False,
        "n": False,
    }
    assert small.requests == []


PROPS = {
    "default_generation_settings": {"n_ctx": 4096},
    "total_slots": 1,
    "modalities": {"vision": False, "audio": False},
    "chat_template_caps": {"supports_tools": True, "supports_parallel_tool_calls": False, "supports_system_role": True},
}


def test_only_what_a_page_says_is_told() -> None:
    assert llama_cpp({}) == llama_cpp({"modalities": 5, "chat_template_caps": None}) == {}
    assert ollama({}) == ollama({"capabilities": []}) == {}
    assert ollama({"capabilities": ["completion", "tools", "thinking"]}) == {
        "tools": True,
        "vision": False,
        "reasoning": True,
    }
    listed = {"models": [{"key": "m", "capabilities": {"vision": True, "trained_for_tool_use": False}}, 5]}
    assert lm_studio(listed, "m") == {"vision": True}
    assert lm_studio(listed, "other") == lm_studio({}, "m") == {}


def test_the_picture_is_one() -> None:
    assert grey().startswith(b"\x89PNG\r\n\x1a\n")
    assert len(grey()) < 200
