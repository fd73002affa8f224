"""A policy's own tests, and what is told when one fails."""

from collections.abc import Mapping

import pytest

from policies.selftest import run_tests
from policies.terms import Signals
from tests.policies.conftest import Load

POLICY = """policy: test
holdout: 1
explore: 1
mode: observe
rules:
  - {name: stays-home, when: has_pii, plan: [small], local_only: true}
  - {name: likely-good, when: p_good >= 0.7, plan: [small]}
otherwise: {plan: [big]}
tests:
"""


def gather(body: Mapping[str, object]) -> Signals:
    return {"has_pii": "card" in str(body), "p_good": 0.1, "p_good.small": 0.2, "tools": 0}


@pytest.mark.parametrize(
    "case",
    [
        "{request: {messages: [{role: user, content: my card}]}, rule: stays-home}",
        "{request: {messages: []}, rule: otherwise}",
        "{request: {messages: []}, rule: likely-good, signals: {p_good: 0.8}}",
        "{request: {messages: []}, rule: likely-good, signals: {p_good.small: 0.8}}",
        "{rule: stays-home, signals: {has_pii: null}}",
    ],
)
def test_a_test_that_meets_its_rule_is_no_problem(load: Load, case: str) -> None:
    assert run_tests(load(POLICY + f"  - {case}\n"), gather) == []


def test_a_test_that_meets_another_rule_says_why(load: Load) -> None:
    cases = "  - {rule: otherwise}\n  - {rule: likely-good}\n  - {rule: otherwise, signals: {has_pii: true}}\n"
    told = run_tests(load(POLICY + cases), gather)
    assert [(problem.line, problem.path, problem.message) for problem in told] == [
        (11, "tests[1]", "met 'otherwise', not 'likely-good': p_good 0.2 < 0.7"),
        (12, "tests[2]", "met 'stays-home', not 'otherwise': has_pii is true"),
    ]
    assert all(problem.remedy and problem.file == "test.yaml" for problem in told)
