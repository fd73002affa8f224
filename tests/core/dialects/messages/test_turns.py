"""The turns of a Messages conversation as chat messages: results first, thinking along, places named."""

from typing import Any

import pytest

from router.core.dialects.messages.turns import MAX_MESSAGES, chat_messages
from router.core.errors import BadRequest

PNG = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO"}}
USE = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}}


def turns(*messages: dict[str, Any], **body: Any) -> list[dict[str, Any]]:
    return chat_messages({"messages": list(messages), **body})


def test_the_system_prompt_comes_first() -> None:
    hi = {"role": "user", "content": "hi"}
    assert turns(hi, system=[{"type": "text", "text": "Be brief."}]) == [{"role": "system", "content": "Be brief."}, hi]


def test_results_stand_before_what_else_was_said_and_their_pictures_after() -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "4"}, PNG]}
    tool, user = turns({"role": "user", "content": [{"type": "text", "text": "so?"}, result]})
    assert tool == {"role": "tool", "tool_call_id": "toolu_1", "content": "4"}
    assert [part["type"] for part in user["content"]] == ["text", "image_url"]


def test_a_turn_of_results_alone_says_nothing_else() -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": True}
    (tool,) = turns({"role": "user", "content": [result]})
    assert tool == {"role": "tool", "tool_call_id": "toolu_1", "content": "", "is_error": True}


def test_an_assistants_calls_and_thoughts_go_beside_its_text() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    (said,) = turns({"role": "assistant", "content": [thought, USE]})
    assert (said["content"], said["thinking_blocks"]) == (None, [thought])
    assert said["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a":1}'}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"role": "user", "content": "hi"}] * (MAX_MESSAGES + 1)}, "messages"),
        ({"messages": [{"role": "robot", "content": "hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "assistant", "content": [USE | {"input": "x"}]}]}, "messages[0].content[0].input"),
    ],
)
def test_what_is_no_conversation_is_refused_with_its_place(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        chat_messages(body)
    assert raised.value.param == param
