"""What to do next with a plan: events in, commands out.

A generator that decides and never acts: its caller carries out each batch of commands, then sends the next event.
Nothing here waits, makes a call or reads a clock. Several calls may be open at once, those of a panel or of two steps
that race, so every event and command names its call. Five rules always hold:

* nothing that was released is taken back: after a call's Release only its own end follows;
* a doubtful answer is better than an error, so the last one is kept until the end;
* a step of last resort is asked only if the plan's own steps gave no answer, not even a doubtful one;
* every call answers, fails or is cancelled before the end;
* every path ends in exactly one Finish.
"""

from collections.abc import Generator, Sequence
from itertools import count

from policies.policy import Step
from router.core.errors import SpillSpent, UpstreamError
from router.core.exchange import Outcome, Reason
from router.core.fallback import Course
from router.core.moves import (
    Ask,
    Cancel,
    Command,
    Commands,
    Event,
    Failed,
    Finish,
    Gone,
    Hurry,
    Judged,
    Moved,
    Release,
    Replied,
    Verify,
)
from router.core.step_run import StepRun

Cascade = Generator[Commands, Event, None]


def cascade(steps: Sequence[Step], p_good: float | None = None) -> Cascade:
    """Walk `steps` to the first answer that is accepted; else to the last doubtful answer, else to the error.

    `p_good` decides whether a step with a `band` races with the next from the start.
    """
    walk = _Walk(steps, p_good)
    commands = walk.begin()
    while not walk.finished:
        commands = walk.hear((yield commands))
    yield commands


class _Walk:
    """The steps under way (at most two at once), and the answer that was released."""

    def __init__(self, steps: Sequence[Step], p_good: float | None) -> None:
        self.steps = steps
        self.p_good = p_good
        self.finished = False
        self.numbers = count()
        self.runs: list[StepRun] = []
        self.next = 0
        self.open: set[int] = set()
        self.doubtful: int | None = None
        self.error: UpstreamError | None = None
        self.released: int | None = None
        self.early = False

    def begin(self) -> Commands:
        """The first commands."""
        return tuple(self._open(Reason.FIRST))

    def hear(self, event: Event) -> Commands:
        """The commands that follow from `event`."""
        if isinstance(event, Replied | Failed):
            self.open.discard(event.call)
        if isinstance(event, Gone):
            done = self.released is not None and self.released not in self.open
            outcome = Outcome.ANSWERED if done else Outcome.ABORTED
            return (*self._hang_up(), *self._finish(Finish(outcome, self.released if done else None)))
        if self.released is not None:
            return tuple(self._passing(event, self.released))
        if isinstance(event, Failed) and event.call == self.doubtful:
            self.doubtful = None
        commands = self._track([command for run in self.runs for command in run.on(event)])
        if isinstance(event, Hurry) and self.runs and self.runs[0].index == event.step:
            commands += self._race()
        return (*commands, *self._settle())

    def _track(self, commands: Sequence[Command]) -> list[Command]:
        """Keep the set of open calls up to date, so that none is cancelled twice."""
        for command in commands:
            if isinstance(command, Ask):
                self.open.add(command.call)
            elif isinstance(command, Cancel):
                self.open.discard(command.call)
        return list(commands)

    def _open(self, reason: Reason) -> list[Command]:
        """Begin the next step; if `p_good` lies within its band, the one after it as well."""
        run = StepRun(self.steps[self.next], self.next, self.numbers, reason)
        self.runs.append(run)
        self.next += 1
        begun = self._track(run.begin())
        if run.step.confers and reason in (Reason.ESCALATION, Reason.FALLBACK):
            begun.insert(0, Moved(reason))
        band = run.step.band
        if run.step.stream == "race" and band and self.p_good is not None and band[0] <= self.p_good < band[1]:
            begun += self._race()
        return begun

    def _race(self) -> list[Command]:
        """Begin the next step beside the one under way, once."""
        if len(self.runs) != 1 or self.next == len(self.steps) or self.steps[self.next].resort:
            return []
        return self._open(Reason.RACE)

    def _has_next(self) -> bool:
        """Whether a step follows: one of the plan's own, or the first step of last resort that applies."""
        while self.next < len(self.steps):
            resort = self.steps[self.next].resort
            if not resort:
                return True
            if self.doubtful is not None:
                return False
            if resort == "degrade" or isinstance(self.error, SpillSpent):
                return True
            self.next += 1
        return False

    def _settle(self) -> list[Command]:
        """Release an accepted answer; move on if the step under way is lost."""
        for run in self.runs:
            if run.stands is not None:
                return self._commit(run.stands, early=run.early, degraded=run.step.resort == "degrade")
        said: list[Command] = []
        while self.runs and self.runs[0].lost:
            run = self.runs.pop(0)
            said += self._leave(run)
            if run.best is None and run.course is Course.RETURN and self.doubtful is None:
                return [*said, *self._hang_up(), *self._finish(Finish(Outcome.FAILED, None, run.error))]
            moved = Reason.FALLBACK if run.best is None else Reason.ESCALATION
            if self.runs:
                said.append(Moved(moved))
            elif self._has_next():
                said += self._open(moved)
            else:
                said += self._end()
        return said

    def _leave(self, run: StepRun) -> list[Command]:
        """Leave a lost step: keep its best answer and hang up on the rest."""
        left = (run.open - {run.best}) & self.open
        if run.best is None:
            self.error = run.error or self.error
        else:
            left |= {call for call in self.open if call == self.doubtful}
            self.doubtful = run.best
        return self._track([Cancel(call) for call in sorted(left)])

    def _commit(self, call: int, *, early: bool = False, degraded: bool = False) -> list[Command]:
        """Release one answer and cancel all other calls; no other answer follows."""
        self.released, self.early = call, early
        self.runs.clear()
        let_go = [*self._hang_up(call), Release(call, degraded)]
        return let_go if call in self.open else [*let_go, *self._finish(Finish(Outcome.ANSWERED, call))]

    def _passing(self, event: Event, call: int) -> list[Command]:
        """Follow a released stream to its end. One accepted by its prefix is judged once more, for the record."""
        match event:
            case Replied(ended) if ended == call and self.early:
                return [Verify(call, (call,), late=True)]
            case Replied(ended) if ended == call:
                return self._finish(Finish(Outcome.ANSWERED, call))
            case Failed(ended, error) if ended == call:
                return self._finish(Finish(Outcome.FAILED, call, error))
            case Judged(judged, early=False) if judged == call and call not in self.open:
                return self._finish(Finish(Outcome.ANSWERED, call))
        return []

    def _end(self) -> list[Command]:
        """Every step has been tried: release the last doubtful answer, else return the error."""
        if self.doubtful is not None:
            return self._commit(self.doubtful, degraded=True)
        return self._finish(Finish(Outcome.FAILED, None, self.error))

    def _hang_up(self, spared: int | None = None) -> list[Command]:
        return self._track([Cancel(call) for call in sorted(self.open) if call != spared])

    def _finish(self, finish: Finish) -> list[Command]:
        self.finished = True
        return [finish]
