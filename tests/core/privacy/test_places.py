"""Which places the schemas name, and what they say of what stands there."""

from typing import Any

import pytest

from router.core.privacy.places import ADDRESS, BODY, BYTES, FREE, ID, LINK, PART, Holds, Place


def at(*path: Any) -> Place:
    """The place at the end of a path: a key, or (kind, key) for a key of an object of that `type`."""
    place = BODY
    for step in path:
        kind, key = step if isinstance(step, tuple) else (None, step)
        place = place.of(kind).keys.get(key, FREE)
    return place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (["messages", "content"], PART),
        (["messages", "content", ("image_url", "image_url"), "url"], ADDRESS),
        (["messages", "content", ("input_audio", "input_audio"), "data"], BYTES),
        (["messages", "content", ("file", "file"), "file_data"], BYTES),
        (["messages", "content", ("image", "source"), ("base64", "data")], BYTES),
        (["messages", "content", ("document", "source"), ("content", "content")], PART),
        (["messages", "content", ("tool_result", "content")], PART),
        (["messages", "tool_calls", "id"], ID),
        (["input", "content", ("input_file", "file_data")], BYTES),
        (["input", "output", ("computer_screenshot", "image_url")], LINK),
        (["input", ("image_generation_call", "result")], BYTES),
        (["messages", "content", ("tool_use", "input")], FREE),
        (["messages", "content", ("document", "source"), ("text", "data")], FREE),
        (["metadata"], FREE),
        (["metadata", "data"], FREE),
        (["tools", ("file", "file"), "file_data"], FREE),
    ],
)  # fmt: skip
def test_a_place_is_known_by_its_path(path: list[Any], place: Place) -> None:
    assert at(*path) is place


def test_only_words_stand_where_no_schema_reaches() -> None:
    assert (FREE.holds, FREE.own, FREE.keys, FREE.of("file")) == (Holds.WORDS, True, {}, FREE)


def test_a_type_that_is_no_text_is_no_kind() -> None:
    assert PART.of(["image"]) is PART
