"""The run of one step: its calls, their answers, and whether one of them is accepted."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from policies.policy import Step
from router.core.errors import UpstreamError, UpstreamTimeout
from router.core.exchange import ACCEPT, ASK, ESCALATE, Question, Reason, Verdict
from router.core.fallback import Course, course_of
from router.core.moves import (
    Ask,
    Began,
    Cancel,
    Commands,
    Event,
    Failed,
    Grown,
    Judged,
    Overdue,
    Replied,
    Silent,
    Verify,
)

ROUNDS = 2  # how often judges may have something asked about one answer


@dataclass(frozen=True, slots=True)
class Seat:
    """One call that a step plans: which member, and which of its samples."""

    member: int
    sample: int = 0
    retried: bool = False


@dataclass(frozen=True, slots=True)
class SideCall:
    """A call that a judge asked for, about the answer of the call `about`."""

    about: int
    question: Question


@dataclass(slots=True)
class StepRun:
    """A step from its first call until an answer is accepted or none can be.

    `stands`: the call whose answer was accepted; `early`: by its prefix alone. `lost`: none will be. `best`: the call
    to fall back on if nothing better comes. `hedged`: maps each of two calls that ask the same to the other; the first
    to show a token goes on alone.
    """

    step: Step
    index: int
    numbers: Iterator[int]
    reason: Reason = Reason.FIRST
    stands: int | None = None
    early: bool = False
    lost: bool = False
    best: int | None = None
    error: UpstreamError | None = None
    course: Course | None = None
    calls: dict[int, Seat | SideCall] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    given: list[int] = field(default_factory=list)
    opinions: list[int] = field(default_factory=list)
    hedged: dict[int, int] = field(default_factory=dict)
    _seats: deque[Seat] = field(default_factory=deque)
    _verifying: int = 0
    _rounds: dict[int, int] = field(default_factory=dict)

    @property
    def held(self) -> bool:
        """Whether answers are held back, for judges or other members of the panel."""
        return bool(self.step.judges) or self.step.confers

    def begin(self) -> Commands:
        """Make the first call, or every member's at once."""
        members = range(len(self.step.members))
        self._seats.extend(Seat(member, sample) for member in members for sample in range(self.step.samples))
        if self.step.ask == "at_once":
            return tuple(self._seat(self._seats.popleft()) for _ in range(len(self._seats)))
        return (self._seat(self._seats.popleft()),)

    def on(self, event: Event) -> Commands:
        """The commands that follow from `event`; none if it is about another step's call."""
        match event:
            case Began(call) if call in self.open and not self.held:
                self.stands = call
            case Began(call) if call in self.open and call in self.hedged:
                return self._alone(call)
            case Silent(call) if call in self.open and call not in self.hedged:
                return self._hedge(call)
            case Grown(call) if call in self.open:
                return (Verify(call, (call,), early=True),)
            case Replied(call) if call in self.open:
                return self._replied(call)
            case Failed(call, error) if call in self.open:
                return self._failed(call, error)
            case Overdue(call) if call in self.open:
                return self._overdue(call)
            case Judged(call) if call in self.calls:
                return self._judged(event)
        return ()

    def _seat(self, seat: Seat, retries: int | None = None) -> Ask:
        first = not self.calls
        reason = self.reason if retries is None else Reason.RETRY
        if retries is None and self.step.confers:
            reason = Reason.SAMPLE if seat.sample else Reason.PANEL
        return self._ask(
            Ask(
                next(self.numbers),
                self.index,
                reason,
                self.held,
                seat.member,
                retries,
                prefix=self.step.stream != "hold" and not self.step.confers and self._early,
                patience_ms=self.step.member_ms if self.step.confers else None,
                race_ms=self.step.first_token_ms if first else None,
                hedge_ms=self.step.hedge_ms if retries is None else None,
            ),
            seat,
        )

    def _hedge(self, call: int) -> Commands:
        """Make the same call once more, while the silent one goes on."""
        seat = self.calls[call]
        if isinstance(seat, SideCall):
            return ()
        prefix = self.step.stream != "hold" and self._early
        ask = Ask(next(self.numbers), self.index, Reason.HEDGE, self.held, seat.member, prefix=prefix, hedges=call)
        self.hedged |= {call: ask.call, ask.call: call}
        return (self._ask(ask, Seat(seat.member, seat.sample, retried=True)),)

    def _alone(self, call: int) -> Commands:
        """Hang up on the other of two hedged calls, if it is still open."""
        other = self.hedged.pop(call, None)
        if other is None or other not in self.open:
            return ()
        self.open.discard(other)
        return (Cancel(other),)

    @property
    def _early(self) -> bool:
        return self.step.stream == "prefix" or self.step.prefix is not None

    def _ask(self, ask: Ask, role: Seat | SideCall) -> Ask:
        self.calls[ask.call] = role
        self.open.add(ask.call)
        return ask

    def _replied(self, call: int) -> Commands:
        self.open.discard(call)
        role = self.calls[call]
        if not self.held:
            self.stands = call
            return ()
        if isinstance(role, SideCall) and role.question.kind == "opinion":
            self.opinions.append(call)
            return self._heard(role.about)
        if isinstance(role, SideCall) and role.question.kind == "repair":
            self.given = [other for other in self.given if other != role.about]
        self.given.append(call)
        return (*self._alone(call), *self._verify(call))

    def _failed(self, call: int, error: UpstreamError) -> Commands:
        self.open.discard(call)
        role = self.calls[call]
        if isinstance(role, SideCall):
            self.opinions.append(call)
            return self._heard(role.about)
        if self.hedged.pop(call, None) in self.open:
            self.error = error
            return ()  # the other one may still answer
        course = course_of(error, retried=role.retried)
        if course is Course.RETRY:
            return (self._seat(Seat(role.member, role.sample, retried=True), retries=call),)
        self.error, self.course = error, course
        return self._onward()

    def _overdue(self, call: int) -> Commands:
        """Cancel a member that takes too long, and treat it as failed."""
        role = self.calls[call]
        if isinstance(role, SideCall):
            return ()
        self.open.discard(call)
        name = self.step.members[role.member]
        self.error = UpstreamTimeout(f"upstream {name!r} took longer than {self.step.member_ms} ms", upstream=name)
        self.course = Course.FALL_ON
        return (Cancel(call), *self._onward())

    def _verify(self, call: int) -> Commands:
        self._verifying += 1
        given = sorted({*self.given, call}, key=self._place)
        return (Verify(call, tuple(given), tuple(self.opinions)),)

    def _place(self, call: int) -> tuple[int, int, int]:
        """Sorts calls by the step's asking order, whenever they answered.

        A repaired answer takes the place of the broken one; a sample that a judge asked for comes last.
        """
        role = self.calls[call]
        if isinstance(role, Seat):
            return role.member, role.sample, call
        return self._place(role.about) if role.question.kind == "repair" else (len(self.step.members), 0, call)

    def _heard(self, about: int) -> Commands:
        """Have the judges look again once all their questions have been answered."""
        waiting = any(isinstance(self.calls[call], SideCall) for call in self.open)
        return () if waiting else self._verify(about)

    def _judged(self, event: Judged) -> Commands:
        if event.early:
            self._judged_early(event)
            return ()
        self._verifying -= 1
        if self.stands is not None or self.lost:
            return ()
        self.best = event.call if event.best is None else event.best
        action = event.verdict.action
        if action == ASK:
            return self._questions(event.call, event.verdict)
        if action == ACCEPT:
            self.stands = self.best
        elif action == ESCALATE:
            self.lost = True
        else:
            return self._onward()
        return ()

    def _judged_early(self, event: Judged) -> None:
        """Accept a prefix that passes; keep one that fails, while it goes on, in case nothing better comes."""
        if event.call not in self.open or self.stands is not None or self.lost:
            return
        if event.verdict.action == ACCEPT:
            self.stands, self.early = event.call, True
        elif event.verdict.action == ESCALATE:
            self.best, self.lost = event.call, True

    def _questions(self, about: int, verdict: Verdict) -> Commands:
        rounds = self._rounds[about] = self._rounds.get(about, 0) + 1
        if rounds > ROUNDS or not verdict.questions:
            return self._onward()
        role = self.calls[about]
        member = role.member if isinstance(role, Seat) else 0
        asks = []
        for question in verdict.questions:
            reason = {"sample": Reason.SAMPLE, "repair": Reason.RETRY}.get(question.kind, self.reason)
            ask = Ask(next(self.numbers), self.index, reason, held=True, member=member, question=question)
            asks.append(self._ask(ask, SideCall(about, question)))
            if question.kind == "repair":
                self._rounds[ask.call] = rounds
        return tuple(asks)

    def _onward(self) -> Commands:
        """Ask the next member; if there is none, wait for open calls; if there are none, the step is lost."""
        if self._seats:
            return (self._seat(self._seats.popleft()),)
        self.lost = not self.open and not self._verifying
        return ()
