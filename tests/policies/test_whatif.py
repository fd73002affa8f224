"""The nearest edge: which one signal, changed least, would have sent the request elsewhere."""

from policies.load import load_policy
from policies.names import Names
from policies.policy import Policy
from policies.whatif import Change, smallest_change

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
