"""What a target cannot take of a message's content is left out: reasoning, marks, and messages that say nothing."""

from typing import Any

from router.core.sanitise.contents import fill_empty, move_thinking, strip_marks
from router.core.sanitise.target import ANTHROPIC, OPENAI

SIGNED = {"type": "thinking", "thinking": "hm", "signature": "s"}


def said(**fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "4", **fields}


def test_signed_reasoning_goes_only_to_a_target_that_reads_it() -> None:
    message = said(thinking_blocks=[SIGNED])
    assert move_thinking([message], ANTHROPIC)[0] is message
    assert move_thinking([message], OPENAI) == [said()]


def test_a_thought_that_nobody_signed_goes_nowhere() -> None:
    unsigned = {"type": "thinking", "thinking": "no", "signature": ""}
    assert move_thinking([said(thinking_blocks=[unsigned, SIGNED])], ANTHROPIC) == [said(thinking_blocks=[SIGNED])]


def test_marks_go_from_messages_parts_and_calls() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    marked = said(content=[{"type": "text", "text": "a", **mark}], tool_calls=[{"id": "1", **mark}], **mark)
    (plain,) = strip_marks([marked], OPENAI)
    assert "cache_control" not in str(plain)
    assert strip_marks([marked], ANTHROPIC)[0] is marked


def test_empty_messages_go_but_results_and_the_last_word_stay() -> None:
    empty, tool = said(content=""), {"role": "tool", "tool_call_id": "1", "content": ""}
    assert fill_empty([empty, tool, said()], ANTHROPIC) == [tool, said()]
    assert fill_empty([empty], ANTHROPIC) == [empty]
