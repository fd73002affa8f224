"""Who speaks: roles renamed, moved and joined where a template demands it, and else left alone."""

from dataclasses import replace
from typing import Any

from router.core.sanitise.roles import developer_to_system, each, joined, merge_neighbours, system_to_front
from router.core.sanitise.target import LOCAL, MISTRAL, OPENAI


def said(role: str, content: Any = "x") -> dict[str, Any]:
    return {"role": role, "content": content}


def test_what_nothing_changes_is_the_same_sequence() -> None:
    messages = [said("user"), said("assistant")]
    assert each(messages, lambda message: message) is messages
    assert merge_neighbours(messages, MISTRAL) is messages
    assert system_to_front(messages, LOCAL) is messages


def test_a_developer_speaks_as_the_system_only_where_it_is_not_known() -> None:
    messages = [said("developer"), said("user")]
    assert developer_to_system(messages, OPENAI) is messages
    assert [message["role"] for message in developer_to_system(messages, LOCAL)] == ["system", "user"]


def test_system_messages_become_one_at_the_front() -> None:
    messages = [said("user", "a"), said("system", "b"), said("system", "c")]
    assert system_to_front(messages, LOCAL) == [said("system", "b\n\nc"), said("user", "a")]
    assert system_to_front(messages, replace(LOCAL, system_first=False)) is messages


def test_neighbours_are_joined_unless_results_must_follow() -> None:
    call = said("assistant", "a") | {"tool_calls": [{"id": "1"}]}
    merged = merge_neighbours([said("user", "a"), said("user", "b"), call, said("assistant", "c")], MISTRAL)
    assert [message["role"] for message in merged] == ["user", "assistant", "assistant"]
    assert merged[0]["content"] == "a\n\nb"


def test_text_and_parts_are_joined_as_parts() -> None:
    picture = {"type": "image_url", "image_url": {"url": "u"}}
    assert joined(said("user", "a"), said("user", [picture]))["content"] == [{"type": "text", "text": "a"}, picture]
    assert joined(said("user", ""), said("user", "b"))["content"] == "b"
