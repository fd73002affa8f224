"""The answer is found where models put it: keys, boxes, statements, last numbers, letters, labels."""

import pytest

from classifier.values_text import boxed, choice_in, json_value, label_in, number_in, stated


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"reasoning": "1 is odd", "answer": "12"}', "12"),
        ('{"reasoning": "broken "quote", "answer": "12"}', "12"),
        ("3 * 4 = 12, so the answer is 12 apples.", "12"),
        ("a) 3 b) 12.", "12"),
        ("The answer is (3, 4).", "(3,4)"),
        ("no figure at all", None),
    ],
)
def test_the_number_is_the_one_stated_else_the_last(text: str, value: str | None) -> None:
    assert number_in(text) == value


def test_a_box_may_hold_braces() -> None:
    assert boxed(r"so \boxed{\frac{1}{2}} it is") == r"\frac{1}{2}"
    assert boxed(r"\boxed{1") is None


def test_the_last_statement_counts() -> None:
    assert stated("The answer is 3. Wait. The answer is 4.") == "4"


def test_of_letters_the_first_word_or_the_last_named_is_picked() -> None:
    options = {"A": "red", "B": "green"}
    assert choice_in("B) because A is red", options) == "B"
    assert choice_in("Not A. I pick B.", options) == "B"
    assert choice_in("I like grass", options) is None


def test_a_longer_label_is_not_its_part() -> None:
    assert label_in("very positive", ("positive", "verypositive")) == "verypositive"


def test_json_is_found_fenced_and_with_python_words() -> None:
    assert json_value("Here: ```json\n{'a': True}\n```") == {"a": True}
    assert json_value("none") is None
