"""The cascade as conversations: events in, commands out."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.policy import Step
from router.core.cascade import (
    Ask,
    Began,
    Cancel,
    Command,
    Commands,
    Event,
    Failed,
    Finish,
    Gone,
    Judged,
    Release,
    Replied,
    Tick,
    Verify,
    cascade,
)
from router.core.errors import NotReady, UpstreamError, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from router.core.exchange import ACCEPT, ESCALATE, Outcome, Reason, Verdict

SMALL = Step("small", judges=("structure",))
BIG = Step("big")
GOOD = Verdict("structure", ACCEPT, "fine")
BAD = Verdict("structure", ESCALATE, "empty")


def down(upstream: str = "small") -> UpstreamError:
    return UpstreamFailed("down", upstream=upstream, upstream_status=500)


def refused(status: int, code: str | None = None) -> UpstreamRefused:
    return UpstreamRefused("no", upstream="small", upstream_status=status, code=code)


def play(steps: Sequence[Step], *events: Event) -> list[Commands]:
    """Every batch of commands, from the first to the one after the last event."""
    walk = cascade(steps)
    said = [next(walk)]
    for event in events:
        said.append(walk.send(event))
    return said


def test_an_accepted_answer_of_the_first_step_is_released_and_ends_it() -> None:
    assert play([SMALL, BIG], Replied(0), Judged(0, GOOD)) == [
        (Ask(0, 0, Reason.FIRST, held=True),),
        (Verify(0),),
        (Release(0), Finish(Outcome.ANSWERED, 0)),
    ]


def test_a_verdict_moves_it_on_as_an_escalation() -> None:
    said = play([SMALL, BIG], Replied(0), Judged(0, BAD), Replied(1))

    assert said[2] == (Ask(1, 1, Reason.ESCALATION, held=False),)
    assert said[3] == (Release(1), Finish(Outcome.ANSWERED, 1))


def test_a_failure_moves_it_on_as_a_fallback() -> None:
    assert play([SMALL, BIG], Failed(0, down()))[1] == (Ask(1, 1, Reason.FALLBACK, held=False),)


def test_a_connection_that_died_before_anything_came_is_tried_again_once() -> None:
    unsent = UpstreamFailed("closed", upstream="small")
    unsent.unsent = True

    said = play([SMALL, BIG], Failed(0, unsent), Failed(1, unsent))

    assert said[1] == (Ask(1, 0, Reason.RETRY, held=True),)
    assert said[2] == (Ask(2, 1, Reason.FALLBACK, held=False),)


def test_a_doubtful_answer_beats_a_failed_upstream_and_is_called_degraded() -> None:
    said = play([SMALL, BIG], Replied(0), Judged(0, BAD), Failed(1, down("big")))

    assert said[-1] == (Release(0, degraded=True), Finish(Outcome.ANSWERED, 0))


def test_a_doubtful_answer_of_the_last_step_is_served_all_the_same() -> None:
    said = play([SMALL], Replied(0), Judged(0, BAD))

    assert said[-1] == (Release(0), Finish(Outcome.ANSWERED, 0))


def test_when_every_step_failed_the_last_error_is_the_answer() -> None:
    last = UpstreamTimeout("slow", upstream="big")

    said = play([SMALL, BIG], Failed(0, down()), Failed(1, last))

    assert said[-1] == (Finish(Outcome.FAILED, None, last),)


def test_a_refusal_that_is_the_clients_to_mend_ends_it_at_once() -> None:
    bad_request = refused(400, "invalid_type")

    assert play([SMALL, BIG], Failed(0, bad_request))[-1] == (Finish(Outcome.FAILED, None, bad_request),)


def test_a_refusal_after_a_doubtful_answer_lets_the_answer_stand() -> None:
    said = play([SMALL, BIG], Replied(0), Judged(0, BAD), Failed(1, refused(400)))

    assert said[-1] == (Release(0, degraded=True), Finish(Outcome.ANSWERED, 0))


def test_an_unjudged_stream_is_released_with_its_first_event() -> None:
    said = play([BIG], Began(0), Replied(0))

    assert said[1:] == [(Release(0),), (Release(0), Finish(Outcome.ANSWERED, 0))]


def test_a_released_stream_that_breaks_is_final_and_never_followed_by_another_call() -> None:
    broken = down("big")

    assert play([BIG, Step("other")], Began(0), Failed(0, broken))[-1] == (Finish(Outcome.FAILED, 0, broken),)


@pytest.mark.parametrize("before", [(), (Began(0),), (Replied(0),), (Replied(0), Judged(0, BAD))])
def test_a_client_that_leaves_ends_the_open_call(before: tuple[Event, ...]) -> None:
    last = play([SMALL, BIG], *before, Gone())[-1]

    assert isinstance(last[0], Cancel)
    assert last[1] == Finish(Outcome.ABORTED)


def test_ticks_and_news_of_other_calls_change_nothing() -> None:
    said = play([SMALL, BIG], Tick(), Replied(7), Failed(7, down()), Replied(0))

    assert said[1:] == [(), (), (), (Verify(0),)]


ERRORS = [
    down(),
    refused(400),
    refused(429),
    NotReady("full", upstream="small"),
    UpstreamTimeout("t", upstream="small"),
]


@settings(max_examples=200)
@given(
    judged=st.lists(st.booleans(), min_size=1, max_size=4),
    fates=st.lists(st.sampled_from(["good", "bad", "gone", *range(len(ERRORS))]), min_size=8, max_size=8),
)
def test_whatever_happens_there_is_one_end_and_nothing_released_is_taken_back(
    judged: list[bool], fates: list[str | int]
) -> None:
    steps = [Step(f"s{i}", judges=("structure",) if held else ()) for i, held in enumerate(judged)]
    walk = cascade(steps)
    said: list[Command] = []
    released: list[int] = []
    commands = next(walk)
    fate = iter(fates)
    while True:
        said += commands
        released += [c.call for c in commands if isinstance(c, Release)]
        if any(isinstance(c, Finish) for c in commands):
            break
        commands = walk.send(_next(commands, next(fate, "good")))

    assert sum(isinstance(c, Finish) for c in said) == 1
    assert len(set(released)) <= 1
    asked = [c.call for c in said if isinstance(c, Ask)]
    assert asked == sorted(set(asked))


def _next(commands: Commands, fate: str | int) -> Event:
    last = commands[-1]
    assert isinstance(last, Ask | Verify)
    if fate == "gone":
        return Gone()
    if isinstance(last, Verify):
        return Judged(last.call, GOOD if fate == "good" else BAD)
    return Failed(last.call, ERRORS[fate]) if isinstance(fate, int) else Replied(last.call)
