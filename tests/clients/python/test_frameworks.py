"""Frameworks that ask through OpenAI's protocol: LangChain and pydantic-ai."""

from importlib import import_module
from typing import Any

from pydantic import BaseModel

from tests.clients.conftest import Served


class Person(BaseModel):
    """What structured output should become."""

    name: str
    age: int


def test_langchain_reads_whole_streamed_and_structured(served: Served, answered: str) -> None:
    chat: Any = import_module("langchain_openai").ChatOpenAI(model="auto", base_url=served.url, api_key="any")
    assert chat.invoke("hi").content == answered
    assert "".join(chunk.content for chunk in chat.stream("hi")) == answered
    served.small.says('{"name": "Ada", "age": 36}')
    assert chat.with_structured_output(Person, method="json_schema").invoke("who?") == Person(name="Ada", age=36)


def test_pydantic_ai_runs_a_tool_and_answers(served: Served) -> None:
    served.small.calls("weather", {"city": "Paris"}).then.says("Sunny in Paris")
    provider = import_module("pydantic_ai.providers.openai").OpenAIProvider(base_url=served.url, api_key="any")
    model = import_module("pydantic_ai.models.openai").OpenAIChatModel("auto", provider=provider)
    agent: Any = import_module("pydantic_ai").Agent(model)
    asked: list[str] = []

    def weather(city: str) -> str:
        """Tell the weather of a city."""
        asked.append(city)
        return "sun"

    agent.tool_plain(weather)
    assert agent.run_sync("weather?").output == "Sunny in Paris"
    assert asked == ["Paris"]
