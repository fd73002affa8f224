"""Reading plans: steps, judges, and what may not leave."""

import pytest

from policies.load import load_policy
from policies.names import Names
from policies.policy import Plan, Step
from tests.policies.conftest import Load, Mistakes


def policy(plan: str, more: str = "") -> str:
    return f"policy: x\notherwise: {{plan: {plan}{more}}}\n"


@pytest.mark.parametrize(
    ("written", "plan"),
    [
        ("[big]", Plan((Step("big"),))),
        ("[small, big]", Plan((Step("small"), Step("big")))),
        ("[{upstream: small}, big]", Plan((Step("small"), Step("big")))),
        ("[{upstream: small, judges: [refusal]}, big]", Plan((Step("small", ("refusal",)), Step("big")))),
        ("[{upstream: small, first_token_ms: 800}]", Plan((Step("small", first_token_ms=800),))),
    ],
)
def test_a_plan_is_read_as_written(load: Load, written: str, plan: Plan) -> None:
    assert load(policy(written)).otherwise.plan == plan


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ("[]", "otherwise.plan", "a plan has at least one step"),
        ("big", "otherwise.plan", "'plan' is no list"),
        ("[bigg]", "otherwise.plan[0]", "no upstream is called 'bigg'"),
        ("[[small]]", "otherwise.plan[0]", "this is no mapping"),
        ("[{judges: [refusal]}]", "otherwise.plan[0].upstream", "'upstream' is missing"),
        ("[{upstream: small, judge: [refusal]}]", "otherwise.plan[0].judge", "no key is called 'judge' here"),
        ("[{upstream: small, judges: refusal}]", "otherwise.plan[0].judges", "'judges' is no list"),
        ("[{upstream: small, stream: raec}]", "otherwise.plan[0].stream", "'raec' is no stream"),
        ("[{upstream: small, stream: race}]", "otherwise.plan[0].stream", "`stream: race` comes with a later release"),
        ("[{panel: [small, tiny-a]}, big]", "otherwise.plan[0].panel", "panels come with a later release"),
        ("[{upstream: small, judges: [verifier]}]", "otherwise.plan[0].judges[0]", "no judge is called 'verifier'"),
        ("[" + "small, " * 9 + "]", "otherwise.plan[8]", "a plan has at most 8 steps"),
    ],
)
def test_a_wrong_plan_is_told(mistakes: Mistakes, written: str, path: str, message: str) -> None:
    (problem,) = mistakes(policy(written))
    assert (problem.path, problem.message) == (path, message)


def test_a_local_only_plan_holds_local_upstreams_only(load: Load, mistakes: Mistakes) -> None:
    assert load(policy("[small, tiny-a]", ", local_only: true")).otherwise.plan.local_only
    (problem,) = mistakes(policy("[small, big]", ", local_only: true"))
    assert problem.message == "'big' is not local and the plan is local_only"


def test_a_stream_that_the_release_carries_out_is_read(names: Names) -> None:
    wider = Names(names.signals, names.upstreams, names.judges, names.facts, streams=("hold", "prefix"))
    loaded = load_policy(policy("[{upstream: small, stream: prefix}]"), source="x", names=wider)
    assert loaded.otherwise.plan.steps[0].stream == "prefix"
