"""LlamaIndex, which asks through OpenAI's protocol."""

from importlib import import_module
from typing import Any

from tests.clients.conftest import Served


def test_llamaindex_reads_whole_and_streamed(served: Served, answered: str) -> None:
    like = import_module("llama_index.llms.openai_like").OpenAILike
    llm: Any = like(model="auto", api_base=served.url, api_key="any", is_chat_model=True)
    assert llm.complete("hi").text == answered
    assert list(llm.stream_complete("hi"))[-1].text == answered
