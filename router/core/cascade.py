"""What to do next with a plan: events in, commands out.

A generator that decides and never acts. The shell obeys each batch of commands, then sends the
next event; nothing here waits, calls or knows the time. Several calls may be open at once: every
event and command names its call. Three rules hold whatever happens:

* nothing that was released is ever taken back: after Release of a call only its own end follows;
* a doubtful answer serves the caller better than an error, so the last one is kept until the end;
* every path ends in exactly one Finish.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from policies.policy import Step
from router.core.errors import UpstreamError
from router.core.exchange import ACCEPT, Outcome, Reason, Verdict
from router.core.fallback import Course, course_of


@dataclass(frozen=True, slots=True)
class Ask:
    """Call the upstream of a step. `held`: keep what comes until it is released."""

    call: int
    step: int
    reason: Reason
    held: bool


@dataclass(frozen=True, slots=True)
class Verify:
    """Let the step's judges look at the call's reply."""

    call: int


@dataclass(frozen=True, slots=True)
class Release:
    """All that this call has sent, and will send, may go to the client.

    `degraded`: it is doubtful, and nothing better could be had.
    """

    call: int
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Cancel:
    """Hang up."""

    call: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The end. `call` is the one that answered; `error` is for the client when none did."""

    outcome: Outcome
    call: int | None = None
    error: UpstreamError | None = None


@dataclass(frozen=True, slots=True)
class Began:
    """The first event of a stream has come, and it is no error."""

    call: int


@dataclass(frozen=True, slots=True)
class Replied:
    """The call's answer is complete."""

    call: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The call came to nothing, or broke off."""

    call: int
    error: UpstreamError


@dataclass(frozen=True, slots=True)
class Judged:
    """The judges have settled on a verdict for the call."""

    call: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The client has left."""


Command = Ask | Verify | Release | Cancel | Finish
Event = Began | Replied | Failed | Judged | Tick | Gone
Commands = tuple[Command, ...]
Cascade = Generator[Commands, Event, None]


def cascade(steps: Sequence[Step]) -> Cascade:
    """Walk `steps` until one answers: the first accepted reply, else the last doubtful one, else the error."""
    doubtful: int | None = None
    error: UpstreamError | None = None
    call, reason = -1, Reason.FIRST
    for index, step in enumerate(steps):
        retried = False
        while True:
            call += 1
            ask = Ask(call, index, Reason.RETRY if retried else reason, held=bool(step.judges))
            event = yield from _attempt(ask)
            course = course_of(event.error, retried=retried) if isinstance(event, Failed) else None
            if course is not Course.RETRY:
                break
            retried = True
        match event:
            case Gone():
                yield (Cancel(call), Finish(Outcome.ABORTED))
                return
            case Replied():
                yield (Release(call), Finish(Outcome.ANSWERED, call))
                return
            case _Broken():
                yield (Finish(Outcome.FAILED, call, event.error),)
                return
            case Judged():
                doubtful, reason = call, Reason.ESCALATION
            case Failed():
                error, reason = event.error, Reason.FALLBACK
                if course is Course.RETURN and doubtful is None:
                    break
    if doubtful is not None:
        yield (Release(doubtful, degraded=error is not None), Finish(Outcome.ANSWERED, doubtful))
    else:
        yield (Finish(Outcome.FAILED, None, error),)


@dataclass(frozen=True, slots=True)
class _Broken:
    """A released stream broke off: final, for what was sent stays sent."""

    error: UpstreamError


def _attempt(ask: Ask) -> Generator[Commands, Event, Replied | Judged | Failed | Gone | _Broken]:
    """One call to its end: Replied when its answer may go out, Judged when a judge wants the next step."""
    event = yield (ask,)
    while True:
        match event:
            case Gone():
                return event
            case Began(call) if call == ask.call and not ask.held:
                event = yield (Release(call),)
                return (yield from _passing(ask.call, event))
            case Failed(call) if call == ask.call:
                return event
            case Replied(call) if call == ask.call:
                return (yield from _judged(event)) if ask.held else event
            case _:
                event = yield ()


def _passing(call: int, event: Event) -> Generator[Commands, Event, Replied | Gone | _Broken]:
    """A released stream to its end."""
    while True:
        match event:
            case Gone():
                return event
            case Replied(ended) if ended == call:
                return event
            case Failed(ended, error) if ended == call:
                return _Broken(error)
            case _:
                event = yield ()


def _judged(reply: Replied) -> Generator[Commands, Event, Replied | Judged | Gone]:
    """The verdict on a held reply: accepted is Replied again, anything else is Judged."""
    event = yield (Verify(reply.call),)
    while True:
        match event:
            case Gone():
                return event
            case Judged(call, verdict) if call == reply.call:
                return reply if verdict.action == ACCEPT else event
            case _:
                event = yield ()
