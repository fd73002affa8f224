"""The breaker as a table of states: every row is played, and the page has the same rows."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from router.core.breaker import TABLE, Breaker, Limits, Sign, State, is_failure, retry_after
from router.core.errors import NoRoom, NotReady, UpstreamError, UpstreamFailed, UpstreamRefused, UpstreamTimeout

SECOND = 1_000_000
LIMITS = Limits(failures=3, share=0.5, least=10, window_s=30, open_s=10)
DOWN = UpstreamFailed("down", upstream="small", code="unreachable")


def limited(**headers: str) -> UpstreamRefused:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return UpstreamRefused("slow down", upstream="small", upstream_status=429, headers=named)


def fail(breaker: Breaker, times: int = 1, now: int = 0) -> None:
    for _ in range(times):
        breaker.failed(DOWN, "unreachable", now)


def closed() -> Breaker:
    return Breaker(LIMITS)


def opened() -> Breaker:
    breaker = Breaker(LIMITS)
    fail(breaker, 3)
    return breaker


def half_open() -> Breaker:
    breaker = opened()
    assert breaker.allows(10 * SECOND)
    return breaker


FROM: dict[State, Callable[[], Breaker]] = {
    State.CLOSED: closed,
    State.OPEN: opened,
    State.HALF_OPEN: half_open,
}
NOW = 10 * SECOND
DO: dict[Sign, Callable[[Breaker], object]] = {
    Sign.ANSWERED: lambda breaker: breaker.answered(NOW),
    Sign.FAILED: lambda breaker: fail(breaker, 1, NOW),
    Sign.TRIPPED: lambda breaker: fail(breaker, 3, NOW),
    Sign.LIMITED: lambda breaker: breaker.failed(limited(retry_after="7"), "429", NOW),
    Sign.PASSED: lambda breaker: breaker.allows(NOW),
}


@pytest.mark.parametrize(("state", "sign"), TABLE, ids=lambda word: str(word))
def test_every_row_of_the_table_is_what_happens(state: State, sign: Sign) -> None:
    breaker = FROM[state]()
    assert breaker.state is state
    DO[sign](breaker)
    assert breaker.state is TABLE[state, sign]


def test_the_table_is_whole_and_the_page_has_its_rows() -> None:
    assert set(TABLE) == {(state, sign) for state in State for sign in Sign}
    page = (Path(__file__).parents[2] / "docs" / "fallback.md").read_text(encoding="utf-8")
    section = page.partition("## The breaker\n")[2]
    told = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(\w+)` \|$", section, re.MULTILINE)
    assert told == [(str(state), str(sign), str(after)) for (state, sign), after in TABLE.items()]


def test_it_opens_after_so_many_failures_in_a_row_and_an_answer_begins_the_row_anew() -> None:
    breaker = closed()
    fail(breaker, 2)
    breaker.answered(0)
    fail(breaker, 2)
    assert breaker.allows(0)
    fail(breaker)
    assert not breaker.allows(0)
    assert breaker.why == "3 failures in a row, the last: unreachable"


def test_it_opens_when_too_large_a_share_of_a_window_failed() -> None:
    breaker = closed()
    for n in range(10):
        fail(breaker, 1, n) if n % 2 == 0 else breaker.answered(n)
    assert breaker.state is State.CLOSED, "five of ten, and the last went well: only a failure opens it"
    fail(breaker, 1, 11)
    assert (breaker.state, breaker.why) == (State.OPEN, "6 of 11 calls failed, the last: unreachable")


def test_what_failed_before_the_window_is_forgotten() -> None:
    breaker = closed()
    for n in range(9):
        fail(breaker, 1, n) if n % 2 == 0 else breaker.answered(n)
    fail(breaker, 1, 31 * SECOND)
    assert breaker.state is State.CLOSED
    breaker.answered(62 * SECOND)
    assert breaker.calm


def test_half_open_lets_one_call_through_and_another_once_nothing_was_heard_of_it() -> None:
    breaker = opened()
    assert [breaker.allows(at * SECOND) for at in (0, 9, 10, 11, 19, 20, 21)] == [
        False, False, True, False, False, True, False,
    ]  # fmt: skip


def test_a_429_cools_it_for_as_long_as_it_says_and_no_longer_than_an_hour() -> None:
    breaker = closed()
    breaker.failed(limited(retry_after="7"), "429", 0)
    assert breaker.left_s(0) == 7
    assert [breaker.allows(at * SECOND) for at in (6, 7)] == [False, True]
    breaker.failed(limited(retry_after="90000"), "429", 7 * SECOND)
    assert breaker.left_s(7 * SECOND) == 3600


def test_a_longer_wait_is_kept_and_a_shorter_one_takes_nothing_off() -> None:
    breaker = closed()
    for seconds in ("20", "5"):
        breaker.failed(limited(retry_after=seconds), "429", 0)
    assert breaker.left_s(0) == 20
    assert breaker.opened == 1


def test_a_limit_of_none_leaves_it_closed_for_ever_but_for_a_429_that_names_a_time() -> None:
    breaker = Breaker(Limits(failures=0))
    fail(breaker, 1000)
    assert breaker.allows(0)
    breaker.failed(limited(retry_after="1"), "429", 0)
    assert not breaker.allows(0)


def test_switched_off_it_closes_with_the_time_that_a_429_named_and_no_failure_opens_it_again() -> None:
    breaker = Breaker(Limits(failures=0))
    breaker.failed(limited(retry_after="1"), "429", 0)
    assert breaker.state_at(SECOND) is State.CLOSED
    assert [breaker.allows(SECOND), breaker.allows(SECOND)] == [True, True]
    fail(breaker, 1000, SECOND)
    assert breaker.allows(SECOND)
    assert (breaker.opened, breaker.state) == (1, State.CLOSED)


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        (DOWN, True),
        (UpstreamTimeout("slow", upstream="s", code="timeout_first_token"), True),
        (limited(), True),
        (UpstreamRefused("late", upstream="s", upstream_status=408), True),
        (UpstreamRefused("no such field", upstream="s", upstream_status=400), False),
        (UpstreamRefused("no key", upstream="s", upstream_status=401), False),
        (NotReady("loading", upstream="s", code="loading"), False),
        (NotReady("full", upstream="s", code="full"), False),
        (NoRoom("no memory", upstream="s", upstream_status=200), False),
    ],
    ids=["unreachable", "timeout", "429", "408", "400", "401", "loading", "full", "no-room"],
)
def test_trouble_is_told_from_a_refusal_and_from_a_server_that_is_well(error: UpstreamError, counts: bool) -> None:
    assert is_failure(error) is counts


def test_a_refusal_shows_that_it_lives() -> None:
    breaker = half_open()
    breaker.failed(UpstreamRefused("no such field", upstream="s", upstream_status=400), "400", NOW)
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7),
        ({"retry_after": "7", "retry_after_ms": "6500"}, 6.5),
        ({"retry_after": "1.5"}, 1.5),
        ({"retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
        ({"retry_after": "-1"}, None),
        ({"retry_after": "inf"}, None),
        ({"retry_after": "nan"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_when_to_come_back_is_read_in_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(limited(**headers)) == seconds
