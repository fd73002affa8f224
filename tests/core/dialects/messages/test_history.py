"""Chat messages as Anthropic's turns: system to the top, neighbours joined, nothing empty."""

from typing import Any

import orjson
import pytest

from router.core.dialects.messages.history import split
from router.core.errors import BadRequest


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def test_system_and_developer_messages_go_to_the_top() -> None:
    system, turns = split([user("a"), {"role": "developer", "content": "b"}, {"role": "system", "content": "c"}])
    assert system == [text("b"), text("c")]
    assert turns == [{"role": "user", "content": [text("a")]}]


def test_a_result_joins_the_users_turn_beside_it() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    asked = {"role": "assistant", "content": None, "tool_calls": [call]}
    _, turns = split([user("a"), asked, {"role": "tool", "tool_call_id": "call_1", "content": "4"}, user("b")])
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    used = orjson.loads(orjson.dumps(turns[1]["content"]))
    assert used == [{"type": "tool_use", "id": "call_1", "name": "f", "input": {}}]
    result = {"type": "tool_result", "tool_use_id": "call_1", "content": "4"}
    assert turns[2]["content"] == [result, text("b")]


def test_what_is_empty_is_left_out() -> None:
    assert split([user(""), user([text("")]), user("a")])[1] == [{"role": "user", "content": [text("a")]}]


def test_only_signed_thoughts_are_its_own_and_they_come_first() -> None:
    signed = {"type": "thinking", "thinking": "hm", "signature": "s"}
    said = {"role": "assistant", "content": "4", "thinking_blocks": [{"type": "thinking", "thinking": "no"}, signed]}
    assert split([said])[1][0]["content"] == [signed, text("4")]


def test_pictures_and_files_become_sources() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}}
    file = {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBE"}}
    image, document = split([user([picture, file])])[1][0]["content"]
    assert image["source"] == {"type": "base64", "media_type": "image/png", "data": "iVBO"}
    assert (document["type"], document["title"]) == ("document", "a.pdf")


@pytest.mark.parametrize(
    ("message", "param"),
    [
        (user([{"type": "input_audio", "input_audio": {}}]), "messages[0].content[0]"),
        ({"role": "function", "name": "f", "content": "4"}, "messages[0]"),
        ({"role": "assistant", "function_call": {"name": "f"}}, "messages[0].function_call"),
        ({"role": "robot"}, "messages[0]"),
    ],
)
def test_what_anthropic_cannot_hear_is_refused_with_its_place(message: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        split([message])
    assert raised.value.param == param
