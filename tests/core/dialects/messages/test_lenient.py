"""What only Anthropic understands is no error on its way to Anthropic."""

from typing import Any

import orjson
import pytest

from router.core.dialects.messages.lenient import parse_natively
from router.core.errors import BadRequest

SEARCH = {"type": "web_search_20250305", "name": "web_search"}
OWN = {"name": "weather", "input_schema": {"type": "object"}}


def asked(*content: Any, **fields: Any) -> Any:
    turn = {"role": "user", "content": [{"type": "text", "text": "hi"}, *content]}
    return parse_natively(orjson.dumps({"model": "auto", "max_tokens": 9, "messages": [turn]} | fields))


def test_hosted_tools_are_left_out_of_the_chat_and_noted() -> None:
    told = asked(tools=[SEARCH, OWN], tool_choice={"type": "any"}, container="c")
    assert [tool["function"]["name"] for tool in told.chat["tools"]] == ["weather"]
    assert "tool_choice" not in told.chat
    assert set(told.stripped) >= {"tools", "container"}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "web_search_tool_result", "content": []},
        {"type": "image", "source": {"type": "file", "file_id": "f"}},
        {"type": "image", "source": {"type": {}}},
        {"type": "document", "source": {"type": ["base64"]}},
        {"type": "document", "source": {"type": "url", "url": "https://a.example/b.pdf"}},
    ],
)
def test_blocks_that_only_anthropic_holds_are_left_out_and_noted(block: dict[str, Any]) -> None:
    told = asked(block)
    assert told.chat["messages"][0]["content"] == "hi"
    assert told.stripped == ("messages[0].content[1]",)


def test_so_are_those_inside_a_result() -> None:
    told = asked(
        {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "odd"}, {"type": "text", "text": "4"}]}
    )
    assert told.chat["messages"][0] == {"role": "tool", "tool_call_id": "t", "content": "4"}


def test_what_is_wrong_in_any_dialect_stays_wrong() -> None:
    with pytest.raises(BadRequest):
        asked({"type": "text", "text": 5})
