"""Tools: functions, custom ones, namespaces, hosted ones; and the choice among them."""

from typing import Any

import pytest

from router.core.dialects.chat import MAX_TOOLS
from router.core.dialects.reading import Reading
from router.core.dialects.responses.tools import MAX_NAME, chat_name, choice_of, namespaced, tools_of
from router.core.errors import BadRequest

LOOK = {"type": "function", "name": "look", "description": "d", "parameters": {"type": "object"}, "strict": True}
SPACE = {"type": "namespace", "name": "mcp__files", "description": "files", "tools": [{**LOOK, "name": "read"}]}


def read(*tools: Any) -> tuple[list[dict[str, Any]], list[str]]:
    reading = Reading()
    return tools_of({"tools": list(tools)}, reading), reading.stripped


def test_a_function_moves_one_level_down() -> None:
    inner = {name: value for name, value in LOOK.items() if name != "type"}
    assert read(LOOK) == ([{"type": "function", "function": inner}], [])


def test_null_is_left_out_and_what_only_this_dialect_knows_is_noted() -> None:
    tools, stripped = read({**LOOK, "strict": None, "defer_loading": True, "odd": 1})
    assert "strict" not in tools[0]["function"]
    assert (tools[0]["function"]["odd"], stripped) == (1, ["tools[0].defer_loading"])


def test_a_custom_tool_keeps_its_grammar() -> None:
    form = {"type": "grammar", "syntax": "lark", "definition": "start: X"}
    tools, _ = read({"type": "custom", "name": "patch", "format": form})
    inner = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: X"}}
    assert tools == [{"type": "custom", "custom": {"name": "patch", "format": inner}}]


def test_a_namespace_is_unfolded_and_its_names_are_found_again() -> None:
    tools, stripped = read(SPACE)
    assert [tool["function"]["name"] for tool in tools] == ["mcp__files__read"]
    assert stripped == ["tools[0].description"]
    assert namespaced({"tools": [SPACE]}) == {"mcp__files__read": ("mcp__files", "read")}


def test_a_name_too_long_for_chat_is_cut_and_stays_its_own() -> None:
    first, second = chat_name("n" * 60, "alpha"), chat_name("n" * 60, "beta")
    assert len(first) == len(second) == MAX_NAME
    assert first != second
    assert chat_name("mcp__a__", "b") == "mcp__a__b"


@pytest.mark.parametrize("kind", ["web_search", "web_search_preview_2025_03_11", "image_generation", "tool_search"])
def test_a_hosted_tool_merely_offered_is_left_out_and_noted(kind: str) -> None:
    tools, stripped = read(LOOK, {"type": kind})
    assert (len(tools), stripped) == (1, ["tools[1]"])


@pytest.mark.parametrize("kind", ["file_search", "code_interpreter", "mcp", "computer", "local_shell", "apply_patch"])
def test_a_hosted_tool_that_keeps_state_is_refused(kind: str) -> None:
    with pytest.raises(BadRequest) as raised:
        read(LOOK, {"type": kind})
    assert (raised.value.param, raised.value.code) == ("tools[1]", "unsupported_parameter")


def test_tools_that_came_with_an_item_are_tools() -> None:
    body = {"tools": None, "input": [{"type": "additional_tools", "role": "developer", "tools": [LOOK]}]}
    assert len(tools_of(body, Reading())) == 1


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ("look", "tools[0]"),
        ({"type": "charm"}, "tools[0].type"),
        ({"type": ["function"]}, "tools[0].type"),
        ({"type": "function"}, "tools[0].name"),
        ({"type": "custom", "name": "a", "format": {"type": "b"}}, "tools[0].format.type"),
        ({"type": "namespace", "name": "a", "tools": [{"type": "namespace"}]}, "tools[0].tools[0].type"),
    ],
)
def test_a_mistake_is_told_with_its_place(tool: Any, param: str) -> None:
    with pytest.raises(BadRequest) as raised:
        read(tool)
    assert raised.value.param == param


def test_two_tools_of_one_name_are_a_mistake_and_one_said_twice_is_not() -> None:
    assert len(read(LOOK, LOOK)[0]) == 1
    with pytest.raises(BadRequest, match="unique"):
        read(LOOK, {**LOOK, "description": "other"})


def test_there_may_be_so_many_tools_and_no_more() -> None:
    with pytest.raises(BadRequest) as raised:
        read(*({**LOOK, "name": f"t{number}"} for number in range(MAX_TOOLS + 1)))
    assert raised.value.code == "array_above_max_length"


@pytest.mark.parametrize(
    ("choice", "chat"),
    [
        (None, None),
        ("auto", "auto"),
        ("required", "required"),
        ({"type": "function", "name": "look"}, {"type": "function", "function": {"name": "look"}}),
        ({"type": "custom", "name": "patch"}, {"type": "custom", "custom": {"name": "patch"}}),
        (
            {"type": "function", "name": "read", "namespace": "mcp__files"},
            {"type": "function", "function": {"name": "mcp__files__read"}},
        ),
        (
            {
                "type": "allowed_tools",
                "mode": "required",
                "tools": [{"type": "function", "name": "look"}, {"type": "mcp"}],
            },
            {
                "type": "allowed_tools",
                "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "look"}}]},
            },
        ),
    ],
)
def test_a_choice_is_said_in_chats_words(choice: Any, chat: Any) -> None:
    assert choice_of(choice, read(LOOK)[0], Reading()) == chat


def test_without_tools_there_is_no_choice() -> None:
    assert choice_of("auto", [], Reading()) is None
    with pytest.raises(BadRequest, match="no tool left"):
        choice_of("required", [], Reading())


@pytest.mark.parametrize(
    ("choice", "param", "code"),
    [
        ({"type": "web_search"}, "tool_choice", "unsupported_parameter"),
        ("some", "tool_choice", "invalid_value"),
        (7, "tool_choice", "invalid_type"),
        ({"type": "charm"}, "tool_choice.type", "invalid_value"),
    ],
)
def test_a_choice_nobody_can_make_is_refused(choice: Any, param: str, code: str) -> None:
    with pytest.raises(BadRequest) as raised:
        choice_of(choice, read(LOOK)[0], Reading())
    assert (raised.value.param, raised.value.code) == (param, code)
