"""A plan carried out for nobody: it stays here, takes its time, and stops where another upstream would follow."""

import pytest

from policies.policy import Plan, Step
from router.core.exchange import Origin
from router.core.pace import Pace
from router.pipeline.shadowing import Shadowing, Tried, local_part, shadow_exchange
from tests.conftest import Scripted
from tests.pipeline.conftest import MakeDeps
from tests.pipeline.parts import SORRY, chat, opened_exchange

JUDGED = Step("small", ("structure", "refusal"), stream="race", first_token_ms=1, band=(0.0, 1.0))


async def test_of_a_plan_only_what_stays_here_is_tried_out(scripted: Scripted, make_deps: MakeDeps) -> None:
    deps = make_deps(scripted(), scripted())
    assert local_part(deps, Plan((Step("big"), Step("small"))))[1] == 0
    plan, own = local_part(deps, Plan((Step("small", panel=("small", "big"), ask="at_once"), Step("big"))))
    assert own == 1
    assert (plan.steps[0].panel, plan.steps[0].ask, plan.steps[1]) == (("small",), "in_order", Step("big"))


async def test_nothing_races_or_hurries_where_nobody_waits(scripted: Scripted, make_deps: MakeDeps) -> None:
    plan, _ = local_part(make_deps(scripted(), scripted()), Plan((JUDGED, Step("big"))))
    step = plan.steps[0]
    assert (step.stream, step.first_token_ms, step.band, step.judges) == ("hold", None, None, JUDGED.judges)


@pytest.mark.parametrize(
    ("says", "plan", "tried"),
    [
        ("42", (JUDGED, Step("big")), Tried.KEPT),
        (SORRY, (JUDGED, Step("big")), Tried.ESCALATED),
        (SORRY, (JUDGED,), Tried.KEPT),  # nobody else would have answered: the doubtful answer goes out
        (500, (JUDGED, Step("big")), Tried.FALLBACK),
        (500, (JUDGED,), Tried.FAILED),
    ],
)
async def test_what_would_have_become_of_the_request(
    says: str | int, plan: tuple[Step, ...], tried: Tried, scripted: Scripted, make_deps: MakeDeps
) -> None:
    small, big = scripted(), scripted()
    small.fails(says) if isinstance(says, int) else small.says(says)
    deps = make_deps(small, big)
    beside = shadow_exchange(opened_exchange(policy="balanced", baseline="big", upstream="big"))
    calm, own = local_part(deps, Plan(plan))

    assert await Shadowing(deps, beside, chat()).try_out(calm, own) is tried

    assert {(attempt.upstream, attempt.origin) for attempt in beside.attempts} == {("small", Origin.SHADOW)}
    assert all(attempt.local_only and attempt.ended_at for attempt in beside.attempts)
    assert big.requests == []


async def test_an_answer_to_a_prompt_that_was_cut_is_nothing_the_plan_would_have_kept(
    scripted: Scripted, make_deps: MakeDeps
) -> None:
    small = scripted()
    small.says("to half a question", usage={"prompt_tokens": 2048, "completion_tokens": 3, "total_tokens": 2051})
    deps = make_deps(small, scripted(), paces={"small": Pace()})
    beside = shadow_exchange(opened_exchange(policy="balanced", baseline="big", signals={"prompt_tokens": 4000}))
    assert await Shadowing(deps, beside, chat()).try_out(Plan((JUDGED,)), 1) is Tried.FAILED
    assert [attempt.error for attempt in beside.attempts] == ["truncated"]


def test_what_is_tried_out_beside_an_exchange_touches_nothing_of_it() -> None:
    served = opened_exchange(upstream="big", p_kept=0.4, escalated="refusal")
    beside = shadow_exchange(served)
    assert (beside.id, beside.upstream, beside.p_kept, beside.escalated) == (served.id, "", None, None)
    assert beside.local_only
    assert beside.attempts is not served.attempts
