"""What is said: reasoning, marks, pictures and emptiness, in the form the target takes or not at all."""

from dataclasses import replace
from typing import Any

from router.core.sanitise.contents import UNSEEN, fill_empty, flatten, hide_pictures, move_thinking, strip_marks
from router.core.sanitise.target import ANTHROPIC, OPENAI, REASONING_LOCAL, SMALL

SIGNED = {"type": "thinking", "thinking": "hm", "signature": "s"}
PICTURE = {"type": "image_url", "image_url": {"url": "u"}}


def said(**fields: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": "4", **fields}


def test_reasoning_goes_to_each_target_in_the_one_form_it_reads() -> None:
    message = said(thinking_blocks=[SIGNED])
    assert move_thinking([message], ANTHROPIC)[0] is message
    assert move_thinking([message], REASONING_LOCAL) == [said(reasoning_content="hm")]
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


def test_a_blind_model_is_told_that_a_picture_was_there() -> None:
    message = {"role": "user", "content": [PICTURE]}
    assert hide_pictures([message], SMALL)[0]["content"] == [{"type": "text", "text": UNSEEN}]
    assert hide_pictures([message], OPENAI)[0] is message


def test_empty_messages_go_but_results_and_the_last_word_stay() -> None:
    empty, tool = said(content=""), {"role": "tool", "tool_call_id": "1", "content": ""}
    assert fill_empty([empty, tool, said()], ANTHROPIC) == [tool, said()]
    assert fill_empty([empty], ANTHROPIC) == [empty]


def test_texts_become_one_where_only_strings_are_read() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert flatten([said(content=parts)], SMALL) == [said(content="a\n\nb")]
    assert flatten([said(content=[*parts, PICTURE])], replace(SMALL, vision=True))[0]["content"][-1] == PICTURE
