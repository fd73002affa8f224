"""An Anthropic reply and its errors as a chat client reads them."""

import pytest

from router.core.dialects.messages.incoming import error_from_anthropic, from_anthropic

THOUGHT = {"type": "thinking", "thinking": "hm", "signature": "s"}
REPLY = {
    "id": "msg_1",
    "model": "claude",
    "content": [THOUGHT, {"type": "text", "text": "4"}, {"type": "text", "text": "2"}],
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 9, "output_tokens": 5},
}


def test_text_is_put_together_and_thinking_kept_to_read_and_to_send_back() -> None:
    message = from_anthropic(REPLY, 7)["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("42", "hm")
    assert message["thinking_blocks"] == [THOUGHT]
    assert "tool_calls" not in message


def test_the_completion_says_who_when_and_how_much() -> None:
    made = from_anthropic(REPLY, 7)
    assert (made["id"], made["model"], made["created"], made["object"]) == ("msg_1", "claude", 7, "chat.completion")
    assert (made["choices"][0]["finish_reason"], made["usage"]["total_tokens"]) == ("stop", 14)


def test_a_call_keeps_its_id_and_has_its_arguments_as_text() -> None:
    used = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}}
    message = from_anthropic(REPLY | {"content": [used]}, 7)["choices"][0]["message"]
    assert message["content"] is None
    call = message["tool_calls"][0]
    assert (call["id"], call["function"]) == ("toolu_1", {"name": "f", "arguments": '{"a":1}'})


@pytest.mark.parametrize(
    ("kind", "words", "code"),
    [
        ("rate_limit_error", "slow down", "rate_limit_exceeded"),
        ("invalid_request_error", "prompt is too long: 9 > 8", "context_length_exceeded"),
        ("invalid_request_error", "max_tokens: required", None),
        ("api_error", "oops", None),
    ],
)
def test_an_error_has_the_code_that_clients_branch_on(kind: str, words: str, code: str | None) -> None:
    error = error_from_anthropic({"error": {"type": kind, "message": words}})["error"]
    assert (error["type"], error["message"], error["code"]) == (kind, words, code)


def test_an_error_without_a_reason_says_that() -> None:
    assert error_from_anthropic({})["error"]["message"] == "The upstream gave no reason."
