"""Two calls at once in a cascade: prefixes that are let go, races and hedged calls."""

import pytest

from policies.policy import Step
from router.core.cascade import cascade
from router.core.exchange import Outcome, Reason
from router.core.moves import (
    Ask,
    Began,
    Cancel,
    Failed,
    Finish,
    Grown,
    Hurry,
    Judged,
    Moved,
    Release,
    Replied,
    Silent,
    Verify,
)
from tests.core.cascades import BAD, BIG, DEGRADED, GOOD, UNSURE, down, play

PREFIX = Step("small", judges=("refusal",), stream="prefix")
RACE = Step("small", judges=("verifier",), stream="race", first_token_ms=800, band=(0.2, 0.6))
HEDGED = Step("small", hedge_ms=50)
HEDGED_AND_JUDGED = Step("small", judges=("structure",), hedge_ms=50)


def test_a_prefix_that_passes_is_let_go_and_what_is_found_later_changes_nothing() -> None:
    said = play([PREFIX, BIG], Began(0), Grown(0), Judged(0, GOOD, early=True), Replied(0), Judged(0, BAD))

    assert said == [
        (Ask(0, 0, Reason.FIRST, held=True, prefix=True),),
        (),
        (Verify(0, (0,), early=True),),
        (Release(0),),
        (Verify(0, (0,), late=True),),
        (Finish(Outcome.ANSWERED, 0),),
    ]


def test_a_prefix_that_fails_moves_on_at_once_and_is_hung_up_on_when_another_stands() -> None:
    said = play([PREFIX, BIG], Grown(0), Judged(0, BAD, early=True), Began(1), Replied(1))

    assert said[2] == (Ask(1, 1, Reason.ESCALATION, held=False),)
    assert said[3] == (Cancel(0), Release(1))
    assert said[-1] == (Finish(Outcome.ANSWERED, 1),)


def test_a_prefix_about_which_nothing_can_be_said_waits_for_more() -> None:
    said = play([PREFIX, BIG], Grown(0), Judged(0, UNSURE, early=True), Replied(0), Judged(0, GOOD))

    assert said[2:] == [(), (Verify(0, (0,)),), (Release(0), Finish(Outcome.ANSWERED, 0))]


def test_a_race_begins_when_the_first_token_is_late_and_the_first_that_stands_wins() -> None:
    said = play([RACE, BIG], Hurry(0), Hurry(0), Began(1), Replied(1))

    assert said == [
        (Ask(0, 0, Reason.FIRST, held=True, race_ms=800),),
        (Ask(1, 1, Reason.RACE, held=False),),
        (),
        (Cancel(0), Release(1)),
        (Finish(Outcome.ANSWERED, 1),),
    ]


def test_a_race_begins_at_once_where_the_chance_is_neither_good_nor_bad() -> None:
    walk = cascade([RACE, BIG], p_good=0.4)

    assert next(walk) == (Ask(0, 0, Reason.FIRST, held=True, race_ms=800), Ask(1, 1, Reason.RACE, held=False))
    assert walk.send(Replied(0)) == (Verify(0, (0,)),)
    assert walk.send(Judged(0, GOOD)) == (Cancel(1), Release(0), Finish(Outcome.ANSWERED, 0))


@pytest.mark.parametrize("p_good", [None, 0.1, 0.6])
def test_outside_its_band_a_race_waits(p_good: float | None) -> None:
    assert len(next(cascade([RACE, BIG], p_good=p_good))) == 1


def test_the_one_that_raced_goes_on_when_the_other_is_lost() -> None:
    said = play([RACE, BIG], Hurry(0), Replied(0), Judged(0, BAD), Failed(1, down("big")))

    assert said[3] == (Moved(Reason.ESCALATION),)
    assert said[-1] == (Release(0, degraded=True), Finish(Outcome.ANSWERED, 0))


def test_when_the_one_that_raced_fails_the_other_goes_on() -> None:
    said = play([RACE, BIG], Hurry(0), Failed(1, down("big")), Replied(0), Judged(0, GOOD))

    assert said[-1] == (Release(0), Finish(Outcome.ANSWERED, 0))


def test_nobody_races_with_a_step_of_last_resort() -> None:
    racing = Step("small", judges=("structure",), stream="race", first_token_ms=5)
    assert play([racing, DEGRADED], Hurry(0))[1] == ()


def test_a_silent_call_is_made_once_more_and_the_first_that_shows_something_goes_on_alone() -> None:
    said = play([HEDGED, BIG], Silent(0), Began(1), Replied(1))
    assert said[0] == (Ask(0, 0, Reason.FIRST, held=False, hedge_ms=50),)
    assert said[1] == (Ask(1, 0, Reason.HEDGE, held=False, hedges=0),)
    assert said[2:] == [(Cancel(0), Release(1)), (Finish(Outcome.ANSWERED, 1),)]


def test_of_two_held_calls_the_one_that_begins_is_judged_and_the_other_is_hung_up_on() -> None:
    said = play([HEDGED_AND_JUDGED, BIG], Silent(0), Began(0), Replied(0), Judged(0, GOOD))
    assert said[2:] == [(Cancel(1),), (Verify(0, (0,)),), (Release(0), Finish(Outcome.ANSWERED, 0))]


def test_of_two_held_calls_that_are_not_streamed_the_first_whole_answer_is_judged() -> None:
    said = play([HEDGED_AND_JUDGED, BIG], Silent(0), Replied(1), Judged(1, BAD))
    assert said[2:] == [(Cancel(0), Verify(1, (1,))), (Ask(2, 1, Reason.ESCALATION, held=False),)]


def test_a_failure_of_one_of_two_waits_for_the_other() -> None:
    said = play([HEDGED, BIG], Silent(0), Failed(0, down()), Replied(1))
    assert said[2:] == [(), (Release(1), Finish(Outcome.ANSWERED, 1))]


def test_when_both_have_failed_the_plan_goes_on() -> None:
    said = play([HEDGED, BIG], Silent(0), Failed(1, down()), Failed(0, down()))
    assert said[2:] == [(), (Ask(2, 1, Reason.FALLBACK, held=False),)]


def test_a_call_is_hedged_once() -> None:
    assert play([HEDGED, BIG], Silent(0), Silent(0), Silent(1))[2:] == [(), ()]
