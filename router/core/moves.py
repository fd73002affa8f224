"""The commands that a cascade gives, and the events that it is sent."""

from msgspec import Struct

from router.core.errors import UpstreamError
from router.core.exchange import Outcome, Question, Reason, Verdict


class Ask(Struct, frozen=True):
    """Call one member of a step.

    `held`: hold the answer back until it is released. `retries`: the failed call that this one repeats. `hedges`: the
    silent call that this one is a second try of. `prefix`: send Grown when enough has come to be judged early.
    `patience_ms`, `race_ms`, `hedge_ms`: send Overdue, Hurry or (if nothing has come and another call may be made)
    Silent after that time. `question`: a judge's question, whose body replaces the request if it has one.
    """

    call: int
    step: int
    reason: Reason
    held: bool
    member: int = 0
    retries: int | None = None
    prefix: bool = False
    patience_ms: int | None = None
    race_ms: int | None = None
    hedge_ms: int | None = None
    hedges: int | None = None
    question: Question | None = None


class Verify(Struct, frozen=True):
    """Have the step's judges look at the call's answer.

    `given`: every call that has answered the same request in this step, in asking order. `opinions`: the ended calls
    that judges asked for. `early`: the answer is a prefix. `late`: it has gone out already, so the verdicts are only
    recorded.
    """

    call: int
    given: tuple[int, ...] = ()
    opinions: tuple[int, ...] = ()
    early: bool = False
    late: bool = False


class Release(Struct, frozen=True):
    """Send the client everything that this call has brought and will bring.

    `degraded`: the answer is doubtful, but there is no better one.
    """

    call: int
    degraded: bool = False


class Cancel(Struct, frozen=True):
    """Hang up on the call."""

    call: int


class Moved(Struct, frozen=True):
    """Record why the plan moved on to the next step."""

    reason: Reason


class Finish(Struct, frozen=True):
    """End the exchange. `call`: the one that answered. `error`: what the client is told if none did."""

    outcome: Outcome
    call: int | None = None
    error: UpstreamError | None = None


class Began(Struct, frozen=True):
    """The first event of a stream has come and is not an error."""

    call: int


class Grown(Struct, frozen=True):
    """Enough of a held stream has come to be judged, or judged again."""

    call: int


class Replied(Struct, frozen=True):
    """The call's answer is complete."""

    call: int


class Failed(Struct, frozen=True):
    """The call failed or broke off."""

    call: int
    error: UpstreamError


class Judged(Struct, frozen=True):
    """The judges' verdict on the call. `best`: the call whose answer is meant, if it is another one."""

    call: int
    verdict: Verdict
    best: int | None = None
    early: bool = False


class Overdue(Struct, frozen=True):
    """The call's `patience_ms` have passed."""

    call: int


class Silent(Struct, frozen=True):
    """The call's `hedge_ms` have passed without a byte, and it may be made a second time."""

    call: int


class Hurry(Struct, frozen=True):
    """The step's budget for the first token is spent."""

    step: int


class Tick(Struct, frozen=True):
    """Some time has passed without another event."""


class Gone(Struct, frozen=True):
    """The client has left."""


Command = Ask | Verify | Release | Cancel | Moved | Finish
Event = Began | Grown | Replied | Failed | Judged | Overdue | Silent | Hurry | Tick | Gone
Commands = tuple[Command, ...]
