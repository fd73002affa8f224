"""The circuit breaker of one upstream: when it is skipped after failures, and when it is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from router.core.errors import NoRoom, NotReady, UpstreamError, UpstreamRefused

SECOND_US = 1_000_000
MAX_COOL_S = 3600.0  # a longer retry-after counts as an hour


class State(StrEnum):
    """Closed: the upstream is asked. Open: it is skipped. Half open: one call at a time tries it."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Sign(StrEnum):
    """What changes a breaker's state.

    `answered`: a call succeeded. `failed`: one failed, within the limits. `tripped`: one failed and a limit is reached.
    `limited`: a 429 that says when to come back. `passed`: the pause is over.
    """

    ANSWERED = "answered"
    FAILED = "failed"
    TRIPPED = "tripped"
    LIMITED = "limited"
    PASSED = "passed"


TABLE: Mapping[tuple[State, Sign], State] = MappingProxyType(
    {
        (State.CLOSED, Sign.ANSWERED): State.CLOSED,
        (State.CLOSED, Sign.FAILED): State.CLOSED,
        (State.CLOSED, Sign.TRIPPED): State.OPEN,
        (State.CLOSED, Sign.LIMITED): State.OPEN,
        (State.CLOSED, Sign.PASSED): State.CLOSED,
        (State.OPEN, Sign.ANSWERED): State.OPEN,
        (State.OPEN, Sign.FAILED): State.OPEN,
        (State.OPEN, Sign.TRIPPED): State.OPEN,
        (State.OPEN, Sign.LIMITED): State.OPEN,
        (State.OPEN, Sign.PASSED): State.HALF_OPEN,
        (State.HALF_OPEN, Sign.ANSWERED): State.CLOSED,
        (State.HALF_OPEN, Sign.FAILED): State.OPEN,
        (State.HALF_OPEN, Sign.TRIPPED): State.OPEN,
        (State.HALF_OPEN, Sign.LIMITED): State.OPEN,
        (State.HALF_OPEN, Sign.PASSED): State.HALF_OPEN,
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """When it opens: `failures` in a row, or the share `share` of at least `least` calls within `window_s`
    seconds of the first that failed. It stays open for `open_s` seconds. `failures` 0 switches it off: only
    a 429 that says when to come back keeps it open, for that time, and afterwards no call has to prove anything."""

    failures: int = 5
    share: float = 0.5
    least: int = 20
    window_s: float = 30.0
    open_s: float = 10.0


USUAL = Limits()


class Breaker:
    """The breaker of one upstream. `now` is microseconds that never run backwards."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.state = State.CLOSED
        self.why = ""
        self.opened = 0
        self.until = 0
        self._row = 0
        self._calls = 0
        self._failures = 0
        self._since = 0
        self._next_probe = 0

    @property
    def calm(self) -> bool:
        """Whether it is closed, and no failure of the current window is remembered."""
        return self.state is State.CLOSED and not self._failures and not self._row

    def allows(self, now: int) -> bool:
        """Whether a call may be made now. Half open it allows one probe, and another if that does not end within
        `open_s`."""
        if self.state_at(now) is not self.state:
            self._move(Sign.PASSED, now)
        if self.state is State.HALF_OPEN and now >= self._next_probe:
            self._next_probe = now + int(self.limits.open_s * SECOND_US)
            return True
        return self.state is State.CLOSED

    def state_at(self, now: int) -> State:
        """The state it would act by now: the pause of an open one ends though nothing happens."""
        if self.state is State.OPEN and now >= self.until:
            return State.HALF_OPEN if self.limits.failures else State.CLOSED
        return self.state

    def answered(self, now: int) -> None:
        """Note that a call succeeded, or at least began to answer."""
        self._count(now, failures=0)
        self._row = 0
        self._move(Sign.ANSWERED, now)

    def failed(self, error: UpstreamError, word: str, now: int) -> None:
        """Note that a call failed with `error`, which the ledger calls `word`."""
        wait_s = retry_after(error)
        if error.upstream_status == 429 and wait_s is not None:
            self.why = f"429, to be asked again after {wait_s:g} s"
            self._move(Sign.LIMITED, now, pause_s=wait_s)
            return
        if not is_failure(error):
            if isinstance(error, UpstreamRefused):
                self.answered(now)  # it refused this request, so it is alive
            return
        self._count(now, failures=1)
        self._row += 1
        tripped = self._over(word)
        self._move(Sign.TRIPPED if tripped else Sign.FAILED, now, word=word)

    def left_s(self, now: int) -> float:
        """Seconds until it is tried again; 0 if it may be now."""
        return max(0.0, (self.until - now) / SECOND_US) if self.state is State.OPEN else 0.0

    def _count(self, now: int, *, failures: int) -> None:
        """Count a call in the window, which begins with the first failure."""
        if now - self._since > self.limits.window_s * SECOND_US:
            self._calls = self._failures = 0
        if not self._failures:
            self._since = now
            self._calls = 0
        self._calls += 1
        self._failures += failures

    def _over(self, word: str) -> bool:
        limits = self.limits
        if not limits.failures:
            return False
        if self._row >= limits.failures:
            self.why = f"{self._row} failures in a row, the last: {word}"
            return True
        if self._calls >= limits.least and self._failures >= limits.share * self._calls:
            self.why = f"{self._failures} of {self._calls} calls failed, the last: {word}"
            return True
        return False

    def _move(self, sign: Sign, now: int, *, pause_s: float | None = None, word: str = "") -> None:
        before = self.state
        self.state = self.state_at(now) if sign is Sign.PASSED else TABLE[before, sign]
        if self.state is State.OPEN and (before is not State.OPEN or sign is Sign.LIMITED):
            if before is State.HALF_OPEN and sign is Sign.FAILED:
                self.why = f"the call that tried it failed: {word}"
            self.opened += before is not State.OPEN
            pause = self.limits.open_s if pause_s is None else pause_s
            self.until = max(self.until, now + int(pause * SECOND_US))
        elif self.state is State.HALF_OPEN and before is State.OPEN:
            self._next_probe = now
        elif self.state is State.CLOSED and before is not State.CLOSED:
            self._row = self._calls = self._failures = 0
            self.why = ""


def is_failure(error: UpstreamError) -> bool:
    """Whether `error` says that the upstream is in trouble.

    Not if it only refuses this request, says itself that it is loading or full, or if the trouble is ours."""
    if isinstance(error, UpstreamRefused):
        return error.upstream_status in (408, 429)
    return not isinstance(error, NotReady | NoRoom)


def retry_after(error: UpstreamError) -> float | None:
    """The seconds that an answer asks us to wait, by `retry-after-ms` or `retry-after`; None if it does not say.

    A date is read only if the answer says when it was sent: it counts by the upstream's clock, which may not agree
    with ours.
    """
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(error.headers.get(name, "")) * scale
        except ValueError:
            continue
        if 0 <= seconds < float("inf"):
            return min(seconds, MAX_COOL_S)
    return None
