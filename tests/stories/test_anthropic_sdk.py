"""The real `anthropic` SDK as the client, before chat upstreams and before Anthropic's own API."""

import json
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic import Anthropic

from tests.conftest import OpenHouse, Scripted
from tests.standins.claude import message_act
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

HI: list[Any] = [{"role": "user", "content": "hi"}]
TOOLS: list[Any] = [{"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}]


@pytest.fixture
def small(scripted: Scripted) -> ScriptedUpstream:
    return scripted()


@pytest.fixture
def claude(scripted: Scripted) -> ScriptedUpstream:
    return scripted().does(lambda request: message_act(request, "forty two"))


@pytest.fixture
def house(small: ScriptedUpstream, claude: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse) -> House:
    row = f"claude: {{kind: anthropic, model: claude-9, key: sk-ant, price: free, url: '{claude.url}'}}"
    return open_house({"small": small, "big": scripted()}, row=row)


@pytest.fixture
def client(house: House) -> Iterator[Anthropic]:
    http = anthropic.DefaultHttpxClient(trust_env=False)
    with Anthropic(base_url=house.url, api_key="sf-any", max_retries=0, http_client=http) as made:
        yield made


@pytest.mark.parametrize("model", ["auto", "claude"])
def test_a_message_is_read_as_a_message(model: str, client: Anthropic, small: ScriptedUpstream) -> None:
    small.says("forty two")
    message = client.messages.create(model=model, max_tokens=50, messages=HI, system="Be brief.")
    assert [block.text for block in message.content if block.type == "text"] == ["forty two"]
    assert (message.stop_reason, message.usage.output_tokens > 0) == ("end_turn", True)
    assert message._request_id


@pytest.mark.parametrize("model", ["auto", "claude"])
def test_a_stream_is_read_to_its_end(model: str, client: Anthropic, small: ScriptedUpstream) -> None:
    small.says("forty two")
    with client.messages.stream(model=model, max_tokens=50, messages=HI) as stream:
        assert "".join(stream.text_stream) == "forty two"
        final = stream.get_final_message()
    assert (final.stop_reason, final.usage.output_tokens > 0) == ("end_turn", True)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_tool_call_arrives_whole(stream: bool, client: Anthropic, small: ScriptedUpstream) -> None:
    small.calls("weather", {"city": "Paris"})
    if stream:
        with client.messages.stream(model="auto", max_tokens=50, messages=HI, tools=TOOLS) as events:
            message: Any = events.get_final_message()
    else:
        message = client.messages.create(model="auto", max_tokens=50, messages=HI, tools=TOOLS)
    (call,) = message.content
    assert (call.type, call.name, call.input, message.stop_reason) == (
        "tool_use",
        "weather",
        {"city": "Paris"},
        "tool_use",
    )


def test_tokens_are_counted_without_asking_anyone(client: Anthropic, small: ScriptedUpstream) -> None:
    assert client.messages.count_tokens(model="auto", messages=HI).input_tokens > 0
    assert small.requests == []


def test_errors_are_of_the_classes_the_sdk_knows(client: Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(model="gpt-9", max_tokens=5, messages=HI)
    with pytest.raises(anthropic.BadRequestError) as raised:
        client.messages.create(model="auto", max_tokens=5, messages=[])
    assert "messages" in raised.value.message


def test_a_stream_that_is_cut_raises(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.cuts(after=3)
    house = open_house({"small": small, "big": scripted()}, policy="policy: balanced\notherwise: {plan: [small]}\n")
    http = anthropic.DefaultHttpxClient(trust_env=False)
    with (
        Anthropic(base_url=house.url, api_key="x", max_retries=0, http_client=http) as client,
        client.messages.stream(model="auto", max_tokens=50, messages=HI) as stream,
        pytest.raises(anthropic.APIError),
    ):
        stream.get_final_message()


def test_the_models_are_listed_as_the_sdk_lists_them(client: Anthropic) -> None:
    assert {"auto", "small", "claude"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("auto").id == "auto"


def test_a_key_in_its_own_header_is_a_key(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra="auth: required\n")
    http = anthropic.DefaultHttpxClient(trust_env=False)
    with (
        Anthropic(base_url=house.url, api_key="sf-wrong", max_retries=0, http_client=http) as client,
        pytest.raises(anthropic.AuthenticationError),
    ):
        client.messages.create(model="auto", max_tokens=5, messages=HI)
    body = house.http.post("/v1/messages", json={}, headers={"x-api-key": "sf-wrong"}).json()
    assert json.dumps(body).startswith('{"type": "error"')
