"""Token counts: OpenAI's parts within wholes, Anthropic's disjoint ones, and nothing lost on the way."""

import pytest

from router.core.dialects.messages.usage import anthropic_usage, openai_usage

OPENAI = {
    "prompt_tokens": 100,
    "completion_tokens": 30,
    "total_tokens": 130,
    "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
    "completion_tokens_details": {"reasoning_tokens": 20},
}


def test_what_went_in_is_taken_apart() -> None:
    assert anthropic_usage(OPENAI) == {
        "input_tokens": 30,
        "cache_creation_input_tokens": 10,
        "cache_read_input_tokens": 60,
        "output_tokens": 30,
        "output_tokens_details": {"thinking_tokens": 20},
    }


def test_there_and_back_it_is_the_same() -> None:
    assert openai_usage(anthropic_usage(OPENAI)) == OPENAI


def test_who_did_not_think_has_no_count_of_it() -> None:
    assert "output_tokens_details" not in anthropic_usage({"prompt_tokens": 1, "completion_tokens": 1})


@pytest.mark.parametrize("wrong", [None, "9", -4, 1.5])
def test_what_is_no_count_is_none(wrong: object) -> None:
    assert openai_usage({"input_tokens": wrong, "output_tokens": 2})["prompt_tokens"] == 0


def test_no_more_was_thought_than_written() -> None:
    usage = openai_usage({"output_tokens": 5, "output_tokens_details": {"thinking_tokens": 9}})
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 5
