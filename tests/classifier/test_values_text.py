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
        ("It is 1e3.", "1000"),
        ("some 1.5e-3 metres", "0.0015"),
        ("between 5-7", "7"),
        ("so x = -5", "-5"),
        ("that makes 1 1/2 cups", "1.5"),
        (r"we get $-\frac{1}{2}$", "-0.5"),
        ("about 10^3 people", "1000"),
        ("the area is 3π", "3pi"),
        (r"\boxed{3\pi}", "3pi"),
        ("its length is 2√3", "2sqrt3"),
        ("1.234,5", "1.234,5"),
        ("it falls by -2π", "-2pi"),
        ("so x is -6√2", "-6sqrt2"),
        ("from 5-2√3", "2sqrt3"),
        ("about 1,005π", "1005pi"),
        (r"that is \tfrac{3}{4}", "0.75"),
        ("a change of +3/4", "0.75"),
        ("The train leaves at 07:30", "7:30"),
        ("The answer is 07:30.", "7:30"),
        ("It closes at 3:30 p.m.", "3:30pm"),
        (r"\boxed{2024-05-01}", "2024-5-1"),
        ("The answer is 2:00 pm.", "2:00pm"),
        ("on 2024-05-01", "2024-5-1"),
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
    assert choice_in(r"So \boxed{\text{B}}", options) == "B"


def test_a_longer_label_is_not_its_part() -> None:
    assert label_in("very positive", ("positive", "verypositive")) == "verypositive"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("No", "no"),
        ("I am not sure.", None),
        ("Nobody knows.", None),
        ("Yes, nobody else has it.", "yes"),
        ("It is yes, not no.", "yes"),
        ("It isn't no", None),
    ],
)
def test_a_label_is_a_word_of_its_own_and_not_a_denied_one(text: str, label: str | None) -> None:
    assert label_in(text, ("yes", "no")) == label


def test_without_blanks_between_words_a_label_may_stand_anywhere() -> None:
    assert label_in("情感是积极的", ("积极", "消极")) == "积极"


def test_where_no_labels_are_listed_sign_point_and_mark_tell_answers_apart() -> None:
    found = [label_in(text, ()) for text in ("3.5", "35", "-5", "5", "C++", "C", "**Paris**", "paris.", "1/2", "0.5")]
    assert found == ["3.5", "35", "-5", "5", "c++", "c", "paris", "paris", "0.5", "0.5"]


def test_json_is_found_fenced_and_with_python_words() -> None:
    assert json_value("Here: ```json\n{'a': True}\n```") == {"a": True}
    assert json_value("none") is None
