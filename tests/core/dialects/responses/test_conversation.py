"""Items to messages: whole conversations of agents."""

from typing import Any

import pytest

from router.core.dialects.reading import Reading
from router.core.dialects.responses.conversation import Conversation
from router.core.errors import BadRequest


def messages(*items: object) -> list[dict[str, Any]]:
    return read(*items)[0]


def read(*items: object) -> tuple[list[dict[str, Any]], list[str]]:
    reading = Reading()
    conversation = Conversation(reading)
    for index, item in enumerate(items):
        conversation.add(item, f"input[{index}]")
    return conversation.messages(), reading.stripped


def said(role: str, text: str) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": text}


def call(call_id: str, arguments: str = "{}") -> dict[str, Any]:
    return {"type": "function_call", "call_id": call_id, "name": "look", "arguments": arguments}


def output(call_id: str, value: Any = "done") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": value}


def thought(text: str) -> dict[str, Any]:
    return {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": text}]}


def test_a_models_run_of_items_is_one_message_with_its_results_behind_it() -> None:
    found = messages(
        said("user", "hi"),
        thought("hm"),
        said("assistant", "I look."),
        call("c1", '{ "a":1 }'),
        call("c2"),
        output("c2"),
        output("c1"),
        said("assistant", "Seen."),
    )
    assert [message["role"] for message in found] == ["user", "assistant", "tool", "tool", "assistant"]
    assert (found[1]["reasoning_content"], found[1]["content"]) == ("hm", "I look.")
    assert [one["id"] for one in found[1]["tool_calls"]] == ["c1", "c2"]
    assert found[1]["tool_calls"][0]["function"] == {"name": "look", "arguments": '{ "a":1 }'}
    assert [message["tool_call_id"] for message in found[2:4]] == ["c2", "c1"]


def test_calls_one_after_the_other_are_turns_of_their_own() -> None:
    found = messages(call("c1"), output("c1"), call("c2"), output("c2"))
    assert [message["role"] for message in found] == ["assistant", "tool", "assistant", "tool"]


def test_a_result_that_comes_late_stands_behind_its_call() -> None:
    found = messages(call("c1"), said("user", "wait"), output("c1"))
    assert [message["role"] for message in found] == ["assistant", "tool", "user"]


def test_words_after_a_call_stay_in_its_message() -> None:
    found = messages(said("assistant", "a"), call("c1"), said("assistant", "b"), output("c1"))
    assert [message["role"] for message in found] == ["assistant", "tool"]
    assert [part["text"] for part in found[0]["content"]] == ["a", "b"]


def test_two_messages_of_the_model_stay_two() -> None:
    assert [message["content"] for message in messages(said("assistant", "a"), said("assistant", "b"))] == ["a", "b"]


def test_pictures_of_a_tool_follow_its_results_as_the_users() -> None:
    picture = {"type": "input_image", "image_url": "data:x"}
    found = messages(
        call("c1"), call("c2"), output("c1", [{"type": "input_text", "text": "see"}, picture]), output("c2")
    )
    assert [message["role"] for message in found] == ["assistant", "tool", "tool", "user"]
    assert found[1]["content"] == "see"
    assert found[3]["content"] == [{"type": "image_url", "image_url": {"url": "data:x"}}]


def test_custom_calls_keep_their_input_and_namespaces_their_names() -> None:
    custom = {"type": "custom_tool_call", "call_id": "c1", "name": "patch", "input": "*** \n"}
    result = {"type": "custom_tool_call_output", "call_id": "c1", "output": "ok"}
    found = messages(custom, {**call("c2"), "namespace": "mcp__a"}, result, output("c2"))
    assert found[0]["tool_calls"][0] == {"id": "c1", "type": "custom", "custom": {"name": "patch", "input": "*** \n"}}
    assert found[0]["tool_calls"][1]["function"]["name"] == "mcp__a__look"
    assert found[1] == {"role": "tool", "tool_call_id": "c1", "content": "ok"}


def test_a_refusal_stays_a_refusal() -> None:
    item = {"type": "message", "role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}
    assert messages(item) == [{"role": "assistant", "content": None, "refusal": "No."}]


def test_thoughts_only_their_maker_can_read_stay_behind_and_are_noted() -> None:
    sealed = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}], "encrypted_content": "x"}
    found, stripped = read(sealed, said("assistant", "a"))
    assert found == [{"role": "assistant", "content": "a"}]
    assert stripped == ["input[0].encrypted_content", "input[0].summary"]


def test_thoughts_without_words_after_them_are_left_out_and_noted() -> None:
    found, stripped = read(thought("hm"), said("user", "go on"))
    assert ([message["role"] for message in found], stripped) == (["user"], ["input[0]"])


def test_a_hosted_search_of_before_is_left_out_and_noted() -> None:
    found, stripped = read(said("user", "hi"), {"type": "web_search_call", "id": "ws_1"}, said("assistant", "a"))
    assert (len(found), stripped) == (2, ["input[1]"])


@pytest.mark.parametrize(
    ("item", "param", "code"),
    [
        ("hi", "input[0]", "invalid_type"),
        ({"type": "telepathy"}, "input[0].type", "invalid_value"),
        ({"type": None}, "input[0].type", "invalid_type"),
        ({"type": ["a"]}, "input[0].type", "invalid_type"),
        ({"role": "tool", "content": "a"}, "input[0].role", "invalid_value"),
        ({"role": "user"}, "input[0].content", "invalid_type"),
        ({"type": "item_reference", "id": "x"}, "input[0]", "unsupported_parameter"),
        ({"type": "computer_call"}, "input[0]", "unsupported_parameter"),
        (output("c1"), "input[0].call_id", "invalid_value"),
        ({**call("c1"), "arguments": {}}, "input[0].arguments", "invalid_type"),
        ({**call("c1"), "call_id": None}, "input[0].call_id", "invalid_type"),
        ({**call("c1"), "name": 1}, "input[0].name", "invalid_type"),
    ],
)
def test_a_mistake_is_told_with_its_place(item: object, param: str, code: str) -> None:
    with pytest.raises(BadRequest) as raised:
        messages(item)
    assert (raised.value.param, raised.value.code) == (param, code)
