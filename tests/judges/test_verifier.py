"""When an answer is kept: by p_kept against keep_cut, by hand where the level is unknown, and else never."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from classifier.verifier import Given, Verifier, Weighed
from classifier.verifier_artifact import Stop
from router.core.ports import Answer, Hearing, MemberAnswer
from router.judges.verifier import VerifierJudge, given_of

SUM = {"messages": [{"role": "user", "content": "What is 6 times 7? Answer with a number."}]}


def hearing(*texts: str, **told: Any) -> Answer:
    answers = [Answer({"content": text}, "stop") for text in texts]
    given = tuple(MemberAnswer(f"m{n}", f"d{n}", answer) for n, answer in enumerate(answers))
    return Answer(answers[-1].message, "stop", hearing=Hearing(given=given, members=("d0", "d1", "d2"), **told))


def test_by_votes_alone_nothing_is_kept() -> None:
    for given, action in ((("42", "42"), "wait"), (("42", "42", "42"), "escalate")):
        verdict = VerifierJudge().judge(SUM, hearing(*given, keep_cut=0.5), ())
        assert (verdict.action, verdict.score) == (action, None)
    assert "not known" in verdict.reason


@pytest.mark.parametrize(
    ("texts", "action"),
    [
        (("42",), "wait"),
        (("42", "42"), "accept"),
        (("42", "41"), "wait"),
        (("42", "41", "42"), "accept"),
        (("42", "41", "40"), "escalate"),
    ],
)
def test_a_cut_by_hand_is_the_share_of_members_that_must_say_the_same(texts: tuple[str, ...], action: str) -> None:
    assert VerifierJudge().judge(SUM, hearing(*texts, keep_cut=0.6, by_hand=True), ()).action == action


class Level(Verifier):
    """A second stage that knows the level: what a trained one says, said without training."""

    def __init__(self, p_kept: float, hopeless: float | None) -> None:
        super().__init__()
        self.level = (p_kept, hopeless)

    def weigh(
        self, body: Mapping[str, Any], given: Sequence[Given], *, members: Sequence[str], task: Any = None
    ) -> Weighed:
        p_kept, hopeless = self.level
        return Weighed(0, "42", p_kept, 0.01, hopeless, (1.0, 2.0), 1, len(given), 1)


@pytest.mark.parametrize(
    ("p_kept", "hopeless", "cut", "action"),
    [
        (0.9, None, 0.8, "accept"),
        (0.8, None, 0.8, "accept"),
        (0.7, None, 0.8, "wait"),
        (0.7, 0.05, 0.8, "escalate"),
        (0.7, 0.5, 0.8, "wait"),
        (0.9, None, None, "wait"),
    ],
)
def test_p_kept_is_held_against_keep_cut(p_kept: float, hopeless: float | None, cut: float | None, action: str) -> None:
    verdict = VerifierJudge(Level(p_kept, hopeless)).judge(SUM, hearing("42", keep_cut=cut), ())
    assert (verdict.action, verdict.score, verdict.evidence, verdict.best) == (action, p_kept, (1.0, 2.0), 0)


class Staged(Level):
    """One that was trained to stop: never after one answer, after two from 0.95 on, after all three from 0.8 on."""

    def stop(self, members: Sequence[str], strictness: str, *, at_once: bool = False) -> Stop | None:
        return Stop((None, 0.95, 0.8), 0.2) if (len(members), strictness) == (3, "0.02") else None


@pytest.mark.parametrize(
    ("texts", "p_kept", "hopeless", "action", "cut"),
    [
        (("42",), 0.99, 0.5, "wait", None),
        (("42", "42"), 0.94, 0.5, "wait", 0.95),
        (("42", "42"), 0.96, 0.5, "accept", 0.95),
        (("42", "42", "42"), 0.81, None, "accept", 0.8),
        (("42", "42", "42"), 0.79, None, "escalate", 0.8),
        (("42", "42", "42", "42"), 0.81, None, "accept", 0.8),
        (("42",), 0.5, 0.19, "escalate", None),
        (("42", "42"), 0.5, 0.19, "escalate", 0.95),
    ],
)
def test_where_a_strictness_is_in_force_each_stage_has_its_own_learnt_cut(
    texts: tuple[str, ...], p_kept: float, hopeless: float | None, action: str, cut: float | None
) -> None:
    told = hearing(*texts, keep_cut=0.8, strictness=0.02)
    verdict = VerifierJudge(Staged(p_kept, hopeless)).judge(SUM, told, ())
    assert (verdict.action, verdict.cut, verdict.stage) == (action, cut, len(texts))


@pytest.mark.parametrize("told", [{"strictness": 0.02, "by_hand": True}, {"strictness": 0.03}, {}])
def test_a_cut_by_hand_a_level_nobody_learnt_and_none_at_all_are_one_cut_for_every_stage(told: dict[str, Any]) -> None:
    verdict = VerifierJudge(Staged(0.9, 0.5)).judge(SUM, hearing("42", keep_cut=0.8, **told), ())
    assert (verdict.action, verdict.cut, verdict.stage) == ("accept", 0.8, 1)


def test_the_reason_holds_numbers_and_never_what_was_said() -> None:
    assert "42" not in VerifierJudge().judge(SUM, hearing("42", "42", keep_cut=0.6, by_hand=True), ()).reason


def test_every_answer_goes_over_with_its_model_and_its_log_probabilities() -> None:
    entries = ({"token": "42", "logprob": -0.5}, {"token": "", "logprob": -3.0})
    first = Answer({"content": "42"}, "stop", logprobs=entries)
    said = (
        MemberAnswer("small", "d1", first, 3, {"clean": 1.0}),
        MemberAnswer("second", "d2", Answer({"content": "41"}, "length")),
    )
    given = given_of(Answer({"content": "41"}, "length", hearing=Hearing(given=said)))
    assert [(one.member, one.digest, one.finish_reason) for one in given] == [
        ("small", "d1", "stop"),
        ("second", "d2", "length"),
    ]
    assert (given[0].logprobs, given[0].tokens, given[1].logprobs) == ((-0.5,), 3, None)


def test_an_answer_alone_is_given_alone() -> None:
    (only,) = given_of(Answer({"content": "42"}, "stop"))
    assert only.message == {"content": "42"}
