"""The cascade as conversations: events in, commands out."""

from collections.abc import Sequence

import pytest

from policies.policy import Step
from router.core.cascade import cascade
from router.core.errors import SpillSpent, UpstreamError, UpstreamFailed, UpstreamRefused, UpstreamTimeout
from router.core.exchange import ACCEPT, ASK, ESCALATE, WAIT, Outcome, Question, Reason, Verdict
from router.core.moves import (
    Ask,
    Began,
    Cancel,
    Commands,
    Event,
    Failed,
    Finish,
    Gone,
    Grown,
    Hurry,
    Judged,
    Moved,
    Overdue,
    Release,
    Replied,
    Silent,
    Tick,
    Verify,
)

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


TRIO = Step("a", judges=("verifier",), panel=("a", "b", "c"))
UNSURE = Verdict("verifier", WAIT, "not sure yet")
HOPELESS = Verdict("verifier", ESCALATE, "no answer of this panel will be kept")


def test_a_panel_asks_one_member_after_another_until_the_judges_are_sure() -> None:
    said = play([TRIO, BIG], Replied(0), Judged(0, UNSURE), Replied(1), Judged(1, GOOD, best=0))

    assert said == [
        (Ask(0, 0, Reason.PANEL, held=True),),
        (Verify(0, (0,)),),
        (Ask(1, 0, Reason.PANEL, held=True, member=1),),
        (Verify(1, (0, 1)),),
        (Release(0), Finish(Outcome.ANSWERED, 0)),
    ]


def test_a_panel_without_hope_moves_on_before_everyone_was_asked() -> None:
    said = play([TRIO, BIG], Replied(0), Judged(0, HOPELESS))

    assert said[-1] == (Ask(1, 1, Reason.ESCALATION, held=False),)


def test_a_panel_that_never_agrees_moves_on_and_keeps_its_best_answer_for_want_of_a_better() -> None:
    unsure: list[Event] = [Replied(0), Judged(0, UNSURE), Replied(1), Judged(1, UNSURE, best=0), Replied(2)]

    said = play([TRIO, BIG], *unsure, Judged(2, UNSURE, best=1), Failed(3, down("big")))

    assert said[-2] == (Ask(3, 1, Reason.ESCALATION, held=False),)
    assert said[-1] == (Release(1, degraded=True), Finish(Outcome.ANSWERED, 1))


def test_a_member_that_fails_is_passed_over() -> None:
    said = play([TRIO, BIG], Failed(0, down("a")), Replied(1), Judged(1, GOOD))

    assert said[1] == (Ask(1, 0, Reason.PANEL, held=True, member=1),)
    assert said[-1] == (Release(1), Finish(Outcome.ANSWERED, 1))


def test_a_member_that_takes_too_long_is_hung_up_on_and_passed_over() -> None:
    hasty = Step("a", judges=("verifier",), panel=("a", "b"), member_ms=900)

    said = play([hasty, BIG], Overdue(0), Replied(0), Replied(1), Judged(1, UNSURE))

    assert said[0] == (Ask(0, 0, Reason.PANEL, held=True, patience_ms=900),)
    assert said[1] == (Cancel(0), Ask(1, 0, Reason.PANEL, held=True, member=1, patience_ms=900))
    assert said[2] == ()
    assert said[-1] == (Ask(2, 1, Reason.ESCALATION, held=False),)


def test_a_panel_of_which_everyone_fails_falls_back() -> None:
    said = play([TRIO, BIG], Failed(0, down("a")), Failed(1, down("b")), Failed(2, down("c")))

    assert said[-1] == (Ask(3, 1, Reason.FALLBACK, held=False),)


def test_a_panel_at_once_asks_everyone_and_hangs_up_on_whoever_is_not_needed() -> None:
    trio = Step("a", judges=("verifier",), panel=("a", "b", "c"), ask="at_once")

    said = play([trio, BIG], Replied(2), Judged(2, UNSURE), Replied(0), Judged(0, GOOD))

    assert said[0] == tuple(Ask(n, 0, Reason.PANEL, held=True, member=n) for n in range(3))
    assert said[2] == ()
    assert said[-1] == (Cancel(1), Release(0), Finish(Outcome.ANSWERED, 0))


def test_the_samples_of_one_model_are_members_too() -> None:
    said = play([Step("a", judges=("agreement",), samples=2), BIG], Replied(0), Judged(0, UNSURE))

    assert said[0] == (Ask(0, 0, Reason.PANEL, held=True),)
    assert said[-1] == (Ask(1, 0, Reason.SAMPLE, held=True),)


def test_a_panel_that_an_escalation_leads_to_says_so_beside_its_calls() -> None:
    said = play([SMALL, TRIO], Replied(0), Judged(0, BAD))

    assert said[-1] == (Moved(Reason.ESCALATION), Ask(1, 1, Reason.PANEL, held=True))


OPINION = Question("opinion", "llm", "second", {"messages": []})
REPAIR = Question("repair", "structure", "", {"messages": []})


def test_what_a_judge_wants_asked_is_asked_and_heard_before_it_settles() -> None:
    wants = Verdict("llm", ASK, "asks", questions=(OPINION, OPINION))

    said = play([SMALL, BIG], Replied(0), Judged(0, wants), Replied(2), Failed(1, down("second")), Judged(0, GOOD))

    assert said[2] == tuple(Ask(n, 0, Reason.FIRST, held=True, question=OPINION) for n in (1, 2))
    assert said[3] == ()
    assert said[4] == (Verify(0, (0,), opinions=(2, 1)),)
    assert said[-1] == (Release(0), Finish(Outcome.ANSWERED, 0))


def test_a_repaired_answer_takes_the_broken_ones_place() -> None:
    wants = Verdict("structure", ASK, "content is not JSON", questions=(REPAIR,))

    said = play([SMALL, BIG], Replied(0), Judged(0, wants), Replied(1), Judged(1, GOOD))

    assert said[2] == (Ask(1, 0, Reason.RETRY, held=True, question=REPAIR),)
    assert said[3] == (Verify(1, (1,)),)
    assert said[-1] == (Release(1), Finish(Outcome.ANSWERED, 1))


def test_a_judge_that_never_stops_asking_is_taken_for_a_no() -> None:
    wants = Verdict("llm", ASK, "asks", questions=(OPINION,))
    again: list[Event] = [event for n in (1, 2) for event in (Judged(0, wants), Replied(n))]

    assert play([SMALL, BIG], Replied(0), *again, Judged(0, wants))[-1] == (Ask(3, 1, Reason.ESCALATION, held=False),)


PREFIX = Step("small", judges=("refusal",), stream="prefix")


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


RACE = Step("small", judges=("verifier",), stream="race", first_token_ms=800, band=(0.2, 0.6))


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


QUEUED, DEGRADED = Step("small", resort="queue"), Step("second", resort="degrade")


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


def test_nobody_races_with_a_step_of_last_resort() -> None:
    racing = Step("small", judges=("structure",), stream="race", first_token_ms=5)
    assert play([racing, DEGRADED], Hurry(0))[1] == ()


HEDGED = Step("small", hedge_ms=50)
HEDGED_AND_JUDGED = Step("small", judges=("structure",), hedge_ms=50)


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
