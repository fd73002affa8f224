"""A policy's own tests: each request must meet the rule it names."""

from collections.abc import Callable, Mapping

from policies.decide import UNDRAWN, decide
from policies.policy import Case, Policy, Reason
from policies.problems import Problem
from policies.terms import Signals

Gather = Callable[[Mapping[str, object]], Signals]


def run_tests(policy: Policy, gather: Gather) -> list[Problem]:
    """Return a problem for each of *policy*'s tests that meets another rule.

    *gather* turns a chat body into signals as the proxy would; the test's own
    `signals` override them. Only rules are tested: there is no hold-out and no exploration.
    """
    problems = []
    for index, case in enumerate(policy.tests):
        decision = decide(policy, _signals(case, gather), UNDRAWN, "baseline")
        if decision.rule == case.rule:
            continue
        message = f"met '{decision.rule}', not '{case.rule}': {_why(decision.reasons, case.rule)}"
        remedy = "mend the rule or the test; `smallfirst explain` shows every signal"
        problems.append(Problem(policy.source, case.line, f"tests[{index}]", message, remedy))
    return problems


def _signals(case: Case, gather: Gather) -> Signals:
    """Override signals with the test's; a plain `p_good` there counts for every upstream."""
    gathered = dict(gather(case.request))
    if "p_good" in case.signals:
        gathered = {name: value for name, value in gathered.items() if not name.startswith("p_good.")}
    return {**gathered, **case.signals}


def _why(reasons: tuple[Reason, ...], rule: str) -> str:
    """Return why *rule* was not met, or why another was met before it."""
    whys = [reason.why for reason in reasons if reason.rule == rule]
    return whys[0] if whys else next(reason.why for reason in reasons if reason.outcome == "matched")
