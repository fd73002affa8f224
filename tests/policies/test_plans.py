"""Reading plans: steps, judges, and what may not leave."""

import pytest

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
        ("big", "otherwise.plan", "must be a list"),
        ("[bigg]", "otherwise.plan[0]", "no upstream is called 'bigg'"),
        ("[[small]]", "otherwise.plan[0]", "must be a mapping"),
        ("[{judges: [refusal]}]", "otherwise.plan[0].upstream", "'upstream' is missing"),
        ("[{upstream: small, judge: [refusal]}]", "otherwise.plan[0].judge", "no key is called 'judge' here"),
        ("[{upstream: small, judges: refusal}]", "otherwise.plan[0].judges", "must be a list"),
        ("[{upstream: small, stream: raec}]", "otherwise.plan[0].stream", "'raec' is not a valid stream"),
        ("[{panel: []}, big]", "otherwise.plan[0].panel", "a panel has at least one member"),
        ("[{panel: [small, small]}, big]", "otherwise.plan[0].panel[1]", "'small' is in the panel twice"),
        (
            "[{panel: [small, tiny-a], upstream: big}]",
            "otherwise.plan[0].upstream",
            "a step has an upstream or a panel, not both",
        ),
        ("[{upstream: small, samples: 9}]", "otherwise.plan[0].samples", "'samples' is at most 8"),
        (
            "[{upstream: small, judges: [refusal], stream: race}]",
            "otherwise.plan[0].stream",
            "nothing starts this race",
        ),
        (
            "[{upstream: small, judges: [refusal], stream: race, band: [0.6, 0.2]}]",
            "otherwise.plan[0].band",
            "must be [low, high] from 0 to 1",
        ),
        (
            "[{upstream: small, judges: [refusal], prefix: 5}]",
            "otherwise.plan[0].prefix",
            "'prefix' does nothing without `stream: prefix` or `race`",
        ),
        (
            "[{upstream: small, stream: prefix}]",
            "otherwise.plan[0].stream",
            "'stream' does nothing without judges: an answer without judges is passed through",
        ),
        ("[{upstream: small, judges: [oracle]}]", "otherwise.plan[0].judges[0]", "no judge is called 'oracle'"),
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


@pytest.mark.parametrize(
    ("written", "step"),
    [
        ("{panel: [small, tiny-a], judges: [refusal]}", Step("small", ("refusal",), panel=("small", "tiny-a"))),
        ("{panel: [small], ask: at_once, samples: 3}", Step("small", panel=("small",), ask="at_once", samples=3)),
        ("{upstream: small, samples: 2, member_ms: 900}", Step("small", samples=2, member_ms=900)),
        (
            "{upstream: small, judges: [refusal], stream: prefix, prefix: 20}",
            Step("small", ("refusal",), "prefix", prefix=20),
        ),
        (
            "{upstream: small, judges: [refusal], stream: prefix, prefix: sentence}",
            Step("small", ("refusal",), "prefix", prefix=0),
        ),
        (
            "{upstream: small, judges: [refusal], stream: race, band: [0.2, 0.6]}",
            Step("small", ("refusal",), "race", band=(0.2, 0.6)),
        ),
        ("{upstream: small, judges: [structure], repair: true}", Step("small", ("structure",), repair=True)),
    ],
)
def test_a_step_is_read_with_all_its_keys(load: Load, written: str, step: Step) -> None:
    assert load(policy(f"[{written}, big]")).otherwise.plan.steps[0] == step


def test_a_panel_of_several_names_all_of_them_and_is_written_so(load: Load) -> None:
    plan = load(policy("[{panel: [small, tiny-a], samples: 2, judges: [refusal]}, big]")).otherwise.plan
    assert plan.upstreams == ("small", "tiny-a", "big")
    assert str(plan) == "(small + tiny-a) x2[refusal] > big"
    assert plan.steps[0].confers


def test_no_member_of_a_local_only_panel_may_be_elsewhere(mistakes: Mistakes) -> None:
    (problem,) = mistakes(policy("[{panel: [small, big]}]", ", local_only: true"))
    assert problem.message == "'big' is not local and the plan is local_only"
