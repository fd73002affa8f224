"""The real `openai` SDK beyond chat: Responses, legacy completions and parsed answers."""

from collections.abc import Iterator
from typing import Any

import openai
import pydantic
import pytest
from openai import OpenAI

from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

PASS_ON = "policy: balanced\notherwise: {plan: [small]}\n"


class Person(pydantic.BaseModel):
    """What is asked for."""

    name: str
    age: int


@pytest.fixture
def small(scripted: Scripted) -> ScriptedUpstream:
    return scripted()


@pytest.fixture
def house(small: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse) -> House:
    return open_house({"small": small, "big": scripted()}, policy=PASS_ON, speaks="chat")


@pytest.fixture(params=["/v1", ""], ids=["v1", "no v1"])
def client(house: House, request: pytest.FixtureRequest) -> Iterator[OpenAI]:
    http = openai.DefaultHttpxClient(trust_env=False)
    with OpenAI(base_url=house.url + request.param, api_key="x", max_retries=0, http_client=http) as made:
        yield made


def test_a_response_is_read_as_one(client: OpenAI, small: ScriptedUpstream) -> None:
    small.says("forty two")
    response = client.responses.create(model="auto", input="hi", instructions="Be brief.", store=False)
    assert (response.output_text, response.status) == ("forty two", "completed")
    assert response.usage is not None
    assert response.usage.total_tokens == 10
    assert response._request_id


def test_a_stream_of_events_is_numbered_and_whole(client: OpenAI, small: ScriptedUpstream) -> None:
    small.says("forty two")
    events = list(client.responses.create(model="auto", input="hi", stream=True))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == "forty two"
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_a_function_call_comes_as_an_item(client: OpenAI, small: ScriptedUpstream) -> None:
    small.calls("weather", '{"city":  "Paris"}')
    tools: Any = [{"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": False}]
    response = client.responses.create(model="auto", input="hi", tools=tools)
    (call,) = response.output
    assert call.type == "function_call"
    assert (call.name, call.arguments, call.call_id) == ("weather", '{"city":  "Paris"}', "call_1")


def test_answers_are_parsed_in_both_dialects(client: OpenAI, small: ScriptedUpstream) -> None:
    small.says('{"name": "Ann", "age": 3}')
    person = Person(name="Ann", age=3)
    assert client.responses.parse(model="auto", input="hi", text_format=Person).output_parsed == person
    chat = client.chat.completions.parse(
        model="auto", messages=[{"role": "user", "content": "hi"}], response_format=Person
    )
    assert chat.choices[0].message.parsed == person


def test_a_cut_stream_of_events_raises(client: OpenAI, small: ScriptedUpstream) -> None:
    small.cuts(after=3)
    with pytest.raises(openai.APIError):
        list(client.responses.create(model="auto", input="hi", stream=True))


def test_what_needs_a_memory_is_a_bad_request_that_names_it(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model="auto", input="hi", previous_response_id="resp_1")
    assert (raised.value.param, raised.value.code) == ("previous_response_id", "unsupported_parameter")


def test_text_is_completed_and_streamed(client: OpenAI, small: ScriptedUpstream) -> None:
    small.says("forty two")
    whole = client.completions.create(model="auto", prompt="hi", max_tokens=5)
    assert (whole.choices[0].text, whole.object) == ("forty two", "text_completion")
    streamed = client.completions.create(model="auto", prompt="hi", stream=True)
    assert "".join(chunk.choices[0].text for chunk in streamed if chunk.choices) == "forty two"
