"""Roles, contents and calls of a conversation, in its own order."""

from router.core.talk import contents, roles, texts_only, tool_calls

PART = {"type": "text", "text": "hi"}
CALLS = [{"id": "1", "function": {"name": "add"}}]
BODY = {
    "messages": [
        {"role": "user", "content": [PART]},
        {"role": "assistant", "tool_calls": CALLS},
        {"role": "tool", "content": "42", "tool_calls": []},
    ]
}


def test_every_message_has_its_place() -> None:
    assert roles(BODY) == ["user", "assistant", "tool"]
    assert contents(BODY) == [[PART], None, "42"]


def test_only_calls_that_are_there_are_told() -> None:
    assert tool_calls(BODY) == [CALLS]


def test_a_content_of_parts_is_no_text() -> None:
    assert texts_only(["hi", None])
    assert not texts_only(["hi", [PART]])
