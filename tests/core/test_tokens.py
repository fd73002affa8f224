"""Guessing tokens without a tokenizer: text, tools and calls count, pictures do not."""

from typing import Any

import pytest

from router.core.tokens import prompt_tokens, text_tokens


def of(*messages: dict[str, Any], **more: Any) -> int:
    return prompt_tokens({"messages": list(messages), **more})


@pytest.mark.parametrize(("chars", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (400, 100)])
def test_four_characters_are_a_token_and_a_rest_is_one_more(chars: int, tokens: int) -> None:
    assert text_tokens(chars) == tokens


def test_every_message_costs_its_frame() -> None:
    assert of({"role": "user", "content": "x" * 400}) == 104
    assert of({"role": "user", "content": ""}, {"role": "user", "content": ""}) == 8


def test_parts_of_text_count_and_pictures_do_not() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:" + "A" * 100_000}}
    assert of({"role": "user", "content": [{"type": "text", "text": "x" * 40}, picture]}) == 14


def test_tools_and_calls_are_read_by_the_model_so_they_count() -> None:
    call = {"id": "1", "function": {"name": "f", "arguments": "x" * 400}}
    assert of({"role": "assistant", "content": None, "tool_calls": [call]}) > 100
    assert of({"role": "user", "content": ""}, tools=[{"description": "x" * 400}]) > 100


@pytest.mark.parametrize("odd", [None, 5, {"a": 1}, [None, 5, {"type": "text", "text": None}, {"text": 7}]])
def test_odd_contents_count_nothing(odd: Any) -> None:
    assert of({"role": "user", "content": odd}) == 4
