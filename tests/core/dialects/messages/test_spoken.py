"""What a chat message says, whichever words its server has for it."""

from typing import Any

import orjson
import pytest

from router.core.dialects.messages import spoken


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_read_under_either_name(name: str) -> None:
    assert spoken.thoughts_of({name: "hm", "content": "4"}) == "hm"
    assert spoken.thoughts_of({name: None}) == spoken.thoughts_of({}) == ""


def test_a_refusal_is_part_of_what_is_read() -> None:
    assert spoken.words_of({"content": "No: ", "refusal": "I won't"}) == "No: I won't"


@pytest.mark.parametrize(
    ("call", "name", "arguments"),
    [
        ({"function": {"name": "f", "arguments": "{}"}}, "f", "{}"),
        ({"function": {"name": "f", "arguments": {"a": 1}}}, "f", '{"a":1}'),
        ({"function": {"name": 7}}, "", ""),
        ({}, "", ""),
    ],
)
def test_a_call_has_a_name_and_arguments_or_empty_ones(call: dict[str, Any], name: str, arguments: str) -> None:
    assert spoken.function_of(call) == (name, arguments)


@pytest.mark.parametrize(("arguments", "whole"), [("{}", True), ('{"a":', False), ("[1]", False), ("", False)])
def test_only_one_whole_object_is_one(arguments: str, whole: bool) -> None:
    assert spoken.is_object(arguments) == whole


def test_calls_without_an_id_are_told_apart_by_their_place() -> None:
    assert spoken.call_id({"id": "call_1"}, 0) == "call_1"
    assert spoken.call_id({"id": None}, 3) == "toolu_3"


def test_an_id_begins_as_anthropics_do_and_holds_the_upstreams_own() -> None:
    assert spoken.message_id("chatcmpl-1") == "msg_chatcmpl-1"
    assert spoken.message_id("msg_1") == "msg_1"
    assert spoken.message_id(None) == "msg_none"


@pytest.mark.parametrize(
    ("thinking", "shown"),
    [(None, True), ({"type": "enabled"}, True), ({"type": "disabled"}, False), ({"display": "omitted"}, False)],
)
def test_thinking_is_shown_unless_it_was_switched_off_or_hidden(thinking: object, shown: bool) -> None:
    assert spoken.shows_thinking({"thinking": thinking}) == shown


def test_blocks_and_calls_that_are_no_objects_are_none() -> None:
    message = orjson.loads('{"tool_calls": [{"id": "a"}, 7], "thinking_blocks": "x"}')
    assert spoken.calls_in(message) == [{"id": "a"}]
    assert spoken.blocks_in(message) == []
