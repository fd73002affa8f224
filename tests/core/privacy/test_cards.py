"""Which digits are a card's."""

import pytest

from router.core.privacy.cards import is_card


@pytest.mark.parametrize(
    "digits",
    ["4111111111111111", "5555555555554444", "378282246310005", "6011111111111117", "3530111333300000",
     "30569309025904", "2223003122003222", "6200000000000005", "4222222222222"],
)  # fmt: skip
def test_the_test_numbers_of_the_networks_are_cards(digits: str) -> None:
    assert is_card(digits)


@pytest.mark.parametrize(
    ("digits", "why"),
    [
        ("4111111111111112", "the Luhn digit is wrong"),
        ("1111111111111117", "no issuer has the range"),
        ("41111111111111", "Visa has no fourteen digits"),
        ("0000000000000000", "one digit alone"),
        ("411111111111", "too short"),
        ("41111111111111111111", "too long"),
    ],
)
def test_other_digits_are_none(digits: str, why: str) -> None:
    assert not is_card(digits), why
