"""Signals in, decision out: who answers, why, and with what probability."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from policies.decide import decide
from policies.policy import Decision, Draw, Mode, Plan, Policy
from policies.terms import Value
from tests.policies.conftest import Load

CALM = Draw(holdout=0.5, explore=0.5, pick=0.5, canary=0.5)
SIGNALS: Mapping[str, Value | None] = {
    "prompt_tokens": 100,
    "max_tokens": 50,
    "small.context": 4096,
    "small.supports_tools": False,
    "tools": 0,
    "p_good": 0.81,
    "has_pii": False,
}
TEXT = """
policy: test
rules:
  - {name: stays-home, when: has_pii, plan: [tiny-a], local_only: true}
  - {name: does-not-fit, when: prompt_tokens > small.context - max_tokens, plan: [big]}
  - name: likely-good
    when: p_good >= cut and (tools == 0 or small.supports_tools)
    plan: [{upstream: small, judges: [structure]}, big]
otherwise: {plan: [big]}
"""
CUT = "cut: 0.72\n"


def played(policy: Policy, draw: Draw = CALM, /, **changes: Value | None) -> Decision:
    return decide(policy, {**SIGNALS, **changes}, draw, "big")


def plans(*chosen: Plan) -> list[str]:
    return [str(plan) for plan in chosen]


def test_the_first_rule_that_holds_gives_the_plan(load: Load) -> None:
    decision = played(load(TEXT + CUT))
    assert (decision.rule, str(decision.plan)) == ("likely-good", "small[structure] > big")
    assert (decision.policy, decision.mode, decision.propensity) == ("test", "act", 1.0)
    assert (decision.p_good, decision.cut, decision.keep_cut) == (0.81, 0.72, None)
    assert (decision.explored, decision.holdout, decision.shadow_plan) == (False, False, None)
    assert decision.allowed_plans == (decision.plan,)


def test_when_no_rule_holds_otherwise_answers(load: Load) -> None:
    decision = played(load(TEXT + CUT), p_good=0.41)
    assert (decision.rule, str(decision.plan)) == ("otherwise", "big")


def test_every_rule_looked_at_says_why_with_its_numbers(load: Load) -> None:
    decision = played(load(TEXT + CUT), p_good=0.41)
    assert [(reason.rule, reason.outcome, reason.why) for reason in decision.reasons] == [
        ("stays-home", "skipped", "has_pii is false"),
        ("does-not-fit", "skipped", "prompt_tokens 100 <= small.context 4096 - max_tokens 50"),
        ("likely-good", "skipped", "p_good 0.41 < cut 0.72"),
        ("otherwise", "matched", "no rule was met"),
    ]


def test_rules_after_the_one_that_held_are_not_looked_at(load: Load) -> None:
    decision = played(load(TEXT + CUT), prompt_tokens=5000)
    assert [reason.rule for reason in decision.reasons] == ["stays-home", "does-not-fit"]


def test_an_unknown_rule_is_passed_over_and_says_what_is_unknown(load: Load) -> None:
    decision = played(load(TEXT + CUT), tools=None)
    assert (decision.rule, decision.reasons[2].outcome) == ("otherwise", "unknown")
    assert decision.reasons[2].why == "tools is unknown"


def test_an_unknown_local_only_rule_holds(load: Load) -> None:
    decision = played(load(TEXT + CUT), has_pii=None)
    assert (decision.rule, decision.plan.local_only) == ("stays-home", True)
    assert decision.reasons[0].why == "has_pii is unknown (unknown counts as met where a rule is local_only)"


def test_p_good_is_the_one_of_the_rules_own_small_model(load: Load) -> None:
    decision = played(load(TEXT + CUT), **{"p_good.small": 0.3})
    assert decision.rule == "otherwise"
    assert played(load(TEXT + CUT), p_good=0.3, **{"p_good.small": 0.9}).p_good == 0.9


def test_an_unknown_p_good_is_not_made_up_for_by_another_models(load: Load) -> None:
    decision = played(load(TEXT + CUT), p_good=0.9, **{"p_good.small": None})
    assert decision.rule == "otherwise"
    assert decision.reasons[2].why == "p_good is unknown"


def test_a_paused_router_asks_the_baseline_and_says_how_to_resume(load: Load) -> None:
    decision = played(replace(load(TEXT + CUT), mode=Mode("paused")))
    assert (decision.mode, str(decision.plan)) == ("paused", "big")
    assert decision.reasons[-1].why == "paused: the baseline answers until `smallfirst resume`"


def test_a_rule_without_a_condition_always_holds(load: Load) -> None:
    policy = load(TEXT + CUT)
    always = replace(policy, rules=(replace(policy.rules[1], when=None), *policy.rules))
    assert (played(always).rule, played(always).reasons[0].why) == ("does-not-fit", "always holds")


def test_a_certificates_cut_goes_before_the_one_by_hand(load: Load) -> None:
    decision = played(load(TEXT + CUT), cut=0.9)
    assert (decision.rule, decision.cut) == ("otherwise", 0.9)


def test_a_promise_without_a_cut_is_answered_by_the_baseline_and_says_why(load: Load) -> None:
    decision = played(load(TEXT + "promise: {max_loss: 0.02}\nexplore: 1"))
    assert (str(decision.plan), decision.cut) == ("big", None)
    assert decision.reasons[2].why == "cut is unknown (no certificate: labels missing)"
    assert decision.reasons[-1].outcome == "overruled"
    assert "no certificate: labels missing" in decision.reasons[-1].why


def test_what_was_not_looked_at_is_not_told_as_if_it_could_not_be_known(load: Load) -> None:
    rules = "rules: [{name: confer, when: keep_cut > 0 and checkable, plan: [small]}]\notherwise: {plan: [big]}\n"
    (reason, _) = played(load("policy: x\n" + rules)).reasons
    told = "keep_cut is unknown and checkable is unknown (`checkable` is not looked at without a keep_cut)"
    assert (reason.outcome, reason.why) == ("unknown", told)


def test_a_promise_binds_rules_that_name_no_cut(load: Load) -> None:
    rules = "rules: [{name: any, when: true, plan: [small]}]\notherwise: {plan: [big]}\n"
    decision = played(load("policy: x\npromise: {max_loss: 0.02}\n" + rules))
    assert (decision.rule, plans(decision.plan), str(decision.shadow_plan)) == ("any", ["big"], "small")


@pytest.mark.parametrize("cut", ["cut: 0.5", ""])
def test_a_promise_with_a_cut_by_hand_or_certificate_acts(load: Load, cut: str) -> None:
    policy = load(TEXT + "promise: {max_loss: 0.02}\n" + cut)
    signals = {} if cut else {"cut": 0.5}
    assert played(policy, **signals).rule == "likely-good"
    assert str(played(policy, **signals).plan) == "small[structure] > big"


def test_observe_records_the_plan_and_lets_the_baseline_answer(load: Load) -> None:
    decision = played(load(TEXT + CUT + "mode: observe\nexplore: 1\n"))
    assert (decision.mode, decision.rule, str(decision.plan)) == ("observe", "likely-good", "big")
    assert str(decision.shadow_plan) == "small[structure] > big"
    assert (decision.propensity, decision.explored) == (1.0, False)


def test_observe_has_nothing_to_shadow_where_the_plan_is_the_baseline(load: Load) -> None:
    assert played(load(TEXT + CUT + "mode: observe"), p_good=0.1).shadow_plan is None


@pytest.mark.parametrize(
    "more", ["mode: observe", "mode: {canary: 0}", "holdout: 1", "explore: 1", "promise: {max_loss: 0}"]
)
def test_a_local_only_plan_stays_local_whatever_else_holds(load: Load, more: str) -> None:
    decision = played(load(TEXT + more), Draw(0, 0, 0, 0.99), has_pii=True)
    assert (str(decision.plan), decision.plan.local_only) == ("tiny-a", True)
    assert (decision.holdout, decision.explored, decision.propensity) == (False, False, 1.0)


def test_a_canary_acts_for_its_share_of_conversations(load: Load) -> None:
    policy = load(TEXT + CUT + "mode: {canary: 0.1}")
    inside, outside = played(policy, Draw(0, 0, 0, 0.09)), played(policy, Draw(0, 0, 0, 0.1))
    assert (str(inside.plan), str(outside.plan)) == ("small[structure] > big", "big")
    assert (inside.shadow_plan, outside.shadow_plan) == (None, inside.plan)


def test_held_out_conversations_go_to_the_baseline_for_life(load: Load) -> None:
    policy = load(TEXT + CUT + "holdout: 0.02")
    held, free = played(policy, Draw(0.019, 0, 0, 0)), played(policy, Draw(0.02, 0, 0, 0))
    assert (held.holdout, str(held.plan), held.propensity) == (True, "big", 1.0)
    assert (free.holdout, str(free.plan)) == (False, "small[structure] > big")
    assert "held out" in held.reasons[-1].why


def test_exploration_draws_from_the_distinct_plans_that_may_leave(load: Load) -> None:
    policy = load(TEXT + CUT + "explore: 0.2")
    taken = [played(policy, Draw(0.5, 0.1, pick, 0)) for pick in (0.0, 0.49, 0.5, 0.99)]
    assert plans(*(decision.plan for decision in taken)) == ["big"] * 2 + ["small[structure] > big"] * 2
    assert plans(*taken[0].allowed_plans) == ["big", "small[structure] > big"]
    assert [decision.explored for decision in taken] == [True] * 4
    assert [decision.propensity for decision in taken] == pytest.approx([0.1, 0.1, 0.9, 0.9])


def test_what_was_not_explored_was_taken_with_its_own_probability(load: Load) -> None:
    decision = played(load(TEXT + CUT + "explore: 0.2"), Draw(0.5, 0.2, 0, 0))
    assert (decision.explored, str(decision.plan)) == (False, "small[structure] > big")
    assert decision.propensity == pytest.approx(0.9)


def test_a_plan_that_hard_constraints_forbid_is_never_explored(load: Load) -> None:
    policy = load(TEXT + CUT + "explore: 1")
    decision = decide(
        policy,
        {**SIGNALS, "prompt_tokens": 5000},
        Draw(0.5, 0, 0.99, 0),
        "big",
        lambda plan: "small" not in plan.upstreams,
    )
    assert (plans(*decision.allowed_plans), decision.propensity) == (["big"], 1.0)


@pytest.mark.parametrize("explore", [0.0, 0.05, 0.3, 1.0])
@pytest.mark.parametrize("p_good", [0.1, 0.81, None])
@pytest.mark.parametrize("gone", ["", "small", "big"])
def test_propensities_are_the_shares_in_which_plans_are_taken(
    load: Load, explore: float, p_good: float | None, gone: str
) -> None:
    policy = load(TEXT + CUT + f"explore: {explore}")
    signals = {**SIGNALS, "p_good": p_good}
    grid = [Draw(0.5, (i + 0.5) / 20, (j + 0.5) / 12, 0) for i in range(20) for j in range(12)]
    taken = [decide(policy, signals, draw, "big", lambda plan: gone not in plan.upstreams) for draw in grid]
    shares = {plan: count / len(grid) for plan, count in Counter(decision.plan for decision in taken).items()}
    assert [decision.propensity for decision in taken] == pytest.approx([shares[decision.plan] for decision in taken])


def test_a_request_that_asks_to_stay_local_keeps_the_plans_local_steps(load: Load) -> None:
    decision = played(load(TEXT + CUT + "holdout: 1\nexplore: 1\nmode: observe"), Draw(0, 0, 0, 0), local_only=True)
    assert (str(decision.plan), decision.plan.local_only, decision.holdout) == ("small[structure]", True, False)
    assert decision.reasons[-1].outcome == "overruled"


def test_a_request_that_asks_to_stay_local_takes_the_first_local_plan_where_its_own_has_none(load: Load) -> None:
    policy = load(TEXT + CUT)
    assert str(played(policy, p_good=0.1, local_only=True).plan) == "small[structure]"
    decision = decide(policy, {**SIGNALS, "local_only": True}, CALM, "big", lambda plan: "small" not in plan.upstreams)
    assert str(decision.plan) == "tiny-a"


def test_where_no_local_upstream_may_answer_the_plan_is_empty_and_says_so(load: Load) -> None:
    decision = played(load("policy: x\notherwise: {plan: [big]}"), local_only=True)
    assert (decision.plan, decision.plan.local_only) == (Plan((), local_only=True), True)
    assert decision.reasons[-1].why == "local_only was asked for: no local upstream may answer"


def test_strictness_is_told_where_it_is_known(load: Load) -> None:
    assert played(load(TEXT), strictness=0.4).strictness == 0.4
    assert played(load(TEXT)).strictness is None


def test_numbers_that_are_none_are_told_as_unknown(load: Load) -> None:
    decision = played(load(TEXT), p_good=float("nan"), cut="high", keep_cut=True)
    assert (decision.p_good, decision.cut, decision.keep_cut) == (None, None, None)
