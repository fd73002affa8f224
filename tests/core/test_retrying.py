"""What an SDK reads off an error: whether to send the request again, and when."""

import pytest

from router.core.errors import (
    BadRequest,
    LedgerUnwritable,
    NotReady,
    RouterError,
    StoreUnavailable,
    UpstreamFailed,
    UpstreamRefused,
)
from router.core.retrying import retry_headers

SOON = {"retry-after": "1", "retry-after-ms": "1000"}
NEVER = {"x-should-retry": "false"}


def refused(status: int, **headers: str) -> UpstreamRefused:
    return UpstreamRefused("no", upstream="big", upstream_status=status, headers=headers)


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (BadRequest("no"), {}),
        (UpstreamFailed("no", upstream="big"), {}),
        (NotReady("no", upstream="small", code="loading"), SOON),
        (NotReady("no", upstream="small", headers={"retry-after": "7"}), {"retry-after": "7"}),
        (NotReady("no", upstream="big", code="not_recorded"), NEVER),
        (LedgerUnwritable("no"), SOON),
        (StoreUnavailable("no"), SOON),
        (refused(401), NEVER),
        (refused(403, **{"retry-after": "3"}), NEVER),
        (refused(429, **{"retry-after": "3", "x-ratelimit-reset-requests": "1s"}),
         {"retry-after": "3", "x-ratelimit-reset-requests": "1s"}),
        (RouterError("no", code="insufficient_quota"), NEVER),
    ],
)  # fmt: skip
def test_an_error_says_whether_and_when_to_ask_again(error: RouterError, headers: dict[str, str]) -> None:
    assert retry_headers(error) == headers
