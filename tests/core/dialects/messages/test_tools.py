"""Tools and the choice among them, from Messages to chat and back."""

from typing import Any

import pytest

from router.core.dialects.messages.tools import CHOICES, EMPTY_SCHEMA, anthropic_tools, chat_tools
from router.core.errors import BadRequest

WEATHER = {"name": "weather", "description": "Rain?", "input_schema": {"type": "object"}}


@pytest.mark.parametrize("choice", [*({"type": kind} for kind in CHOICES), {"type": "tool", "name": "weather"}])
def test_there_and_back_they_are_the_same(choice: dict[str, Any]) -> None:
    body = {"tools": [WEATHER | {"cache_control": {"type": "ephemeral"}, "strict": True}], "tool_choice": choice}
    chat, stripped = chat_tools(body)
    assert stripped == []
    assert anthropic_tools(chat) == body


def test_one_call_at_a_time_is_said_in_either_house() -> None:
    chat, _ = chat_tools({"tools": [WEATHER], "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}})
    assert chat["parallel_tool_calls"] is False
    assert anthropic_tools(chat)["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}


def test_what_a_chat_has_no_word_for_is_left_out_and_noted() -> None:
    _, stripped = chat_tools({"tools": [WEATHER | {"defer_loading": True}]})
    assert stripped == ["tools[0].defer_loading"]


def test_a_function_without_parameters_takes_an_empty_object() -> None:
    made = anthropic_tools({"tools": [{"type": "function", "function": {"name": "f"}}]})
    assert made == {"tools": [{"name": "f", "input_schema": EMPTY_SCHEMA}]}
    assert anthropic_tools({}) == {}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"tools": [{"type": "bash_20250124", "name": "bash"}]}, "tools[0]"),
        ({"tools": [WEATHER | {"input_schema": None}]}, "tools[0].input_schema"),
        ({"tool_choice": {"type": "maybe"}}, "tool_choice"),
    ],
)
def test_what_no_chat_can_carry_is_refused_with_its_place(body: dict[str, Any], param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        chat_tools(body)
    assert raised.value.param == param


@pytest.mark.parametrize(
    "chat",
    [
        {"tools": [{"type": "custom", "custom": {"name": "f"}}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": {"type": "allowed_tools"}},
    ],
)
def test_what_messages_has_no_word_for_is_refused(chat: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as raised:
        anthropic_tools(chat)
    assert raised.value.code == "unsupported_parameter"
