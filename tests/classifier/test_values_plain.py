"""Plain values: one number however written, words without case and marks, caps that hold."""

import pytest

from classifier.values_plain import TooLarge, leaf, number, structure


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$1,200", "1200"),
        ("3/4", "0.75"),
        (r"-\dfrac{1}{2}", "-0.5"),
        ("50%", "50"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("x", None),
        ("1/0", None),
        ("1e999", None),
    ],
)
def test_a_number_has_one_form(text: str, value: str | None) -> None:
    assert number(text) == value


def test_five_is_five_as_number_and_as_text() -> None:
    assert leaf(5) == leaf(5.0) == leaf("5") == "5"
    assert leaf(True) == leaf("True") == "true"


def test_keys_that_only_explain_are_left_out_unless_nothing_else_is_there() -> None:
    assert structure({"total": 3, "Reasoning": "long"}) == structure({"total": "3.0"})
    assert structure({"reason": "a"}) != structure({"reason": "b"})


def test_what_is_deeper_than_is_compared_is_refused() -> None:
    deep: object = 1
    for _ in range(60):
        deep = [deep]
    with pytest.raises(TooLarge):
        leaf(deep)
