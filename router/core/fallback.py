"""What a failed attempt means for its plan: the table of docs/fallback.md, as code."""

import re
from enum import StrEnum

from router.core.errors import UpstreamError, UpstreamFailed, UpstreamRefused, UpstreamTimeout


class Course(StrEnum):
    """What to do after a failure. Retry: the same step again. Fall on: the next step. Return: to the client."""

    RETRY = "retry"
    FALL_ON = "fall_on"
    RETURN = "return"


TRANSIENT = frozenset({408, 409, 429})
OVERFLOW = frozenset({"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"})
UNSUPPORTED = frozenset({"unsupported_parameter", "unsupported_value", "unsupported_model", "not_supported"})
UNASKED = frozenset({"timeout_connect", "timeout_load", "unreachable", "not_local"})
GATEWAY_TIMEOUTS = frozenset({504, 524})  # sent by a gateway: the server behind it may have answered
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
    """What to do after `error`.

    Retry once if nothing was sent, if the request can be mended, or if the retry budget allows it. Fall on if another
    upstream may do better: after a failure, and after a refusal that concerns this upstream only (too long for its
    window, a parameter it lacks, a rate limit). Return any other 4xx, which the client must mend; also 401 and 403,
    since falling on would hide that the operator's key is wrong.
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

    There are few such words and all are ours: an upstream's own could be any text, and would become a metric's label.
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
    """Whether the call may have to be paid for: the request was read, and an answer begun or given.

    Not if nothing was sent, nor if the upstream itself says, by a status or inside a 200, that it did not answer.
    """
    if error.code in UNASKED or not isinstance(error, UpstreamFailed | UpstreamTimeout):
        return False
    if isinstance(error, UpstreamFailed) and (error.unsent or error.code == "in_band"):
        return False
    status = error.upstream_status
    return status is None or status < 300 or status in GATEWAY_TIMEOUTS
