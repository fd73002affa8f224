"""How the records read."""

from policies.policy import Plan, Reason, Step


def test_a_plan_reads_as_its_steps() -> None:
    plan = Plan((Step("small", ("structure", "refusal")), Step("big")))
    assert str(plan) == "small[structure, refusal] > big"


def test_a_panel_names_all_its_members_once() -> None:
    plan = Plan((Step("a", ("structure",), panel=("a", "b")), Step("b"), Step("big")))
    assert plan.upstreams == ("a", "b", "big")
    assert str(plan) == "(a + b)[structure] > b > big"


def test_a_reason_without_condition_says_its_note() -> None:
    assert Reason("otherwise", "matched", "no rule was met").why == "no rule was met"
