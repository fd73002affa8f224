"""What letters of Unicode mean to a detector."""

import pytest

from router.core.privacy.letters import revealed


@pytest.mark.parametrize("zero", [0x660, 0x966, 0x104A0, 0x10D30, 0x11066, 0x11136, 0x1E2F0, 0x1E950])
def test_digits_of_every_script_are_digits_in_both_planes(zero: int) -> None:
    assert revealed("".join(chr(zero + digit) for digit in range(10))) == "0123456789"


def test_what_is_invisible_or_struck_through_is_gone() -> None:
    assert revealed("4\u20e31\u0336\u200b1\U000e00311\U000e0fff\x85") == "4111 "


def test_a_scripts_own_vowels_pictures_and_words_stay() -> None:
    for text in ("हिन्दी", "ไทย", "😀𠀀", "Größe"):
        assert revealed(text) == text
