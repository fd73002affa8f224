"""The `openai` package for Python, in every way that it asks."""

from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from tests.clients.conftest import Served

HI: list[Any] = [{"role": "user", "content": "hi"}]


class Person(BaseModel):
    """What `parse` should make of the answer."""

    name: str
    age: int


@pytest.fixture
def client(served: Served) -> OpenAI:
    return OpenAI(base_url=served.url, api_key="any", max_retries=0)


def test_an_answer_is_read_whole_and_streamed(client: OpenAI, answered: str) -> None:
    assert client.chat.completions.create(model="auto", messages=HI).choices[0].message.content == answered
    options: Any = {"include_usage": True}
    chunks = list(client.chat.completions.create(model="auto", messages=HI, stream=True, stream_options=options))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == answered
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 10


async def test_the_asynchronous_client_reads_the_same(served: Served, answered: str) -> None:
    async with AsyncOpenAI(base_url=served.url, api_key="any", max_retries=0) as client:
        whole = await client.chat.completions.create(model="auto", messages=HI)
        assert whole.choices[0].message.content == answered
        stream = await client.chat.completions.create(model="auto", messages=HI, stream=True)
        assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == answered


def test_responses_are_read_whole_and_streamed(client: OpenAI, answered: str) -> None:
    assert client.responses.create(model="auto", input="hi").output_text == answered
    with client.responses.stream(model="auto", input="hi") as stream:
        assert stream.get_final_response().output_text == answered


def test_parse_returns_the_object(client: OpenAI, served: Served) -> None:
    served.small.says('{"name": "Ada", "age": 36}')
    done = client.chat.completions.parse(model="auto", messages=HI, response_format=Person)
    assert done.choices[0].message.parsed == Person(name="Ada", age=36)


def test_tools_are_called_and_their_result_goes_back(client: OpenAI, served: Served) -> None:
    served.small.calls("weather", {"city": "París"}).then.says("Sunny")
    tools: Any = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}]
    with client.chat.completions.stream(model="auto", messages=HI, tools=tools) as stream:
        message: Any = stream.get_final_completion().choices[0].message
    (call,) = message.tool_calls
    assert (call.function.name, call.function.arguments) == ("weather", '{"city": "Par\\u00eds"}')
    history: Any = [*HI, message, {"role": "tool", "tool_call_id": call.id, "content": "sun"}]
    assert client.chat.completions.create(model="auto", messages=history, tools=tools).choices[0].message.content


def test_errors_are_of_the_packages_own_classes(client: OpenAI, served: Served) -> None:
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-9", messages=HI)
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="auto", messages=[])
    served.small.fails(500)
    served.big.fails(429, headers={"retry-after": "7"})
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(model="auto", messages=HI)
    assert raised.value.response.headers["retry-after"] == "7"


def test_a_cut_stream_raises(client: OpenAI, served: Served) -> None:
    served.small.fails(500)
    served.big.cuts(after=3)
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(model="auto", messages=HI, stream=True))
