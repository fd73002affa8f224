"""What a person asked last: their words, and nothing that a tool wrapped around them."""

from typing import Any

import pytest

from classifier.ask import last_ask, strip_harness, system_text, text_of

HARNESS = "<system-reminder>be brief</system-reminder>"


def body(*contents: Any, role: str = "user") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for content in contents]}


def test_the_newest_turn_that_a_person_wrote_is_the_ask() -> None:
    assert last_ask(body("first", "second")) == "second"
    assert last_ask(body("first", HARNESS)) == "first"
    assert (
        last_ask({"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}) == "hi"
    )


@pytest.mark.parametrize("given", [{}, {"messages": []}, {"messages": ["hi"]}, body("hi", role="assistant")])
def test_nobody_asked_anything_where_no_user_speaks(given: dict[str, Any]) -> None:
    assert last_ask(given) == ""


def test_a_completion_asks_with_its_prompt() -> None:
    assert last_ask({"prompt": "Once upon"}) == "Once upon"


def test_text_parts_are_joined_and_pictures_left_out() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://x"}}
    assert text_of([{"type": "text", "text": "a"}, picture, "b"]) == "a\nb"
    assert text_of(None) == ""


def test_an_envelope_is_opened_and_a_tag_that_is_never_closed_is_the_persons_own() -> None:
    assert strip_harness(f"{HARNESS}<user_query>mine</user_query>") == "mine"
    assert strip_harness("what does <system-reminder> mean?") == "what does <system-reminder> mean?"


def test_system_and_developer_messages_are_read_together() -> None:
    messages = [
        {"role": "system", "content": "a"},
        {"role": "developer", "content": "b"},
        {"role": "user", "content": "c"},
    ]
    assert system_text({"messages": messages}) == "a\nb"
