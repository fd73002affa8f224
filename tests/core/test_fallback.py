"""Every row of docs/fallback.md, as the code decides it."""

from pathlib import Path

import pytest

from router.core.errors import NoRoom, NotReady, UpstreamError, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from router.core.fallback import Course, course_of, may_have_answered, name_of

DOCS = Path(__file__).parents[2] / "docs" / "fallback.md"


def refused(status: int, code: str | None = None, message: str = "no") -> UpstreamRefused:
    return UpstreamRefused(message, upstream="u", upstream_status=status, code=code)


def unsent() -> UpstreamFailed:
    error = UpstreamFailed("closed", upstream="u")
    error.unsent = True
    return error


ROWS: list[tuple[UpstreamError, Course, str]] = [
    (refused(400, "context_length_exceeded"), Course.FALL_ON, "context_overflow"),
    (refused(400, "exceed_context_size_error"), Course.FALL_ON, "context_overflow"),
    (refused(400, None, "This model's maximum context length is 4096 tokens"), Course.FALL_ON, "context_overflow"),
    (refused(400, None, "prompt is too long: 210000 tokens > 200000 maximum"), Course.FALL_ON, "context_overflow"),
    (refused(400, None, "The input token count (12) exceeds the maximum number"), Course.FALL_ON, "context_overflow"),
    (refused(422, None, "`inputs` tokens + `max_new_tokens` must be <= 9"), Course.FALL_ON, "context_overflow"),
    (refused(422, None, "`inputs` must have less than 8191 tokens. Given: 9000"), Course.FALL_ON, "context_overflow"),
    (refused(400, "unsupported_parameter"), Course.FALL_ON, "unsupported_parameter"),
    (refused(400, None, "tools are not supported by this model"), Course.FALL_ON, "unsupported_parameter"),
    (refused(408), Course.FALL_ON, "408"),
    (refused(409), Course.FALL_ON, "409"),
    (refused(429), Course.FALL_ON, "429"),
    (UpstreamFailed("boom", upstream="u", upstream_status=500), Course.FALL_ON, "upstream_failed"),
    (UpstreamTimeout("slow", upstream="u"), Course.FALL_ON, "upstream_timeout"),
    (NotReady("loading", upstream="u"), Course.FALL_ON, "not_ready"),
    (NoRoom("no memory", upstream="u", upstream_status=200), Course.FALL_ON, "overloaded"),
    (UpstreamFailed("error in a 200", upstream="u", upstream_status=200, code="in_band"), Course.FALL_ON, "in_band"),
    (unsent(), Course.RETRY, "upstream_failed"),
    (refused(400, "invalid_type"), Course.RETURN, "400"),
    (refused(404), Course.RETURN, "404"),
    (refused(422), Course.RETURN, "422"),
    (refused(401), Course.RETURN, "401"),
    (refused(403), Course.RETURN, "403"),
]


@pytest.mark.parametrize(("error", "course", "name"), ROWS, ids=lambda value: str(value)[:40])
def test_a_failure_takes_its_course(error: UpstreamError, course: Course, name: str) -> None:
    assert course_of(error, retried=False) is course
    assert name_of(error) == name


def test_the_second_time_a_connection_dies_it_falls_on() -> None:
    assert course_of(unsent(), retried=True) is Course.FALL_ON


def test_every_name_in_this_table_stands_in_the_docs() -> None:
    told = DOCS.read_text(encoding="utf-8")

    assert all(f"`{name}`" in told for _, _, name in ROWS)


@pytest.mark.parametrize("status", [302, 500, 503])
def test_what_a_5xx_calls_itself_is_no_name_of_ours(status: int) -> None:
    error = UpstreamFailed("no", upstream="big", upstream_status=status, code="their own words")
    assert name_of(error) == "upstream_failed"


def test_a_failure_inside_a_200_keeps_our_name_for_it() -> None:
    assert name_of(UpstreamFailed("no", upstream="big", upstream_status=200, code="in_band")) == "in_band"


def failed(code: str | None = None, status: int | None = None) -> UpstreamFailed:
    return UpstreamFailed("no", upstream="big", upstream_status=status, code=code)


@pytest.mark.parametrize(
    ("error", "may"),
    [
        (UpstreamTimeout("no", upstream="big", code="timeout_total"), True),
        (UpstreamTimeout("no", upstream="big"), True),
        (UpstreamTimeout("no", upstream="big", code="timeout_connect"), False),
        (failed("answer_interrupted", 200), True),
        (failed("disconnected"), True),
        (failed(), True),
        (failed(status=504), True),
        (failed("in_band", 200), False),
        (failed("unreachable"), False),
        (failed("not_local"), False),
        (failed(status=500), False),
        (failed(status=302), False),
        (unsent(), False),
        (UpstreamRefused("no", upstream="big", upstream_status=429), False),
        (NotReady("no", upstream="big", code="full"), False),
    ],
)
def test_what_was_read_may_be_paid_and_what_was_refused_is_not(error: UpstreamError, may: bool) -> None:
    assert may_have_answered(error) is may
