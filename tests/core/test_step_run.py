"""One step by itself: whom it asks, what it makes of verdicts, and when it is lost."""

from itertools import count

import pytest

from policies.policy import Step
from router.core.errors import UpstreamFailed
from router.core.exchange import ACCEPT, ASK, ESCALATE, WAIT, Question, Reason, Verdict
from router.core.moves import Ask, Began, Failed, Judged, Replied, Verify
from router.core.step_run import StepRun

DOWN = UpstreamFailed("down", upstream="a", upstream_status=500)
PAIR = Step("a", judges=("verifier",), panel=("a", "b"))


def begun(step: Step) -> StepRun:
    opened = StepRun(step, 0, count())
    opened.begin()
    return opened


def judged(action: str, call: int = 0, best: int | None = None) -> Judged:
    return Judged(call, Verdict("j", action, "why"), best)


def test_a_step_without_judges_stands_with_its_first_event() -> None:
    unjudged = begun(Step("a"))
    unjudged.on(Began(0))
    assert unjudged.stands == 0


def test_a_judged_step_stands_only_when_its_judges_say_so() -> None:
    held = begun(Step("a", judges=("structure",)))
    for event in (Began(0), Replied(0)):
        held.on(event)
    assert held.stands is None
    held.on(judged(ACCEPT))
    assert held.stands == 0


@pytest.mark.parametrize(("action", "lost"), [(ESCALATE, True), (WAIT, False)])
def test_an_escalation_loses_the_step_and_a_doubt_asks_the_next_member(action: str, lost: bool) -> None:
    pair = begun(PAIR)
    pair.on(Replied(0))
    asked = pair.on(judged(action))
    assert (pair.lost, bool(asked), pair.best) == (lost, not lost, 0)


def test_a_step_is_lost_when_its_last_member_fails() -> None:
    pair = begun(PAIR)
    pair.on(Failed(0, DOWN))
    assert not pair.lost
    pair.on(Failed(1, DOWN))
    assert (pair.lost, pair.best, pair.error) == (True, None, DOWN)


def test_the_verdict_may_be_about_an_earlier_answer() -> None:
    pair = begun(PAIR)
    for event in (Replied(0), judged(WAIT), Replied(1), judged(ACCEPT, call=1, best=0)):
        pair.on(event)
    assert pair.stands == 0


def test_answers_are_weighed_in_the_order_of_asking_whoever_comes_first() -> None:
    trio = begun(Step("a", judges=("verifier",), panel=("a", "b", "c"), ask="at_once"))
    looks = [trio.on(Replied(call)) for call in (2, 0, 1)]
    assert [look for (look,) in looks] == [Verify(2, (2,)), Verify(0, (0, 2)), Verify(1, (0, 1, 2))]


def test_a_mended_answer_stands_where_the_broken_one_did_and_a_sample_after_all() -> None:
    pair = begun(PAIR)
    pair.on(Replied(0))
    pair.on(judged(WAIT))
    pair.on(Replied(1))
    questions = (Question("repair", "structure"), Question("sample", "agreement"))
    mend, sample = pair.on(Judged(0, Verdict("j", ASK, "why", questions=questions)))
    assert isinstance(mend, Ask)
    assert isinstance(sample, Ask)
    assert pair.on(Replied(sample.call)) == (Verify(sample.call, (0, 1, sample.call)),)
    assert pair.on(Replied(mend.call)) == (Verify(mend.call, (mend.call, 1, sample.call)),)


def test_news_of_other_calls_are_not_its_business() -> None:
    pair = begun(PAIR)
    assert pair.on(Replied(7)) == ()
    assert pair.on(judged(ACCEPT, call=7)) == ()
    assert pair.stands is None


def test_the_first_call_carries_the_reason_that_led_to_the_step() -> None:
    (ask,) = StepRun(Step("a"), 2, count(5), Reason.FALLBACK).begin()
    assert (ask.call, ask.step, ask.reason) == (5, 2, Reason.FALLBACK)  # type: ignore[union-attr]
