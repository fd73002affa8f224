"""The parts of an item's content, one by one."""

from typing import Any

import pytest

from router.core.dialects.reading import Reading
from router.core.dialects.responses.content import content_of, texts_of
from router.core.errors import BadRequest

IMAGE = {"type": "input_image", "image_url": "data:image/png;base64,AA=="}


@pytest.mark.parametrize(
    ("part", "chat"),
    [
        (IMAGE, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}),
        ({**IMAGE, "detail": "low"}, {"type": "image_url", "image_url": {"url": IMAGE["image_url"], "detail": "low"}}),
        (
            {"type": "input_file", "file_data": "AA==", "filename": "a.pdf"},
            {"type": "file", "file": {"file_data": "AA==", "filename": "a.pdf"}},
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
        ),
        ({"type": "refusal", "refusal": "No."}, {"type": "refusal", "refusal": "No."}),
        (
            {"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}},
            {"type": "text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}},
        ),
    ],
)
def test_a_part_becomes_chats(part: dict[str, Any], chat: dict[str, Any]) -> None:
    assert content_of([part], "content", Reading()) == [chat]


def test_a_single_plain_text_is_a_string() -> None:
    assert content_of([{"type": "input_text", "text": "a"}], "content", Reading()) == "a"
    assert content_of("a", "content", Reading()) == "a"


def test_several_parts_stay_several_and_in_order() -> None:
    parts = content_of(
        [{"type": "input_text", "text": "a"}, IMAGE, {"type": "input_text", "text": "b"}], "c", Reading()
    )
    assert [part["type"] for part in parts if isinstance(part, dict)] == ["text", "image_url", "text"]


def test_annotations_of_an_earlier_answer_are_noted_when_there_are_any() -> None:
    reading = Reading()
    content_of([{"type": "output_text", "text": "a", "annotations": [], "logprobs": []}], "c", reading)
    assert reading.stripped == []
    content_of([{"type": "output_text", "text": "a", "annotations": [{"type": "x"}]}], "c", reading)
    assert reading.stripped == ["c[0].annotations"]


@pytest.mark.parametrize(
    ("part", "param", "code"),
    [
        ({"type": "input_video"}, "c[0].type", "invalid_value"),
        ({"type": "text", "text": "chat's own"}, "c[0].type", "invalid_value"),
        ({"type": "input_text"}, "c[0].text", "invalid_type"),
        ("a", "c[0]", "invalid_type"),
        ({"type": "input_image"}, "c[0].image_url", "invalid_type"),
        ({"type": "input_image", "file_id": "f"}, "c[0].file_id", "unsupported_parameter"),
        ({"type": "input_file", "file_url": "https://x"}, "c[0].file_url", "unsupported_parameter"),
        ({"type": "input_file"}, "c[0]", "missing_required_parameter"),
        ({"type": "input_audio"}, "c[0].input_audio", "invalid_type"),
    ],
)
def test_a_part_we_cannot_say_is_told_with_its_place(part: object, param: str, code: str) -> None:
    with pytest.raises(BadRequest) as raised:
        content_of([part], "c", Reading())
    assert (raised.value.param, raised.value.code) == (param, code)


def test_thoughts_are_parts_of_one_kind() -> None:
    assert (
        texts_of(
            [{"type": "reasoning_text", "text": "a"}, {"type": "reasoning_text", "text": "b"}], "reasoning_text", "c"
        )
        == "ab"
    )
    assert texts_of(None, "reasoning_text", "c") == ""
    with pytest.raises(BadRequest, match="reasoning_text"):
        texts_of([{"type": "summary_text", "text": "a"}], "reasoning_text", "c")
