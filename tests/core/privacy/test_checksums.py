"""Check digits against published examples, and against every single wrong digit."""

import pytest

from router.core.privacy.checksums import ean_13, luhn, mod_11_10, mod_97, verhoeff


def wrong_digits(digits: str) -> list[str]:
    """`digits` with each place changed to each other digit."""
    return [
        digits[:place] + other + digits[place + 1 :]
        for place, digit in enumerate(digits)
        for other in "0123456789"
        if other != digit
    ]


@pytest.mark.parametrize(
    ("holds", "digits"),
    [(luhn, "79927398713"), (verhoeff, "2363"), (mod_11_10, "86095742719"), (ean_13, "7569217076985")],
)
def test_a_right_number_holds_and_no_single_wrong_digit_does(holds: object, digits: str) -> None:
    assert callable(holds)
    assert holds(digits)
    assert not any(holds(wrong) for wrong in wrong_digits(digits))


def test_an_iban_turned_round_is_one_by_97() -> None:
    assert mod_97("WEST12345698765432" + "GB82") == 1
    assert mod_97("WEST12345698765432" + "GB83") != 1
