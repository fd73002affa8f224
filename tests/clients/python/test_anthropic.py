"""The `anthropic` package for Python before chat upstreams."""

from typing import Any

import anthropic
import pytest
from anthropic import Anthropic

from tests.clients.conftest import Served

HI: list[Any] = [{"role": "user", "content": "hi"}]


@pytest.fixture
def client(served: Served) -> Anthropic:
    return Anthropic(base_url=served.root, api_key="any", max_retries=0)


def test_a_message_is_read_whole_and_streamed(client: Anthropic, answered: str) -> None:
    whole: Any = client.messages.create(model="auto", max_tokens=50, messages=HI)
    assert whole.content[0].text == answered
    with client.messages.stream(model="auto", max_tokens=50, messages=HI) as stream:
        assert "".join(stream.text_stream) == answered


def test_a_tool_is_called_and_tokens_are_counted(client: Anthropic, served: Served) -> None:
    served.small.calls("weather", {"city": "Paris"})
    tools: Any = [{"name": "weather", "input_schema": {"type": "object"}}]
    whole: Any = client.messages.create(model="auto", max_tokens=50, messages=HI, tools=tools)
    assert (whole.stop_reason, whole.content[0].input) == ("tool_use", {"city": "Paris"})
    assert client.messages.count_tokens(model="auto", messages=HI).input_tokens > 0


def test_errors_are_of_the_packages_own_classes(client: Anthropic, served: Served) -> None:
    with pytest.raises(anthropic.NotFoundError):
        client.messages.create(model="gpt-9", max_tokens=5, messages=HI)
    served.small.fails(500)
    served.big.fails(429)
    with pytest.raises(anthropic.RateLimitError):
        client.messages.create(model="auto", max_tokens=5, messages=HI)
