"""Patterns of declining: every language in one, linear to match, and found by how they open."""

import pytest
import re2

from router.judges.phrases import OPENER_CHARS, declining, opening
from tests.judges.test_refusal import ANSWERS, DECLINES

START, ANYWHERE, OPENING = (
    re2.compile(each) for each in (declining(anchored=True), declining(anchored=False), opening())
)


@pytest.mark.parametrize("text", [text.replace("’", "'") for text in DECLINES])
def test_what_declines_is_found_at_the_start_and_begins_with_an_opener(text: str) -> None:
    match = START.match(text)
    assert match is not None
    at = match.start(1)
    assert OPENING.match(text[at : at + OPENER_CHARS])


@pytest.mark.parametrize("text", ANSWERS)
def test_what_only_sounds_like_it_is_not_found_at_the_start(text: str) -> None:
    assert START.match(text) is None


def test_a_quotation_is_found_only_where_any_place_will_do() -> None:
    quoted = 'The robot said "I cannot help with that."'
    assert START.match(quoted) is None
    assert ANYWHERE.search(quoted) is not None


def test_the_one_group_is_where_declining_begins() -> None:
    match = START.match("Thank you for asking, but I cannot answer that.")
    assert match is not None
    assert match.group(1).startswith("I cannot answer")
