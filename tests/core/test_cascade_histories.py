"""The cascade over random histories: whatever happens, one end, and nothing released is taken back."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.policy import Step
from router.core.cascade import cascade
from router.core.errors import NotReady, UpstreamTimeout
from router.core.exchange import ASK, Outcome, Verdict
from router.core.moves import (
    Ask,
    Began,
    Cancel,
    Command,
    Commands,
    Event,
    Failed,
    Finish,
    Gone,
    Grown,
    Hurry,
    Judged,
    Overdue,
    Release,
    Replied,
    Tick,
    Verify,
)
from tests.core.cascades import BAD, GOOD, OPINION, REPAIR, UNSURE, down, refused

ERRORS = [
    down(),
    refused(400),
    refused(429),
    NotReady("full", upstream="small"),
    UpstreamTimeout("t", upstream="small"),
]
WANTS = Verdict("llm", ASK, "asks", questions=(OPINION,))
MENDS = Verdict("structure", ASK, "asks", questions=(REPAIR,))
VERDICTS = [GOOD, BAD, UNSURE, WANTS, MENDS]

judged_ = st.sampled_from([("structure",), ("structure",), ()])
step_ = st.one_of(
    st.builds(Step, st.just("a"), judged_, st.sampled_from(["hold", "prefix"])),
    st.builds(
        Step, st.just("a"), st.just(("j",)), st.just("race"), prefix=st.sampled_from([None, 0]),
        first_token_ms=st.just(5), band=st.sampled_from([None, (0.2, 0.6)]),
    ),
    st.builds(
        Step, st.just("a"), st.just(("j",)), panel=st.sampled_from([("a", "b"), ("a", "b", "c")]),
        ask=st.sampled_from(["in_order", "at_once"]), samples=st.sampled_from([1, 2]), member_ms=st.just(9),
    ),
)  # fmt: skip


class Shell:
    """Obeys a cascade as the pipeline does, and knows what may happen next."""

    def __init__(self, steps: Sequence[Step], p_good: float | None) -> None:
        self.walk = cascade(steps, p_good)
        self.open: dict[int, Ask] = {}
        self.looks: list[Verify] = []
        self.hurries: set[int] = set()
        self.said: list[Command] = []
        self.ended: set[int] = set()
        self.obey(next(self.walk))

    @property
    def finished(self) -> bool:
        return any(isinstance(command, Finish) for command in self.said)

    def obey(self, commands: Commands) -> None:
        for command in commands:
            assert not self.finished, "a command after Finish"
            self.said.append(command)
            match command:
                case Ask(call):
                    assert call not in {*self.open, *self.ended}, "a number twice"
                    self.open[call] = command
                    self.hurries |= {command.step} if command.race_ms else set()
                case Cancel(call):
                    assert call in self.open, "hung up on nobody"
                    self.ended.add(call)
                    del self.open[call]
                case Verify():
                    self.looks.append(command)

    def events(self) -> list[Event]:
        """Everything that could happen now."""
        found: list[Event] = [Tick(), Gone(), *map(Hurry, sorted(self.hurries))]
        for call, ask in self.open.items():
            found += [Began(call), Replied(call), *(Failed(call, error) for error in ERRORS)]
            found += [Grown(call)] if ask.prefix else []
            found += [Overdue(call)] if ask.patience_ms else []
        for look in self.looks:
            found += [Judged(look.call, verdict, early=look.early) for verdict in VERDICTS]
        return found

    def happens(self, event: Event) -> None:
        if isinstance(event, Replied | Failed):
            self.ended.add(event.call)
            del self.open[event.call]
        if isinstance(event, Judged):
            self.looks.remove(next(k for k in self.looks if (k.call, k.early) == (event.call, event.early)))
        self.obey(self.walk.send(event))


@settings(max_examples=400, deadline=None)
@given(steps=st.lists(step_, min_size=1, max_size=4), p_good=st.sampled_from([None, 0.4, 0.9]), data=st.data())
def test_whatever_happens_there_is_one_end_and_nothing_released_is_taken_back(
    steps: list[Step], p_good: float | None, data: st.DataObject
) -> None:
    shell = Shell(steps, p_good)
    for _ in range(60):
        if shell.finished:
            break
        shell.happens(data.draw(st.sampled_from(shell.events())))
    for _ in range(200):  # then the world calms down, and everyone asked comes to an end
        if shell.finished:
            break
        calls = [Failed(call, ERRORS[0]) for call in shell.open]
        looks = [Judged(look.call, BAD, early=look.early) for look in shell.looks]
        shell.happens((looks + calls)[0])

    releases = [command for command in shell.said if isinstance(command, Release)]
    finish = shell.said[-1]
    assert isinstance(finish, Finish)
    assert sum(isinstance(command, Finish) for command in shell.said) == 1
    assert len(releases) <= 1
    assert not shell.open, "somebody was asked and neither answered, failed nor was hung up on"
    if releases:
        later = shell.said[shell.said.index(releases[0]) :]
        assert not any(isinstance(command, Ask) for command in later), "asked after the answer was let go"
        assert finish.outcome is Outcome.ABORTED or finish.call == releases[0].call
    else:
        assert finish.outcome in (Outcome.FAILED, Outcome.ABORTED)
