"""How figures are written for people: few places, a true minus, and a dash where nothing is known."""

from decimal import Decimal

import pytest

from router.reports.intervals import Estimate
from router.reports.page import Money, dollars_between, milliseconds, percent, share, usd


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("1234.5", "$1,234.50"),
        ("0", "$0.00"),
        ("-0.5", "−$0.500"),
        ("0.00001234", "$0.0000123"),
        ("1.239", "$1.24"),
    ],
)
def test_small_amounts_show_three_figures_and_large_ones_cents(amount: str, said: str) -> None:
    assert usd(Decimal(amount)) == said


def test_a_sum_of_which_a_part_is_unknown_is_a_lower_bound() -> None:
    assert str(Money(Decimal(2), complete=False)) == "at least $2.00"


def test_a_share_stands_with_its_interval_where_it_has_one() -> None:
    assert percent(Estimate(0.714, 0.69, 0.739)) == "71.4 % (69.0 to 73.9)"
    assert percent(Estimate(-0.00001)) == "0.0 %"
    assert percent(Estimate(None)) == "–"


def test_dollars_stand_with_their_interval_where_they_have_one() -> None:
    assert dollars_between(Estimate(12.0, 11.0, 13.1)) == "$12.00 ($11.00 to $13.10)"
    assert dollars_between(Estimate(12.0)) == "$12.00"
    assert dollars_between(Estimate(None)) == "–"


def test_a_part_of_nothing_has_no_share() -> None:
    assert share(12, 350) == "12 (3.4 %)"
    assert share(0, 0) == "0"


def test_milliseconds_have_places_only_where_there_are_few() -> None:
    assert [milliseconds(value) for value in (1234.5, 9.876, None)] == ["1,234", "9.88", "–"]
