"""The figures of `python -m bench.from_ledger` are rounded once, and exact where few were lost."""

import numpy as np

from bench.from_ledger import line, percent


def test_a_figure_keeps_the_places_it_has() -> None:
    # 2.449 % is 0.0245 to four places; that rounded again to one place of a percent would be 2.5.
    assert percent({"value": round(0.02449, 4), "low": 0.0, "high": 0.0612}) == "2.45 (0.00 to 6.12)"


def test_one_lost_in_forty_has_the_exact_interval() -> None:
    small, lost = np.arange(40) < 20, np.arange(40) < 1
    told = line("ours", small.astype(float), lost.astype(float), np.ones(40), 0.5)
    assert told == "| ours | 40 | 50.00 (33.80 to 66.20) | 2.50 (0.06 to 13.16) | 1.00 | 50.00 |"


def test_a_coin_keeps_the_share_that_it_is_told_and_loses_no_more_than_that() -> None:
    told = line("coin", np.full(40, 0.5), 0.5 * (np.arange(40) < 4), np.full(40, 0.5), 0.5)
    assert told.startswith("| coin | 40 | 50.00 (50.00 to 50.00) | 5.00 (1.40 to 11.83) |")
