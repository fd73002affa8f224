"""What a cascade says and hears: its commands, its events, and the questions of judges."""

from msgspec import Struct

from router.core.errors import UpstreamError
from router.core.exchange import Outcome, Question, Reason, Verdict


class Ask(Struct, frozen=True):
    """Call one member of a step.

    `held`: keep what comes until it is released. `retries`: the failed call that this one makes
    again. `hedges`: the silent call beside which this one is made. `prefix`: tell when enough of it has
    come to be looked at early. `patience_ms`, `race_ms`, `hedge_ms`: say Overdue, Hurry, or, where nothing
    has come and another call may be made, Silent, when that much time has passed. `question`: a judge
    wants this asked; the request then is the question's own, where it has one.
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
    """Let the step's judges look at the call's reply.

    `given`: every call that has answered the same request in this step, in asking order. `opinions`:
    the ended calls that judges asked for. `early`: it is a prefix. `late`: it went out already, so
    the verdicts are recorded and change nothing.
    """

    call: int
    given: tuple[int, ...] = ()
    opinions: tuple[int, ...] = ()
    early: bool = False
    late: bool = False


class Release(Struct, frozen=True):
    """All that this call has sent, and will send, may go to the client.

    `degraded`: it is doubtful, and nothing better was available.
    """

    call: int
    degraded: bool = False


class Cancel(Struct, frozen=True):
    """Hang up."""

    call: int


class Moved(Struct, frozen=True):
    """The plan moved on, for this reason, to a step whose calls have reasons of their own."""

    reason: Reason


class Finish(Struct, frozen=True):
    """The end. `call` is the one that answered; `error` is for the client when none did."""

    outcome: Outcome
    call: int | None = None
    error: UpstreamError | None = None


class Began(Struct, frozen=True):
    """The first event of a stream has come, and it is no error."""

    call: int


class Grown(Struct, frozen=True):
    """Enough of a held stream has come to be looked at, or to be looked at again."""

    call: int


class Replied(Struct, frozen=True):
    """The call's answer is complete."""

    call: int


class Failed(Struct, frozen=True):
    """The call came to nothing, or broke off."""

    call: int
    error: UpstreamError


class Judged(Struct, frozen=True):
    """The judges have settled on a verdict for the call. `best`: the call whose answer it is about, if another."""

    call: int
    verdict: Verdict
    best: int | None = None
    early: bool = False


class Overdue(Struct, frozen=True):
    """The call's `patience_ms` have passed."""

    call: int


class Silent(Struct, frozen=True):
    """The call's `hedge_ms` have passed, nothing of it has come, and the same may be asked elsewhere."""

    call: int


class Hurry(Struct, frozen=True):
    """The step's budget for the first token is spent."""

    step: int


class Tick(Struct, frozen=True):
    """Time has passed."""


class Gone(Struct, frozen=True):
    """The client has left."""


Command = Ask | Verify | Release | Cancel | Moved | Finish
Event = Began | Grown | Replied | Failed | Judged | Overdue | Silent | Hurry | Tick | Gone
Commands = tuple[Command, ...]
