"""Recall and precision with their intervals, on the whole set."""

import pytest

from router.core.privacy.detect import KINDS
from router.reports.trial import Share, trial


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert Share(hits, n).interval == pytest.approx((low, high), abs=1e-4)


def test_of_nothing_there_is_no_share() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval, str(Share(0, 0))) == (None, (0.0, 1.0), "–")
    assert str(Share(48, 48)) == "100 % (93–100)"


def test_every_kind_is_found_as_people_write_it_and_seldom_where_it_is_not() -> None:
    scores = {score.name: score for score in trial().scores}
    for kind in KINDS:
        recall, precision = scores[kind].recall.value, scores[kind].precision
        assert recall is not None
        assert recall > 0.9, kind
        assert precision is not None
        assert precision.value is not None
        assert precision.value > 0.85, kind


def test_what_disguises_hide_is_said_and_not_hidden() -> None:
    forms = dict(trial().forms)
    assert forms["full-width letters and digits"].value == pytest.approx(1.0, abs=0.05)
    assert forms["base64"].hits == 0
    assert forms["digits as words"].n > 20
