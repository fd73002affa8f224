"""The circuit breakers of all upstreams. An upstream without recent failures has none, and costs nothing."""

import logging
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass

from policies.policy import Step
from router.core.breaker import Breaker, State
from router.core.errors import UpstreamError
from router.core.fallback import name_of
from router.core.signals import SignalValue
from router.core.upstream import UpstreamSpec

logger = logging.getLogger("smallfirst")

OPEN = "breaker_open"
RANKS: Mapping[State, int] = {State.CLOSED: 0, State.HALF_OPEN: 1, State.OPEN: 2}


@dataclass(frozen=True, slots=True)
class Status:
    """One breaker as operators see it: its state, why it opened, and the seconds until it is tried again."""

    state: State
    why: str = ""
    left_s: float = 0.0


class Breakers:
    """The breakers by upstream: made when a call fails, forgotten when the trouble is over.

    `facts` are what policies read: when a breaker opens, `NAME.ready` becomes false there at once.
    """

    def __init__(self, facts: MutableMapping[str, SignalValue] | None = None) -> None:
        self.facts: MutableMapping[str, SignalValue] = {} if facts is None else facts
        self.opened: dict[str, int] = {}
        self._troubled: dict[str, Breaker] = {}

    def in_trouble(self, name: str) -> bool:
        """Whether a call of `name` has failed and not enough have succeeded since."""
        return name in self._troubled

    def allows(self, name: str, now: int) -> bool:
        """Whether `name` may be asked now. A half-open breaker allows one call, which is then its probe."""
        breaker = self._troubled.get(name)
        return breaker is None or breaker.allows(now)

    def is_open(self, name: str, now: int) -> bool:
        """Whether `name` would be skipped now; changes nothing."""
        breaker = self._troubled.get(name)
        return breaker is not None and breaker.state is State.OPEN and now < breaker.until

    def doubt(self, name: str) -> None:
        """Take `name` for unavailable until it says that it is ready."""
        self.facts[f"{name}.ready"] = False

    def others_may_answer(self, step: Step, member: int, later: Iterable[Step], now: int) -> bool:
        """Whether another member of `step`, or a `later` step, has a breaker that is not open."""
        rest = (*step.members[member + 1 :], *(name for each in later for name in each.members))
        return any(not self.is_open(name, now) for name in rest)

    def answered(self, name: str, now: int) -> None:
        """Note that a call of `name` succeeded."""
        breaker = self._troubled.get(name)
        if breaker is None:
            return
        before = breaker.state
        breaker.answered(now)
        if before is not State.CLOSED and breaker.state is State.CLOSED:
            logger.warning("upstream %s answers again: its breaker is closed", name)
            self.facts[f"{name}.ready"] = True
        if breaker.calm:
            del self._troubled[name]

    def began(self, name: str, now: int) -> None:
        """Note that the first token has come, which is enough to close a half-open breaker."""
        breaker = self._troubled.get(name)
        if breaker is not None and breaker.state is State.HALF_OPEN:
            self.answered(name, now)

    def failed(self, spec: UpstreamSpec, error: UpstreamError, now: int) -> None:
        """A call failed."""
        breaker = self._troubled.get(spec.name)
        if breaker is None:
            breaker = self._troubled[spec.name] = Breaker(spec.breaker)
        times = breaker.opened
        breaker.failed(error, name_of(error), now)
        if breaker.opened > times:
            self.opened[spec.name] = self.opened.get(spec.name, 0) + 1
            logger.warning("upstream %s is skipped for %.1f s: %s", spec.name, breaker.left_s(now), breaker.why)
        if breaker.state is State.OPEN:
            self.facts[f"{spec.name}.ready"] = False
        if breaker.calm:
            del self._troubled[spec.name]

    def status(self, name: str, now: int) -> Status:
        """The breaker of `name`; closed if it has none."""
        breaker = self._troubled.get(name)
        if breaker is None:
            return Status(State.CLOSED)
        return Status(breaker.state_at(now), breaker.why, round(breaker.left_s(now), 1))

    def keep(self, names: Iterable[str]) -> None:
        """Forget the breakers of all but `names`, so that a row that was changed starts afresh."""
        kept = set(names)
        for name in self._troubled.keys() - kept:
            del self._troubled[name]
