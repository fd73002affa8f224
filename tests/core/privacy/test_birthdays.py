"""Dates inside numbers."""

import pytest

from router.core.privacy.birthdays import is_date


@pytest.mark.parametrize(
    ("month", "day", "there"),
    [("02", "29", True), ("02", "30", False), ("13", "01", False), ("00", "01", False), ("12", "00", False)],
)
def test_a_day_is_one_of_some_year(month: str, day: str, there: bool) -> None:
    assert is_date(month, day) is there
