"""The cascade as conversations: events in, commands out."""

import pytest

from policies.policy import Step
from router.core.errors import SpillSpent, UpstreamFailed, UpstreamTimeout
from router.core.exchange import Outcome, Reason
from router.core.moves import (
    Ask,
    Began,
    Cancel,
    Event,
    Failed,
    Finish,
    Gone,
    Judged,
    Release,
    Replied,
    Tick,
    Verify,
)
from tests.core.cascades import BAD, BIG, DEGRADED, GOOD, QUEUED, SMALL, down, play, refused


def test_an_accepted_answer_of_the_first_step_is_released_and_ends_it() -> None:
    assert play([SMALL, BIG], Replied(0), Judged(0, GOOD)) == [
        (Ask(0, 0, Reason.FIRST, held=True),),
        (Verify(0, (0,)),),
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

    assert said[1] == (Ask(1, 0, Reason.RETRY, held=True, retries=0),)
    assert said[2] == (Ask(2, 1, Reason.FALLBACK, held=False),)


def test_a_doubtful_answer_beats_a_failed_upstream_and_is_called_degraded() -> None:
    said = play([SMALL, BIG], Replied(0), Judged(0, BAD), Failed(1, down("big")))

    assert said[-1] == (Release(0, degraded=True), Finish(Outcome.ANSWERED, 0))


def test_a_doubtful_answer_of_the_last_step_is_served_and_called_degraded() -> None:
    said = play([SMALL], Replied(0), Judged(0, BAD))

    assert said[-1] == (Release(0, degraded=True), Finish(Outcome.ANSWERED, 0))


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

    assert said[1:] == [(Release(0),), (Finish(Outcome.ANSWERED, 0),)]


def test_a_released_stream_that_breaks_is_final_and_never_followed_by_another_call() -> None:
    broken = down("big")

    assert play([BIG, Step("other")], Began(0), Failed(0, broken))[-1] == (Finish(Outcome.FAILED, 0, broken),)


@pytest.mark.parametrize(
    ("before", "open_"),
    [((), (0,)), ((Began(0),), (0,)), ((Replied(0),), ()), ((Replied(0), Judged(0, BAD)), (1,))],
)
def test_a_client_that_leaves_ends_the_open_call(before: tuple[Event, ...], open_: tuple[int, ...]) -> None:
    last = play([SMALL, BIG], *before, Gone())[-1]

    assert last == (*map(Cancel, open_), Finish(Outcome.ABORTED))


def test_ticks_and_news_of_other_calls_change_nothing() -> None:
    said = play([SMALL, BIG], Tick(), Replied(7), Failed(7, down()), Replied(0))

    assert said[1:] == [(), (), (), (Verify(0, (0,)),)]


def test_a_step_of_last_resort_answers_where_the_plans_own_failed_and_is_degraded() -> None:
    said = play([BIG, DEGRADED], Failed(0, down("big")), Replied(1))
    assert said[1] == (Ask(1, 1, Reason.FALLBACK, held=False),)
    assert said[2] == (Release(1, degraded=True), Finish(Outcome.ANSWERED, 1))


def test_a_doubtful_answer_goes_before_a_step_of_last_resort() -> None:
    said = play([SMALL, BIG, DEGRADED], Replied(0), Judged(0, BAD), Failed(1, down("big")))
    assert said[3] == (Release(0, degraded=True), Finish(Outcome.ANSWERED, 0))


def test_a_queue_is_joined_only_where_nothing_more_may_be_paid() -> None:
    spent = SpillSpent("spent", upstream="big")
    steps = [SMALL, BIG, QUEUED, DEGRADED]
    assert play(steps, Failed(0, down()), Failed(1, spent))[2] == (Ask(2, 2, Reason.FALLBACK, held=False),)
    assert play(steps, Failed(0, down()), Failed(1, down("big")))[2] == (Ask(2, 3, Reason.FALLBACK, held=False),)


def test_what_waited_in_the_queue_is_not_degraded() -> None:
    spent = SpillSpent("spent", upstream="big")
    said = play([SMALL, BIG, QUEUED], Failed(0, down()), Failed(1, spent), Replied(2))
    assert said[3] == (Release(2), Finish(Outcome.ANSWERED, 2))


def test_an_error_that_is_final_asks_nobody_else() -> None:
    spent = SpillSpent("spent", upstream="big")
    spent.final = True
    assert play([SMALL, BIG, DEGRADED], Failed(0, down()), Failed(1, spent))[2] == (
        Finish(Outcome.FAILED, None, spent),
    )
