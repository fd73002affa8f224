"""What is read of a request, and what no disguise hides."""

import sys
import unicodedata
from typing import Any

import pytest

from router.core.privacy.texts import plain, texts_of


def read(**body: Any) -> str:
    texts = texts_of({"model": "auto", **body}, 10_000)
    assert texts is not None
    return texts.whole


CALL = {"id": "call_1", "type": "function", "function": {"name": "pay", "arguments": '{"card": "MARK"}'}}
A, MARK = {"type": "text", "text": "a"}, {"type": "text", "text": "MARK"}
TEXT_FILE = {"type": "file", "file": {"file_data": "data:text/plain;base64,TUFSSw=="}}


def tool(**function: Any) -> dict[str, Any]:
    return {"tools": [{"type": "function", "function": {"name": "f", **function}}]}


PLACES: dict[str, dict[str, Any]] = {
    "system": {"messages": [{"role": "system", "content": "MARK"}]},
    "developer": {"messages": [{"role": "developer", "content": "MARK"}]},
    "assistant": {"messages": [{"role": "assistant", "content": "MARK"}]},
    "tool result": {"messages": [{"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "MARK"}]}]},
    "arguments": {"messages": [{"role": "assistant", "tool_calls": [CALL]}]},
    "old arguments": {"messages": [{"role": "assistant", "function_call": {"name": "f", "arguments": "MARK"}}]},
    "name": {"messages": [{"role": "user", "name": "MARK", "content": "hi"}]},
    "refusal": {"messages": [{"role": "assistant", "refusal": "MARK"}]},
    "second part": {"messages": [{"role": "user", "content": [A, MARK]}]},
    "file name": {"messages": [{"role": "user", "content": [{"type": "file", "file": {"filename": "MARK"}}]}]},
    "text file": {"messages": [{"role": "user", "content": [TEXT_FILE]}]},
    "address": {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/MARK"}}]}]},
    "description": tool(description="MARK"),
    "schema": tool(parameters={"properties": {"a": {"enum": ["MARK"]}}}),
    "key of a schema": tool(parameters={"properties": {"a MARK of it": {}}}),
    "response format": {"response_format": {"type": "json_schema", "json_schema": {"description": "MARK"}}},
    "metadata": {"metadata": {"who": "MARK"}},
    "user": {"user": "MARK"},
    "stop": {"stop": ["MARK"]},
    "prediction": {"prediction": {"type": "content", "content": "MARK"}},
    "unheard of": {"some_new_field": {"deep": [{"er": "MARK"}]}},
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_every_text_that_travels_is_read(place: str) -> None:
    assert "MARK" in read(**PLACES[place])


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "input_audio", "input_audio": {"data": "QUJD" * 99, "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1"}},
    ],
)
def test_what_no_detector_reads_is_said_to_be_there(part: Any) -> None:
    texts = texts_of({"messages": [{"role": "user", "content": [part]}]}, 10_000)
    assert texts is not None
    assert texts.unseen
    assert "QUJDQUJD" not in texts.whole
    assert "AAAA" not in texts.whole


def test_a_request_of_words_hides_nothing_unseen() -> None:
    texts = texts_of({"messages": [{"role": "user", "content": "hi"}]}, 10_000)
    assert texts is not None
    assert not texts.unseen


def test_more_than_the_limit_is_not_read_at_all() -> None:
    assert texts_of({"messages": [{"role": "user", "content": "x" * 101}]}, 100) is None


@pytest.mark.parametrize(
    "text",
    [
        "４１１１",
        "4\u200b1\u200d1\u20601",
        "٤١١١",
        "४१११",
        "𝟒𝟏𝟏𝟏",
        "\\u0034\\u0031\\u0031\\u0031",
        "4\u00ad1\ufe0f1\U000e00411",
        "④①①①",
        "❹❶❶❶",
        "4\ufe0f\u20e31\ufe0f\u20e31\u20e31\u20e3",
        "4\u03361\u03361\u03381\u0332",
        "\\x34\\x31\\x31\\x31",
        "\\u{34}\\u{31}\\u{0031}\\x{31}",
        "\\U00000034\\U00000031\\U00000031\\U00000031",
        "\\\\u0034\\\\u0031\\\\\\\\u0031\\u0031",
        "\\ud83a\\udd54\\ud83a\\udd51\\ud83a\\udd51\\ud83a\\udd51",
        "&#52;&#x31;&#049&amp;#49;",
    ],
)
def test_digits_are_digits_in_every_dress(text: str) -> None:
    assert plain(text) == "4111"


def test_every_decimal_digit_dash_and_space_of_unicode_is_known() -> None:
    for code in range(sys.maxunicode + 1):
        letter = chr(code)
        kind = unicodedata.category(letter)
        if kind == "Nd":
            assert plain(letter) == str(unicodedata.decimal(letter)), hex(code)
        elif kind in ("Pd", "Zs", "Zl", "Zp"):
            assert plain(letter) == ("-" if kind == "Pd" else " "), hex(code)
        elif kind == "Cf":
            assert plain(letter) == "", hex(code)


def test_no_escape_and_no_entity_is_more_than_a_letter() -> None:
    assert plain("\\Uffffffff\\u{7fffffff}") == "  "
    assert plain("&#4111111111111111; &# &; && &c") == "&#4111111111111111; &# &; && &c"
    assert plain("a&nbsp;b&ndash;c&shy;d&commat;e&period;f&unheard;g") == "a b-cd@e.f g"


def test_spaces_and_dashes_become_the_plain_ones() -> None:
    assert plain("a\u00a0b\u2009c\u3000d\u2013e\u2212f") == "a b c d-e-f"
    assert plain("line\\n4111") == "line 4111"


def test_words_of_other_alphabets_stay_as_they_are() -> None:
    assert plain("Größe、東京") == "Größe、東京"
    assert plain("हिन्दी ไทย 😀") == "हिन्दी ไทย 😀"


def test_digits_as_an_address_writes_them_are_read_too() -> None:
    written = "".join(f"%{ord(digit):x}" for digit in "4111111111111111")
    assert "4111111111111111" in read(prompt=f"card={written}")
    assert "100%30 off" in read(prompt="100%30 off")
