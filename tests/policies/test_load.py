"""A whole file, checked whole: what it becomes, and every mistake at once."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from policies.load import KEYS, load_policy
from policies.names import Names
from policies.policy import Audit, Mode, Plan, Promise, Shadow, Step
from policies.problems import PolicyErrors
from policies.selftest import run_tests
from tests.policies.conftest import Load, Mistakes

DOCS = Path(__file__).parents[2] / "docs" / "policies.md"

FULL = """
policy: full
about: Everything a file may hold.
mode: {canary: 0.1, by: conversation}
promise: {max_loss: 0.02, max_harm: 0.05, confidence: 0.9}
cut: 0.72
keep_cut: 0.6
rules:
  - {name: stays-home, when: has_pii, plan: [small], local_only: true}
  - name: likely-good
    when: p_good >= cut
    plan:
      - {upstream: small, judges: [structure, refusal], stream: hold}
      - big
otherwise: {plan: [big]}
explore: 0.01
holdout: 0.02
audit: {share: 0.02, floor: 0.005, judge: big, usd_per_day: 1.10}
session: none
tests:
  - {request: {messages: [{role: user, content: hi}]}, rule: stays-home, signals: {has_pii: true, p_good.small: 0.5}}
"""

SHORT = "policy: short\notherwise: {plan: [big]}\n"


def test_a_full_file_becomes_the_policy_it_says(load: Load) -> None:
    policy = load(FULL)
    home, likely = policy.rules
    assert (policy.name, policy.about) == ("full", "Everything a file may hold.")
    assert policy.mode == Mode("canary", 0.1)
    assert policy.promise == Promise(0.02, 0.05, 0.9)
    assert (policy.cut, policy.keep_cut, policy.explore, policy.holdout) == (0.72, 0.6, 0.01, 0.02)
    assert (home.name, home.plan) == ("stays-home", Plan((Step("small"),), local_only=True))
    assert likely.plan == Plan((Step("small", ("structure", "refusal")), Step("big")))
    assert policy.otherwise.plan == Plan((Step("big"),))
    assert policy.audit == Audit(0.02, 0.005, "big", Decimal("1.10"))
    assert policy.session == "none"
    assert policy.tests[0].signals == {"has_pii": True, "p_good.small": 0.5}
    assert policy.tests[0].line == 21
    assert policy.upstreams == ("small", "big")
    assert policy.at_home == {"small", "tiny-a"}


def test_two_keys_make_a_policy(load: Load) -> None:
    policy = load(SHORT)
    assert (policy.rules, policy.mode, policy.promise, policy.cut) == ((), Mode("act"), None, None)
    assert (policy.explore, policy.holdout, policy.audit, policy.session) == (0, 0, Audit(), "upgrade_only")


@pytest.mark.parametrize(
    ("text", "shadow"),
    [
        ("", Shadow()),
        ("mode: observe", Shadow(1.0)),
        ("mode: observe\nshadow: {share: 0.1}", Shadow(0.1)),
        ("shadow: {share: 0.2, usd_per_day: 0.50}", Shadow(0.2, Decimal("0.50"))),
    ],
)
def test_what_only_observes_is_tried_out_in_the_shadow_and_else_what_the_author_says(
    text: str, shadow: Shadow, load: Load
) -> None:
    assert load(f"{SHORT}\n{text}").shadow == shadow


def test_p_good_is_about_the_first_local_upstream_of_the_plan(load: Load) -> None:
    rules = """
rules:
  - {name: one, when: p_good > 0.5, plan: [big, tiny-a]}
  - {name: two, when: p_good > 0.5, plan: [big]}
"""
    policy = load(SHORT + rules)
    one, two = policy.rules
    assert (one.subject, two.subject) == ("tiny-a", "tiny-a")
    assert one.when is not None
    assert one.when.test({"p_good.tiny-a": 0.9, "p_good": 0.1}) is True
    assert one.when.test({"p_good": 0.1}) is False


def test_the_label_is_the_name_and_six_digits_of_the_digest(load: Load) -> None:
    policy = load(SHORT)
    assert len(policy.digest) == 64
    assert policy.label == f"short@{policy.digest[:6]}"


def test_the_digest_covers_what_decides_and_nothing_else(load: Load) -> None:
    digest = load(FULL).digest
    assert load(FULL.replace("\nrules:", "\n# a comment\n\nrules:")).digest == digest
    assert load(FULL.replace("Everything a file may hold.", "Other words.")).digest == digest
    assert load(FULL.replace("{plan: [big]}", "\n  plan:\n    - big")).digest == digest
    assert load(FULL.replace("0.72", "0.73")).digest != digest
    assert load(FULL.replace("has_pii, plan", "tools > 0, plan")).digest != digest


def test_every_mistake_of_a_file_is_told_at_once(mistakes: Mistakes) -> None:
    text = """policy: broken
