"""Reading `degrade` and `spill`: what they become, and what is wrong with them."""

from decimal import Decimal

import pytest

from policies.policy import Spill
from tests.policies.conftest import Load, Mistakes

SHORT = "policy: x\notherwise: {plan: [small, big]}\n"


def test_who_may_answer_when_nobody_could_is_read_in_order_and_each_once(load: Load) -> None:
    policy = load(SHORT + "degrade: [tiny-a, small, tiny-a]\n")
    assert policy.degrade == ("tiny-a", "small")
    assert policy.upstreams == ("small", "big", "tiny-a")


def test_a_budget_is_read_exactly_as_written(load: Load) -> None:
    policy = load(SHORT + "spill: {usd_per_hour: 40.10, then: queue}\n")
    assert policy.spill == Spill(Decimal("40.10"), "queue")


def test_left_out_nobody_may_and_nothing_is_limited(load: Load) -> None:
    policy = load(SHORT)
    assert (policy.degrade, policy.spill) == ((), None)


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        ("degrade: small", "degrade", "must be a list"),
        ("degrade: []", "degrade", "no upstream is named"),
        ("degrade: [smal]", "degrade[0]", "no upstream is called 'smal'"),
        ("degrade: [small, big, small, big, small]", "degrade[4]", "'degrade' names at most 4 upstreams"),
        ("spill: 40", "spill", "must be a mapping, not '40'"),
        ("spill: {then: queue}", "spill.usd_per_hour", "'usd_per_hour' is missing"),
        ("spill: {usd_per_hour: 40}", "spill.then", "'then' is missing"),
        ("spill: {usd_per_hour: -1, then: queue}", "spill.usd_per_hour", "must be an amount in USD, not '-1'"),
        ("spill: {usd_per_hour: 40, then: wait}", "spill.then", "'wait' is not a valid then"),
        ("spill: {usd_per_hour: 40, then: degrade}", "spill.then", "no upstream is named that may answer then"),
        ("spill: {usd_per_hour: 40, then: queue, burst: 2}", "spill.burst", "no key is called 'burst' here"),
    ],
)
def test_a_mistake_is_told_with_its_place(mistakes: Mistakes, written: str, path: str, message: str) -> None:
    told = mistakes(f"{SHORT}{written}\n")
    assert [(problem.path, problem.message) for problem in told] == [(path, message)]
    assert told[0].remedy
