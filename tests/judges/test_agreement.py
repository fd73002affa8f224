"""Votes: equal values agree whoever wrote them, prose never does."""

from typing import Any

import pytest

from router.core.ports import Answer, Hearing, MemberAnswer
from router.judges.agreement import Agreement

SUM = {"messages": [{"role": "user", "content": "What is 6 times 7? Answer with a number."}]}
PROSE = {"messages": [{"role": "user", "content": "Write a poem about the sea."}]}


def judge(*texts: str, seats: int = 3, request: Any = SUM, finish: str = "stop", **told: Any) -> Any:
    answers = [Answer({"content": text}, finish) for text in texts]
    given = tuple(MemberAnswer(f"m{n}", f"d{n}", answer) for n, answer in enumerate(answers))
    hearing = Hearing(given=given, members=tuple(f"d{n}" for n in range(seats)), **told)
    return Agreement().judge(request, Answer(answers[-1].message, finish, hearing=hearing), ())


def test_two_that_say_the_same_in_other_words_settle_it() -> None:
    verdict = judge("41", "The answer is 42.", "42")
    assert (verdict.action, verdict.best, verdict.score) == ("accept", 1, pytest.approx(2 / 3))
    assert verdict.evidence == (2.0, 3.0, 2.0, 0.0)


def test_one_alone_waits_for_another() -> None:
    assert judge("42").action == "wait"


def test_when_agreement_is_out_of_reach_it_moves_on() -> None:
    assert judge("41", "42", "43").action == "escalate"
    assert judge("41", "42", seats=3, agree=3).action == "escalate"


def test_an_answer_cut_short_speaks_for_nothing() -> None:
    assert judge("42", "42", finish="length").evidence[3] == 2.0


def test_prose_is_not_compared() -> None:
    verdict = judge("The sea is wide", "The sea is wide", request=PROSE)
    assert (verdict.action, verdict.reason) == ("escalate", "answers to this request can't be compared")


def test_alone_it_wants_a_second_sample_once() -> None:
    verdict = judge("42", seats=1)
    assert (verdict.action, [question.kind for question in verdict.questions]) == ("ask", ["sample"])
    assert judge("42", seats=1, asked=True).action == "escalate"
