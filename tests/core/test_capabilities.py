"""What a body demands, field by field, and whether a window has room for it."""

from typing import Any

import pytest

from router.core.capabilities import CAPABILITIES, closed, demands, has_room, lacking

NONE = {"images": 0, "audio": 0}
TOOL = {"type": "function", "function": {"name": "f"}}


@pytest.mark.parametrize(
    ("body", "demanded"),
    [
        ({}, ""),
        ({"temperature": 0, "tools": None, "n": None, "logprobs": False, "response_format": {"type": "text"}}, ""),
        ({"tools": []}, ""),
        ({"tools": [TOOL]}, "tools"),
        ({"functions": [{"name": "f"}]}, "tools"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools grammar"),
        ({"tools": [TOOL], "parallel_tool_calls": True}, "tools parallel_tools"),
        ({"parallel_tool_calls": False}, ""),
        ({"response_format": {"type": "json_object"}}, "json"),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, "json_schema"),
        ({"response_format": "json"}, ""),
        ({"modalities": ["text", "audio"]}, "audio"),
        ({"modalities": "audio"}, ""),
        ({"n": 1}, ""),
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"top_logprobs": 3}, "logprobs"),
        ({"prediction": {"type": "content", "content": "x"}}, "prediction"),
        ({"web_search_options": {}}, "web_search"),
        ({"web_search_options": None}, ""),
        ({"reasoning_effort": "high"}, "reasoning"),
        ({"reasoning_effort": "none"}, ""),
        ({"reasoning_effort": "minimal"}, ""),
    ],
)
def test_a_field_demands_what_it_says(body: dict[str, Any], demanded: str) -> None:
    assert demands({"messages": [], **body}, NONE) == tuple(demanded.split())


@pytest.mark.parametrize(("facts", "demanded"), [({"images": 2}, ("vision",)), ({"audio": 1}, ("audio",))])
def test_a_message_demands_eyes_and_ears(facts: dict[str, int], demanded: tuple[str, ...]) -> None:
    assert demands({"messages": []}, NONE | facts) == demanded


def test_only_what_is_demanded_can_be_lacking() -> None:
    assert lacking(("tools", "vision"), frozenset({"vision", "n"})) == ("vision",)
    assert lacking((), frozenset(CAPABILITIES)) == ()


@pytest.mark.parametrize(
    ("window", "prompt", "answer", "room", "surely_not"),
    [
        (None, 10**9, 0, True, True),
        (150, 100, 50, True, True),
        (149, 100, 50, False, True),
        (99, 100, 0, False, True),
        (70, 100, 0, False, True),
        (69, 100, 0, False, False),
    ],
)
def test_a_window_has_room_or_has_not_or_may_have(
    window: int | None, prompt: int, answer: int, room: bool, surely_not: bool
) -> None:
    facts = {"small.context": window, "prompt_tokens": prompt, "max_tokens": answer}
    assert has_room("small", facts) is room
    assert has_room("small", facts, surely_not=True) is surely_not


def test_json_in_a_list_speaks_of_schemas_too_and_a_schema_of_json() -> None:
    assert closed(frozenset({"json", "n"})) == {"json", "json_schema", "n"}
    assert closed(frozenset({"json_schema"})) == {"json", "json_schema"}
    assert closed(frozenset({"tools"})) == {"tools"}
