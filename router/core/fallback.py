"""What a failed attempt means for its plan: the table of docs/fallback.md, as code."""

import re
from enum import StrEnum

from router.core.errors import UpstreamError, UpstreamFailed, UpstreamRefused, UpstreamTimeout


class Course(StrEnum):
    """What follows a failure. Retry: the same step again. Fall on: the next step. Return: to the client."""

    RETRY = "retry"
    FALL_ON = "fall_on"
    RETURN = "return"


TRANSIENT = frozenset({408, 409, 429})
OVERFLOW = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
UNSUPPORTED = frozenset({"unsupported_parameter", "unsupported_value", "unsupported_model", "not_supported"})
UNASKED = frozenset({"timeout_connect", "timeout_load", "unreachable", "not_local"})
GATEWAY_TIMEOUTS = frozenset({504, 524})  # of whoever stands before it; the server behind may have answered
_OVERFLOW_TEXT = re.compile(
    r"context (length|size|window)|maximum context|too many tokens|prompt is too long|input is too long|"
    r"input token count.*exceeds|tokens \+ `?max_new_tokens`? must be|`?inputs`? must have less than",
    re.IGNORECASE,
)
_UNSUPPORTED_TEXT = re.compile(
    r"(unsupported|unrecognized|unknown|extra) (parameter|argument|field|input|request)|(not|n't) (yet )?support",
    re.IGNORECASE,
)


def course_of(error: UpstreamError, *, retried: bool) -> Course:
    """What to do after `error`: one retry where nothing was sent yet, a refusal can be mended or the retry
    budget allows it, else fall on, else return it.

    A refusal that the next upstream need not share (too long for this window, a parameter this one
    lacks, rate limits) falls on; any other 4xx is the client's to mend and returns as it came. Its
    401 and 403 speak of our key: falling on would hide the operator's mistake, so they return too.
    """
    if error.final:
        return Course.RETURN
    if error.again and not retried:
        return Course.RETRY
    if isinstance(error, UpstreamFailed) and error.unsent and not retried:
        return Course.RETRY
    if isinstance(error, UpstreamRefused) and error.mendable and not retried:
        return Course.RETRY
    if not isinstance(error, UpstreamRefused):
        return Course.FALL_ON
    if error.upstream_status in TRANSIENT or overflowed(error) or unsupported(error):
        return Course.FALL_ON
    return Course.RETURN


def overflowed(error: UpstreamError) -> bool:
    """Whether the prompt was too long for this upstream's window."""
    if error.upstream_status not in (400, 413, 422):
        return False
    return error.code in OVERFLOW or bool(_OVERFLOW_TEXT.search(error.message[:2000]))


def unsupported(error: UpstreamError) -> bool:
    """Whether the upstream lacks a parameter the request uses."""
    if error.upstream_status not in (400, 422, 501):
        return False
    return error.code in UNSUPPORTED or bool(_UNSUPPORTED_TEXT.search(error.message[:2000]))


def name_of(error: UpstreamError) -> str:
    """A short word for ledger, headers and metrics: `429`, `context_overflow`, `in_band`, `upstream_failed` …

    The words are ours and few: what a 5xx or a redirect calls itself is any text, and would be a label.
    """
    if overflowed(error):
        return "context_overflow"
    if isinstance(error, UpstreamRefused) and unsupported(error):
        return "unsupported_parameter"
    if isinstance(error, UpstreamRefused):
        return str(error.upstream_status)
    if isinstance(error, UpstreamFailed) and error.upstream_status is not None and error.upstream_status >= 300:
        return str(UpstreamFailed.code)
    return error.code or type(error).__name__


def may_have_answered(error: UpstreamError) -> bool:
    """Whether the request was read and an answer was under way, or came and was not one: then it is paid for.

    Not where nothing was sent, nor where the upstream itself says, by a status or inside a 200, that it did not answer.
    """
    if error.code in UNASKED or not isinstance(error, UpstreamFailed | UpstreamTimeout):
        return False
    if isinstance(error, UpstreamFailed) and (error.unsent or error.code == "in_band"):
        return False
    status = error.upstream_status
    return status is None or status < 300 or status in GATEWAY_TIMEOUTS
