"""The kind is read from tools, formats, options, labels and words, the sure signs first."""

from typing import Any

import pytest

from classifier.values import value_of
from classifier.values_kind import kind_of, labels, options


def ask(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


def test_options_are_those_of_the_last_list() -> None:
    text = "Sample?\nA. no\nB. yes\n\nWhich is red?\nA. a rose\nB. grass\nC. the sky"
    assert options(text) == {"A": "arose", "B": "grass", "C": "thesky"}


@pytest.mark.parametrize(("said", "letter"), [("−5", "A"), ("-5", "A"), ("5", "B"), ("10²", "C")])
def test_an_option_is_written_in_the_signs_that_answers_are_compared_in(said: str, letter: str) -> None:
    text = "Which is it?\nA. −5\nB. 5\nC. 10²"
    assert value_of(ask(text), {"role": "assistant", "content": said}) == letter


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Is it raining? Answer yes or no.", ("yes", "no")),
        ("Choose one of: red, green or blue.", ("red", "green", "blue")),
        ("Positive, negative, or neutral?", ("positive", "negative", "neutral")),
        ("Categories: billing | shipping | other", ("billing", "shipping", "other")),
        ("Tell me of the sea.", ()),
    ],
)
def test_labels_are_those_listed(text: str, found: tuple[str, ...]) -> None:
    assert labels(text) == found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write an email about how many days are left.", None),
        ("Explain what 3 + 4 is.", None),
        ("Find $x$ where $x + 1 = 3$.", "number"),
        ("A cook tips his recipes to 3 friends and writes 2 letters. How many letters are left?", "number"),
        ("Ten carts hold four bags each. Calculate the total number of bags.", "number"),
        ("How does two factor authentication work?", None),
        ("Write a story of two friends and a sum of money.", None),
        ("Return only JSON with name and date.", "json"),
        ("Write a regex that finds dates.", "code"),
    ],
)
def test_words_tell_a_quantity_from_prose(text: str, kind: str | None) -> None:
    assert kind_of(ask(text)) == kind


def test_tools_that_may_not_be_called_do_not_count() -> None:
    assert kind_of(ask("Hello there", tools=[{"function": {"name": "f"}}], tool_choice="none")) is None
