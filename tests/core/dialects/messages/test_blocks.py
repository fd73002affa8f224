"""Content blocks of Messages as parts of a chat: text, pictures, documents, results of searches."""

from typing import Any

import pytest

from router.core.dialects.messages.blocks import block_parts, content_of, parts_of
from router.core.errors import BadRequest

PNG = {"type": "base64", "media_type": "image/png", "data": "iVBO"}


def parts(**block: Any) -> list[dict[str, Any]]:
    return block_parts(block, "at")


def test_a_lone_text_is_a_string_and_more_are_parts() -> None:
    assert content_of(parts_of("hi", "at")) == "hi"
    assert content_of([]) == ""
    two = parts_of([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "at")
    assert content_of(two) == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]


def test_a_picture_is_a_url_whether_sent_or_named() -> None:
    assert parts(type="image", source=PNG)[0]["image_url"]["url"] == "data:image/png;base64,iVBO"
    named = parts(type="image", source={"type": "url", "url": "https://x/y.png"})
    assert named == [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]


def test_a_document_is_a_file_or_its_text_behind_title_and_context() -> None:
    pdf = {"type": "base64", "media_type": "application/pdf", "data": "JVBE"}
    (file,) = parts(type="document", source=pdf)
    assert file["file"] == {"filename": "document.pdf", "file_data": "data:application/pdf;base64,JVBE"}
    plain = parts(type="document", title="Lease", context="2024", source={"type": "text", "data": "words"})
    assert [part["text"] for part in plain] == ["Lease", "2024", "words"]


@pytest.mark.parametrize(
    ("block", "param", "code"),
    [
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, "at.source", "unsupported_parameter"),
        ({"type": "document", "source": {"type": "url", "url": "u"}}, "at.source", "unsupported_parameter"),
        ({"type": "image", "source": {"type": "film"}}, "at.source", "invalid_value"),
        ({"type": "text", "text": 7}, "at.text", "invalid_type"),
        ({"type": "image"}, "at.source", "invalid_type"),
    ],
)
def test_what_no_chat_can_hold_is_refused_with_its_place(block: dict[str, Any], param: str, code: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parts(**block)
    assert (raised.value.param, raised.value.code) == (param, code)


def test_the_place_counts_blocks_from_nothing() -> None:
    with pytest.raises(BadRequest) as raised:
        parts_of([{"type": "text", "text": "a"}, "b"], "system")
    assert raised.value.param == "system[1]"
