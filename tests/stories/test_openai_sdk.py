"""The real `openai` SDK as the client: it notices nothing, and its errors are of the classes it knows."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"
HI: list[Any] = [{"role": "user", "content": "hi"}]
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
    }
]


@pytest.fixture
def small(scripted: Scripted) -> ScriptedUpstream:
    return scripted()


@pytest.fixture
def house(small: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse) -> House:
    return open_house({"small": small, "big": scripted()})


@pytest.fixture
def client(house: House) -> Iterator[OpenAI]:
    http = openai.DefaultHttpxClient(trust_env=False)
    with OpenAI(base_url=f"{house.url}/v1", api_key="sf-any", max_retries=0, http_client=http) as made:
        yield made


def test_an_answer_is_read_as_an_answer(client: OpenAI, small: ScriptedUpstream) -> None:
    small.says("forty two")
    completion = client.chat.completions.create(model="auto", messages=HI)
    assert completion.choices[0].message.content == "forty two"
    assert completion.usage is not None
    assert completion.usage.total_tokens == 10


def test_the_headers_say_what_was_done(client: OpenAI, small: ScriptedUpstream) -> None:
    raw = client.chat.completions.with_raw_response.create(model="auto", messages=HI)
    assert raw.headers["x-router-upstream"] == "small"
    assert raw.headers["x-router-cost-usd"] == "0.000000000"
    assert raw.parse().choices[0].message.content == "ok"
    assert raw.parse()._request_id == raw.headers["x-router-exchange"]


@pytest.mark.parametrize("usage", [True, False], ids=["usage", "no usage"])
def test_a_stream_is_read_to_its_end(client: OpenAI, small: ScriptedUpstream, usage: bool) -> None:
    small.says("forty two and more")
    options: dict[str, Any] = {"stream_options": {"include_usage": True}} if usage else {}
    chunks = list(client.chat.completions.create(model="auto", messages=HI, stream=True, **options))
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == "forty two and more"
    assert [chunk.usage.total_tokens for chunk in chunks if chunk.usage] == ([10] if usage else [])


def test_the_sdks_own_stream_helper_puts_it_together(client: OpenAI, small: ScriptedUpstream) -> None:
    small.says("forty two")
    with client.chat.completions.stream(model="auto", messages=HI) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.content == "forty two"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_tool_call_arrives_whole(client: OpenAI, small: ScriptedUpstream, stream: bool) -> None:
    small.calls("weather", {"city": "Paris"})
    if stream:
        with client.chat.completions.stream(model="auto", messages=HI, tools=TOOLS) as events:
            message: Any = events.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(model="auto", messages=HI, tools=TOOLS).choices[0].message
    (call,) = message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "Paris"})


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(model="gpt-9", messages=HI)
    assert raised.value.code == "model_not_found"
    assert raised.value.request_id


def test_a_wrong_body_is_a_bad_request_that_names_the_parameter(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="auto", messages=[])
    assert raised.value.param == "messages"


def test_a_wrong_key_is_an_authentication_error(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra="auth: required\n")
    http = openai.DefaultHttpxClient(trust_env=False)
    with OpenAI(base_url=f"{house.url}/v1", api_key="sf-wrong", max_retries=0, http_client=http) as client:
        with pytest.raises(openai.AuthenticationError) as raised:
            client.chat.completions.create(model="auto", messages=HI)
        assert raised.value.code == "invalid_api_key"
        with pytest.raises(openai.AuthenticationError):
            client.models.list()


def test_what_this_key_may_not_do_is_permission_denied(client: OpenAI) -> None:
    with pytest.raises(openai.PermissionDeniedError) as raised:
        client.chat.completions.create(model="big", messages=HI, extra_headers={"x-router-local-only": "1"})
    assert raised.value.code == "local_only"


@pytest.mark.parametrize(("status", "kind"), [(429, openai.RateLimitError), (500, openai.InternalServerError)])
def test_when_nobody_answers_the_class_is_that_of_the_last_failure(
    status: int, kind: type[openai.APIStatusError], scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.fails(500)
    big.fails(status)
    house = open_house({"small": small, "big": big}, policy=PASS_ON)
    http = openai.DefaultHttpxClient(trust_env=False)
    with (
        OpenAI(base_url=f"{house.url}/v1", api_key="x", max_retries=0, http_client=http) as client,
        pytest.raises(kind),
    ):
        client.chat.completions.create(model="auto", messages=HI)


def test_a_stream_that_is_cut_raises_and_does_not_pass_for_an_answer(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.cuts(after=3)
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)
    http = openai.DefaultHttpxClient(trust_env=False)
    with OpenAI(base_url=f"{house.url}/v1", api_key="x", max_retries=0, http_client=http) as client:
        stream = client.chat.completions.create(model="auto", messages=HI, stream=True)
        pieces = (chunk.choices[0].delta.content or "" for chunk in stream)
        assert [next(pieces), next(pieces), next(pieces)] == ["", "one", "two"]
        with pytest.raises(openai.APIError):
            next(pieces)


def test_the_models_are_listed_as_the_sdk_lists_them(client: OpenAI) -> None:
    assert {"auto", "small", "big"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("auto").id == "auto"


async def test_the_asynchronous_client_reads_the_same(house: House, small: ScriptedUpstream) -> None:
    small.says("forty two")
    http = openai.DefaultAsyncHttpxClient(trust_env=False)
    async with AsyncOpenAI(base_url=f"{house.url}/v1", api_key="x", max_retries=0, http_client=http) as client:
        whole = await client.chat.completions.create(model="auto", messages=HI)
        said = ""
        async for chunk in await client.chat.completions.create(model="auto", messages=HI, stream=True):
            said += chunk.choices[0].delta.content or ""
        with pytest.raises(openai.NotFoundError):
            await client.chat.completions.create(model="gpt-9", messages=HI)
    assert whole.choices[0].message.content == said == "forty two"
