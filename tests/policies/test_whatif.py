"""The nearest edge: which one signal, changed least, would have sent the request elsewhere."""

from dataclasses import replace
from typing import Any

import pytest

from policies.load import load_policy
from policies.names import Names
from policies.policy import Policy
from policies.whatif import Change, edges, smallest_change

NAMES = Names(
    signals={"p_good", "prompt_tokens", "max_tokens", "tools", "json"},
    upstreams={"small": True, "big": False},
    judges={"structure"},
    facts={"context"},
)
TEXT = """
policy: p
cut: 0.7
rules:
  - {name: does-not-fit, when: prompt_tokens > small.context - max_tokens, plan: [big]}
  - {name: likely-good, when: p_good >= cut and not json, plan: [small, big]}
otherwise: {plan: [big]}
"""


def policy() -> Policy:
    return load_policy(TEXT, source="p.yaml", names=NAMES)


def policy_of(when: str, **names: Any) -> Policy:
    rule = f'{{name: r, when: "{when}", plan: [small, big]}}'
    text = f"policy: p\ncut: 0.7\nrules:\n  - {rule}\notherwise: {{plan: [big]}}\n"
    return load_policy(text, source="p.yaml", names=replace(NAMES, **names))


def signals(**more: float | bool) -> dict[str, float | int | str | bool | None]:
    known = {
        "p_good.small": 0.9,
        "cut": 0.7,
        "prompt_tokens": 100,
        "max_tokens": 0,
        "small.context": 4096,
        "json": False,
    }
    return {**known, **more}


def test_a_chance_just_under_the_cut_would_have_needed_that_little_more() -> None:
    change = smallest_change(policy(), signals(**{"p_good.small": 0.69}))

    assert change is not None
    assert (change.signal, change.rule) == ("p_good.small", "likely-good")
    assert isinstance(change.after, float)
    assert 0.7 <= change.after < 0.7001


def test_a_whole_number_moves_in_whole_steps_to_the_first_that_matters() -> None:
    change = smallest_change(policy(), signals(prompt_tokens=4090))

    assert change == Change("prompt_tokens", 4090, 4097, "does-not-fit", "big")


def test_a_yes_or_no_is_tried_the_other_way() -> None:
    change = smallest_change(policy(), signals(json=True, **{"p_good.small": 0.99}))

    assert change is not None
    assert (change.signal, change.after, change.rule) == ("json", False, "likely-good")


def test_where_no_single_signal_matters_there_is_none() -> None:
    only = load_policy("policy: p\notherwise: {plan: [big]}", source="p.yaml", names=NAMES)

    assert smallest_change(only, signals()) is None


def test_an_unknown_signal_is_not_invented() -> None:
    change = smallest_change(policy(), {"cut": 0.7, "p_good.small": None, "prompt_tokens": None})

    assert change is None


@pytest.mark.parametrize(
    ("cut", "p_good", "flips"),
    [(0.0, 0.4, False), (1.0, 0.4, True), (1.1, 0.4, False), (0.4, 0.0, True), (0.7, 1.0, True)],
)
def test_a_chance_is_never_taken_out_of_its_range(cut: float, p_good: float, flips: bool) -> None:
    only = {"p_good.small": p_good, "cut": cut, "small.context": None, "json": None}
    change = smallest_change(policy_of("p_good >= cut"), only)

    assert (change is not None) == flips
    assert change is None or (isinstance(change.after, float) and 0 <= change.after <= 1)


@pytest.mark.parametrize(
    ("when", "before", "after"),
    [
        ("0.703 <= p_good < 0.704", 0.4, 0.703),
        ("0.703 <= p_good < cut", 0.9, 0.71),
        ("p_good == 0.55", 0.4, 0.55),
        ("prompt_tokens == 1003", 10, 1003),
        ("1000 < prompt_tokens <= 1003", 5000, 1003),
    ],
)
def test_a_narrow_band_is_not_jumped_over(when: str, before: float, after: float) -> None:
    name = "p_good.small" if "p_good" in when else "prompt_tokens"
    change = smallest_change(policy_of(when), {name: before, "cut": 0.71})

    assert change is not None
    assert change.after == pytest.approx(after, abs=1e-12)
    assert change.rule == "r"


def test_a_bound_beyond_all_numbers_is_no_edge() -> None:
    change = smallest_change(policy_of("prompt_tokens < 1e999 and tools > 0"), signals(tools=0))
    assert change == Change("tools", 0, 1, "r", "small > big")


def test_a_text_becomes_one_that_a_rule_names_or_unknown() -> None:
    text = """
policy: p
rules:
  - {name: code, when: "domain in ['code', 'math']", plan: [big]}
  - {name: rest, when: "domain != 'law'", plan: [small, big]}
otherwise: {plan: [small]}
"""
    names = Names(signals={"domain"}, upstreams={"small": True, "big": False}, judges=set(), facts=set())
    read = load_policy(text, source="p.yaml", names=names)

    assert smallest_change(read, {"domain": "law"}) == Change("domain", "law", "code", "code", "big")
    assert smallest_change(read, {"domain": "code"}) == Change("domain", "code", "law", "otherwise", "small")
    only = policy_of("language == 'de'", signals={"language"})
    assert smallest_change(only, {"language": "de"}) == Change("language", "de", None, "otherwise", "big")


def test_what_counts_something_never_falls_below_nothing() -> None:
    assert smallest_change(policy_of("tools >= 0"), {"tools": 3}) is None
    assert smallest_change(policy_of("tools > 0"), {"tools": 3}) == Change("tools", 3, 0, "otherwise", "big")


def test_the_edges_of_a_chance_are_where_the_plan_turns_and_not_where_a_cut_lies_that_no_rule_read() -> None:
    three = """
policy: p
cut: 0.9
rules:
  - {name: sure, when: p_good >= 0.8, plan: [small]}
  - {name: likely, when: p_good >= 0.2, plan: [small, big]}
otherwise: {plan: [big]}
"""
    read = load_policy(three, source="p.yaml", names=NAMES)
    below, above = edges(read, {"p_good.small": 0.5, "cut": 0.9}, "p_good.small")
    assert 0.1999 < below < 0.2
    assert 0.8 <= above < 0.8001
    assert edges(read, {"p_good.small": None}, "p_good.small") == ()
    (up,) = edges(read, {"p_good.small": 0.1}, "p_good.small")
    assert 0.2 <= up < 0.2001
