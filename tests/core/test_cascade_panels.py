"""Panels in a cascade: members asked until the judges are sure, and what judges want asked."""

from policies.policy import Step
from router.core.exchange import ASK, ESCALATE, Outcome, Reason, Verdict
from router.core.moves import (
    Ask,
    Cancel,
    Event,
    Failed,
    Finish,
    Judged,
    Moved,
    Overdue,
    Release,
    Replied,
    Verify,
)
from tests.core.cascades import BAD, BIG, GOOD, OPINION, REPAIR, SMALL, UNSURE, down, play

TRIO = Step("a", judges=("verifier",), panel=("a", "b", "c"))
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
