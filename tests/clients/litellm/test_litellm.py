"""litellm as a client, where the extra [litellm] is installed: `make providers` runs it."""

from importlib import import_module
from typing import Any

from tests.clients.conftest import Served


def test_litellm_reads_whole_and_streamed(served: Served, answered: str) -> None:
    ask: Any = import_module("litellm").completion
    how = {"model": "openai/auto", "api_base": served.url, "api_key": "any"}
    messages = [{"role": "user", "content": "hi"}]
    assert ask(messages=messages, **how).choices[0].message.content == answered
    chunks = ask(messages=messages, stream=True, **how)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == answered
