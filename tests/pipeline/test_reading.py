"""Only what a policy reads is read off a request, and only when it can matter."""

from typing import Any

import pytest

from policies.policy import Policy
from router.core.signals import READ
from router.core.upstream import UpstreamSpec
from router.pipeline.reading import read_off
from tests.pipeline.parts import read_policy

SUM = {"messages": [{"role": "user", "content": "What is 6 times 7? Answer with a number."}]}
BIG = {"big": UpstreamSpec("big", "openai", "b")}


def policy(when: str, more: str = "") -> Policy:
    rule = f"{{name: a, when: {when!r}, plan: [big]}}"
    return read_policy(f"policy: x\n{more}\nrules: [{rule}]\notherwise: {{plan: [big]}}\n", BIG)


def read(one: Policy) -> dict[str, Any]:
    return read_off(SUM, one, one.signals & READ.keys())


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("prompt_tokens > 5", {}),
        ("checkable", {"checkable": True}),
        ("language == 'en'", {"language": "en"}),
        ("code or domain == 'math'", {"code": False, "domain": None}),
    ],
)
def test_what_no_rule_reads_is_not_looked_for(when: str, found: dict[str, Any]) -> None:
    assert read(policy(when)) == found


@pytest.mark.parametrize(("more", "found"), [("", {}), ("keep_cut: 0.8", {"checkable": True})])
def test_where_a_panel_needs_a_cut_that_is_not_there_comparing_is_not_looked_into(
    more: str, found: dict[str, Any]
) -> None:
    assert read(policy("keep_cut > 0 and checkable", more)) == found


def test_a_cut_that_the_policy_resolves_to_is_as_good_as_one_by_hand() -> None:
    one = policy("keep_cut > 0 and checkable")
    assert read_off(SUM, one, one.signals & READ.keys(), 0.8) == {"checkable": True}
