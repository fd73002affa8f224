"""What --since, --until and --by may say."""

import pytest

from router.reports.question import iso, minute, question
from tests.store.records import NOON, SECOND

HOUR = 3600 * SECOND


@pytest.mark.parametrize(
    ("since", "until", "start", "end"),
    [
        ("7d", None, NOON - 7 * 24 * HOUR, NOON),
        ("90m", "1h", NOON - HOUR - 90 * 60 * SECOND, NOON - HOUR),
        ("2025-12-31", None, NOON - 36 * HOUR, NOON),
        ("2026-01-01T11:00+01:00", "2026-01-01T11:30", NOON - 2 * HOUR, NOON - HOUR // 2),
    ],
)
def test_spans_and_dates_become_moments(since: str, until: str | None, start: int, end: int) -> None:
    asked = question(since, until, None, NOON)
    assert (asked.since_us, asked.until_us) == (start, end)


@pytest.mark.parametrize(("since", "until"), [("soon", None), ("7d", "yesterday"), ("", None), ("-1d", None)])
def test_a_time_it_cannot_read_says_what_to_write(since: str, until: str | None) -> None:
    with pytest.raises(ValueError, match="write 7d"):
        question(since, until, None, NOON)


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(ValueError, match="is not before"):
        question("2026-01-02", "2026-01-01", None, NOON)


@pytest.mark.parametrize("by", ["colour", "tag.", "tag.a'b", "task"])
def test_a_group_it_does_not_know_names_those_it_does(by: str) -> None:
    with pytest.raises(ValueError, match=r"use upstream, policy, rule, key, day or tag\.NAME"):
        question("7d", None, by, NOON)


def test_a_moment_for_programs_has_its_zone_and_can_be_asked_for_again() -> None:
    told = iso(NOON + 5 * SECOND)
    assert told == "2026-01-01T12:00:05Z"
    assert question(told, None, None, NOON + HOUR).since_us == NOON + 5 * SECOND
    assert minute(NOON + 5 * SECOND) == "2026-01-01 12:00"
