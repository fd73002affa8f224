"""The retry budget: how often a call may be repeated or hedged, and after how long."""

from dataclasses import dataclass

from router.core.breaker import retry_after
from router.core.errors import UpstreamError, UpstreamFailed, UpstreamRefused

SHARE = 0.1  # of the requests
MAX_SAVED = 10.0  # what a quiet time may save up
DEBT = -10.0
MAX_WAIT_S = 2.0  # a client can wait by itself, and be told for how long
PAUSE_S = 0.2


@dataclass(slots=True)
class Retries:
    """A token bucket: every request puts in a tenth of a token, every retry takes one out.

    It starts empty, so retries are never more than a tenth of the requests. A call that was never read, or that a
    refusal told us how to mend, is repeated in any case and owed to the bucket.
    """

    tokens: float = 0.0

    def asked(self) -> None:
        """Note a request."""
        self.tokens = min(MAX_SAVED, self.tokens + SHARE)

    def owe(self) -> None:
        """Note a retry that had to be made."""
        self.tokens = max(DEBT, self.tokens - 1)

    def take(self) -> bool:
        """Take a token for one more call; False if there is none."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def wait_s(self, error: UpstreamError, draw: float) -> float | None:
        """Take a token, and return the seconds to wait before the same call is repeated; None if it is not.

        That is as long as the answer asks for and a little longer, so that not all clients come back at once; `draw` in
        [0, 1) says how much.
        """
        asked_s = retry_after(error)
        if not worth_another(error) or (asked_s or 0) > MAX_WAIT_S or not self.take():
            return None
        return PAUSE_S * (0.5 + draw) if asked_s is None else asked_s + PAUSE_S * draw


def worth_another(error: UpstreamError) -> bool:
    """Whether the same call may succeed in a moment: after no connection, a 5xx or a 429, never after a timeout."""
    if isinstance(error, UpstreamRefused):
        return error.upstream_status == 429
    return isinstance(error, UpstreamFailed) and (
        error.code in ("unreachable", "disconnected") or (error.upstream_status or 0) >= 500
    )
