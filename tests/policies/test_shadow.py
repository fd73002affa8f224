"""What would be asked if every unknown cut were as bold as it can be."""

from policies.shadow import would_ask
from tests.policies.conftest import Load

TEXT = """
policy: made
promise: {max_loss: 0.02}
rules:
  - {name: too-long, when: prompt_tokens > small.context, plan: [big]}
  - {name: let-them-confer, when: keep_cut > 0 and checkable, plan: [{panel: [small, tiny-a], judges: [verifier]}, big]}
  - {name: likely-good, when: p_good >= cut, plan: [small, big]}
otherwise: {plan: [big]}
"""
FACTS = {"prompt_tokens": 9, "small.context": 4096, "p_good": 0.3}


def test_without_any_cut_whatever_some_cut_could_keep_is_tried_out(load: Load) -> None:
    assert would_ask(load(TEXT), FACTS | {"checkable": True}).name == "let-them-confer"
    assert would_ask(load(TEXT), FACTS | {"checkable": False}).name == "likely-good"


def test_rules_that_no_cut_decides_still_do(load: Load) -> None:
    assert would_ask(load(TEXT), FACTS | {"prompt_tokens": 5000}).name == "too-long"


def test_a_cut_that_is_known_or_set_by_hand_holds(load: Load) -> None:
    prose = FACTS | {"checkable": False}
    assert would_ask(load(TEXT), prose | {"cut": 0.4}).name == "otherwise"
    by_hand = load(TEXT.replace("rules:", "cut: 0.4\nrules:"))
    assert would_ask(by_hand, prose).name == "otherwise"
    assert would_ask(by_hand, prose | {"cut": 0.2}).name == "likely-good"