promise: {max_los: 0.02}
rules:
  - name: one
    when: p_god >= 0.5 and smal.context > 1
    plan: [smal, {upstream: big, judges: [structur]}]
  - {name: one, when: tools, plan: [big], local_only: true}
otherwise: [big]
explore: 2
"""
    told = [(problem.line, problem.path, problem.message) for problem in mistakes(text)]
    assert told == [
        (2, "promise.max_los", "no key is called 'max_los' here"),
        (2, "promise.max_loss", "'max_loss' is missing"),
        (5, "rules[0].when", "no signal is called 'p_god'"),
        (5, "rules[0].when", "no upstream is called 'smal'"),
        (6, "rules[0].plan[0]", "no upstream is called 'smal'"),
        (6, "rules[0].plan[1].judges[0]", "no judge is called 'structur'"),
        (7, "rules[1].plan[0]", "'big' is not local and the plan is local_only"),
        (7, "rules[1].name", "a second rule 'one'"),
        (8, "otherwise", "must be a mapping"),
        (9, "explore", "must be a number from 0 to 1, not '2'"),
    ]


@pytest.mark.parametrize(
    ("extra", "path", "message"),
    [
        ("polcy: x", "polcy", "no key is called 'polcy' here"),
        ("mode: atc", "mode", "'atc' is not a valid mode"),
        ("mode: {by: conversation}", "mode.canary", "'canary' is missing"),
        ("mode: {canary: 0.1, by: request}", "mode.by", "'request' is not a valid by"),
        ("promise: {max_loss: 0.1, confidence: 1}", "promise.confidence", "must be above 0 and below 1"),
        ("audit: {share: 0.01, floor: 0.02}", "audit.floor", "the floor is above the share"),
        ("audit: {judge: claude}", "audit.judge", "'claude' is not a valid judge"),
        ("shadow: 0.2", "shadow", "must be a mapping, not '0.2'"),
        ("shadow: {usd_per_day: 1}", "shadow.share", "'share' is missing"),
        ("shadow: {share: 2}", "shadow.share", "must be a number from 0 to 1, not '2'"),
        ("session: sticky", "session", "'sticky' is not a valid session"),
        ("rules: {a: b}", "rules", "must be a list"),
        ("rules: [{when: tools, plan: [big]}]", "rules[0].name", "'name' is missing"),
        ("rules: [{name: a b, when: tools, plan: [big]}]", "rules[0].name", "'a b' is not a valid name"),
        ("rules: [{name: a, plan: [big]}]", "rules[0].when", "'when' is missing"),
        ("rules: [{name: a, when: [tools], plan: [big]}]", "rules[0].when", "a condition is one line of text"),
        ("rules: [{name: a, when: tools}]", "rules[0].plan", "'plan' is missing"),
        ("rules: [{name: otherwise, when: tools, plan: [big]}]", "rules[0].name", "a second rule 'otherwise'"),
        ("tests: [{rule: nobody}]", "tests[0].rule", "'nobody' is not a valid rule"),
        ("tests: [{request: [], rule: otherwise}]", "tests[0].request", "a request is a mapping"),
        ("tests: [{rule: otherwise, signals: {tols: 1}}]", "tests[0].signals.tols", "no signal is called 'tols'"),
        (
            "tests: [{rule: otherwise, signals: {tools: [1]}}]",
            "tests[0].signals.tools",
            "the signal 'tools' must be a single value",
        ),
        ("about: [a]", "about", "must be text"),
    ],
)
def test_each_mistake_is_told_with_its_key_path(mistakes: Mistakes, extra: str, path: str, message: str) -> None:
    (problem,) = mistakes(SHORT + extra)
    assert (problem.path, problem.message, problem.line) == (path, message, 3)
    assert problem.remedy


def test_a_rule_named_otherwise_is_refused_even_without_an_otherwise(mistakes: Mistakes) -> None:
    told = {problem.message for problem in mistakes("policy: x\nrules: [{name: otherwise, when: tools, plan: [big]}]")}
    assert told == {"a second rule 'otherwise'", "'otherwise' is missing"}


@pytest.mark.parametrize("text", ["just text", "[a, list]", "policy: x", "otherwise: {plan: [big]}"])
def test_a_file_without_the_two_keys_is_refused(mistakes: Mistakes, text: str) -> None:
    assert mistakes(text)


def test_the_file_is_named_as_the_caller_named_it(names: Names) -> None:
    with pytest.raises(PolicyErrors, match=r"policies/x\.yaml:1: "):
        load_policy("", source="policies/x.yaml", names=names)


def test_the_documented_example_loads_and_passes_its_own_tests(names: Names) -> None:
    example = DOCS.read_text().split("```yaml\n")[1].split("```")[0]
    wider = replace(names, signals=(*names.signals, "has_pii", "pii.unseen"))
    policy = load_policy(example, source="policies.md", names=wider)
    assert run_tests(policy, lambda body: {}) == []


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_documented(key: str) -> None:
    assert f"`{key}`" in DOCS.read_text()
