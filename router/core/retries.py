"""The retry budget: how often a call may be made again, or a second time beside itself, and after how long."""

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
    """A bucket of tokens: every request puts in a tenth of one, every retry takes one out.

    It begins empty, so that retries are never more than a tenth of the requests. A call that was never
    read, or that a refusal taught how to mend, is made again in any case and taken out as a debt.
    """

    tokens: float = 0.0

    def asked(self) -> None:
        """A request has come."""
        self.tokens = min(MAX_SAVED, self.tokens + SHARE)

    def owe(self) -> None:
        """A retry that is no choice has been made."""
        self.tokens = max(DEBT, self.tokens - 1)

    def take(self) -> bool:
        """Whether one more call may be made now, of its own choice; takes the token out."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def wait_s(self, error: UpstreamError, draw: float) -> float | None:
        """Seconds to wait before the same call is made again, None where it is not; takes the token out.

        What the answer asks for is waited out whole and a little beyond, so that not all come back at
        once; `draw` in [0, 1) says how little.
        """
        asked_s = retry_after(error)
        if not worth_another(error) or (asked_s or 0) > MAX_WAIT_S or not self.take():
            return None
        return PAUSE_S * (0.5 + draw) if asked_s is None else asked_s + PAUSE_S * draw


def worth_another(error: UpstreamError) -> bool:
    """Whether the same call may well succeed in a moment: no connection, a 5xx or a 429; never after a timeout."""
    if isinstance(error, UpstreamRefused):
        return error.upstream_status == 429
    return isinstance(error, UpstreamFailed) and (
        error.code in ("unreachable", "disconnected") or (error.upstream_status or 0) >= 500
    )
