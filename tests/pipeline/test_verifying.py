"""Judges at work: each answer by itself once, all of a step together, and what is too late only written down."""

from typing import Any

from policies.policy import Step
from router.core.exchange import Exchange, Origin, Reason
from router.core.moves import Verify
from router.pipeline.calls import OpenCall
from router.pipeline.dependencies import Dependencies
from router.pipeline.planned_call import PlannedCall
from router.pipeline.verifying import Verifying
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import SORRY, chat, opened_exchange
from tests.standins.acts import Completion

SUM = "What is 6 times 7? Answer with a number."
BY_HAND = "policy: balanced\nkeep_cut: 0.6\notherwise: {plan: [big]}\n"
PANEL = Step("small", ("structure", "refusal", "agreement"), panel=("small", "big"))


class Answered:
    """An exchange whose calls have answered: each a real call of a scripted upstream."""

    def __init__(self, deps: Dependencies) -> None:
        self.deps = deps
        self.exchange: Exchange = opened_exchange(keep_cut=0.6, policy="balanced")
        self.calls: dict[int, OpenCall] = {}
        self.verifying = Verifying(deps, self.exchange, chat(SUM), self.calls)

    async def by(self, *upstreams: str) -> "Answered":
        for name in upstreams:
            number = len(self.calls)
            planned = PlannedCall(number, 0, name, Reason.PANEL, held=True, origin=Origin.PANEL)
            self.calls[number] = call = OpenCall(self.deps, self.exchange, chat(SUM), planned)
            await call.run(lambda event: None)
        return self

    def look(self, step: Step, *given: int, **how: Any) -> Any:
        return self.verifying.verify(Verify(given[-1], given, **how), step)


async def test_two_members_that_agree_let_the_first_go(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big = scripted(), scripted()
    small.says("42")
    big.says("It is 42.")
    seen = await Answered(make_deps(small, big)).by("small", "big")
    assert seen.look(PANEL, 0).verdict.action == "wait"
    judged = seen.look(PANEL, 0, 1)
    assert (judged.verdict.action, judged.best) == ("accept", 0)
    told = [(v.judge, v.action) for v in seen.exchange.verdicts]
    assert told == [
        ("structure", "accept"), ("refusal", "accept"), ("agreement", "wait"),
        ("structure", "accept"), ("refusal", "accept"), ("agreement", "accept"),
    ]  # fmt: skip
    assert seen.exchange.verdicts[-1].attempt == seen.calls[0].attempt.id


async def test_an_answer_somebody_objects_to_is_out_of_the_choice(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says(SORRY)
    seen = await Answered(make_deps(small, scripted())).by("small")
    alone = Step("small", ("refusal",), panel=("small", "big"))
    judged = seen.look(alone, 0)
    assert (judged.verdict.action, judged.verdict.judge, judged.best) == ("wait", "refusal", None)


async def test_the_verifier_writes_what_it_found_on_the_exchange(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big = scripted(), scripted()
    small.says("42")
    big.says("42")
    seen = await Answered(make_deps(small, big, BY_HAND)).by("small", "big")
    step = Step("small", ("verifier",), panel=("small", "big"))
    assert seen.look(step, 0).verdict.action == "wait"
    assert seen.look(step, 0, 1).verdict.action == "accept"  # 2 of 2 say the same, and the cut is set by hand
    assert seen.exchange.p_kept is None


async def test_a_verdict_that_came_too_late_says_so(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says(SORRY)
    seen = await Answered(make_deps(small, scripted())).by("small")
    seen.look(Step("small", ("refusal",), "prefix"), 0, late=True)
    (verdict,) = seen.exchange.verdicts
    assert (verdict.action, verdict.reason.startswith("too late to act: ")) == ("escalate", True)


async def test_judges_that_need_the_whole_are_not_asked_about_a_prefix(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.says("42")
    seen = await Answered(make_deps(small, scripted())).by("small")
    judged = seen.look(Step("small", ("verifier", "confidence"), "prefix"), 0, early=True)
    assert (judged.verdict.action, judged.early, seen.exchange.verdicts) == ("accept", True, [])


async def test_a_judge_may_not_have_what_must_stay_shown_elsewhere(scripted: Scripted, make_deps: MakeDeps) -> None:
    small, big = scripted(), scripted()
    small.says("42")
    seen = await Answered(make_deps(small, big)).by("small")
    step = Step("small", ("llm",), opinion="big")
    assert seen.look(step, 0).verdict.action == "ask"
    seen.exchange.local_only = True
    home = Verifying(seen.deps, seen.exchange, chat(SUM), seen.calls)
    assert home.verify(Verify(0, (0,)), step).verdict.action == "escalate"


async def test_log_probabilities_reach_the_judge(scripted: Scripted, make_deps: MakeDeps) -> None:
    small = scripted()
    small.completes(Completion(["42"], logprobs={"content": [{"token": "42", "logprob": -0.1}]}))
    seen = await Answered(make_deps(small, scripted())).by("small")
    judged = seen.look(Step("small", ("confidence",), sure=0.8), 0)
    assert (judged.verdict.action, round(judged.verdict.score, 3)) == ("accept", 0.905)
