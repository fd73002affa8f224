"""Telephone numbers by their countries' plans."""

import pytest

from router.core.privacy.phones import is_phone


@pytest.mark.parametrize("text", ["+49 30 901820", "0041 44 668 18 00", "+1 212-736-5000", "+91 98765 43210"])
def test_a_number_with_its_country_is_one_if_the_country_gives_it_out(text: str) -> None:
    assert is_phone(text)


@pytest.mark.parametrize("text", ["+1 999 999 9999", "+999 123 4567", "+49 1", "0049"])
def test_a_number_nobody_gives_out_is_none(text: str) -> None:
    assert not is_phone(text)


def test_without_its_country_a_number_is_one_of_the_regions_asked_for() -> None:
    assert is_phone("030 901820", ("US", "DE"))
    assert not is_phone("030 901820", ("US",))
    assert not is_phone("030 901820")
