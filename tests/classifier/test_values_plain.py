"""Plain values: one number however written, words without case and marks, caps that hold."""

import pytest

from classifier.values_plain import TooLarge, leaf, number, said, structure, tidy


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$1,200", "1200"),
        ("3/4", "0.75"),
        (r"-\dfrac{1}{2}", "-0.5"),
        ("50%", "50"),
        (".5", "0.5"),
        ("1e3", "1000"),
        ("1 1/2", "1.5"),
        (r"3\frac{1}{4}", "3.25"),
        (r"2^{10}", "1024"),
        (r"-1.5 \times 10^3", "-1500"),
        ("1234567", "1234567"),
        ("1,234,567.0", "1234567"),
        ("0.1234567", "0.123457"),
        ("12345678901234567890", "12345678901234567890"),
        ("3,5", None),
        ("1,2,3", None),
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


def test_what_differs_in_its_last_digit_its_sign_or_its_point_differs() -> None:
    for one, other in [("1234567", "1234568"), ("−5", "5"), ("1.5 km", "15 km"), ("10.0.0.1", "1.0.0.01"), ("C#", "C")]:
        assert leaf(one) != leaf(other)
    assert leaf("−5") == leaf(-5)
    assert leaf("1,000 km") == leaf("1000 km")
    assert said("New-York, U.S.") == "newyorkus"


def test_signs_digits_and_powers_of_their_own_become_plain() -> None:
    assert tidy("−５ is – 5, 5–7, (–3), 10³, 1\u202f234 m²") == "-5 is – 5, 5–7, (-3), 10^3, 1234 m²"


def test_keys_that_only_explain_are_left_out_unless_nothing_else_is_there() -> None:
    assert structure({"total": 3, "Reasoning": "long"}) == structure({"total": "3.0"})
    assert structure({"reason": "a"}) != structure({"reason": "b"})


def test_what_is_deeper_than_is_compared_is_refused() -> None:
    deep: object = 1
    for _ in range(60):
        deep = [deep]
    with pytest.raises(TooLarge):
        leaf(deep)
