"""What stands behind the policies in force: told where it is a hand, and where it is nothing."""

import pytest

from policies.policy import Policy, Promise
from router.core.upstream import UpstreamSpec
from router.reports.backing import Grounds, by_hand, keeping_nothing, labels_needed, unmeasured, unproven
from tests.pipeline.parts import read_policy

RULES = """\
rules:
  - {name: likely, when: p_good >= cut, plan: [small, big]}
otherwise: {plan: [big]}
"""
PROMISE = "promise: {max_loss: 0.02, max_harm: 0.05, confidence: 0.95}\n"


def policy(head: str = "", rules: str = RULES) -> Policy:
    pair = {"small": True, "big": False}
    specs = {name: UpstreamSpec(name, "openai", f"{name}-model", local=local) for name, local in pair.items()}
    return read_policy(f"policy: mine\n{head}{rules}", specs)


class Knows:
    """An artifact that learned from rows about the models of these digests."""

    def __init__(self, *digests: str) -> None:
        self.digests = digests

    def knows(self, digest: str) -> bool:
        return digest in self.digests


def test_a_promise_without_proof_or_cut_is_told_with_the_labels_it_takes_and_who_answers() -> None:
    (told,) = unproven(Grounds((policy(PROMISE),), "big"))
    assert (told.file, told.path) == ("policy mine", "promise")
    assert "the baseline big answers everything; a certificate takes about 152 graded answers, and no date" in str(told)
    assert "write the `cut:` that `smallfirst learn evaluate --from ledger` finds" in told.remedy


def test_what_stays_here_by_rule_is_not_said_to_go_to_the_baseline() -> None:
    rules = RULES.replace("rules:\n", "rules:\n  - {name: home, when: has_pii, plan: [small], local_only: true}\n")
    (told,) = unproven(Grounds((policy(PROMISE, rules),), "big"))
    assert "everything, but for what its `local_only` rules keep here" in told.message


@pytest.mark.parametrize("head", ["", "cut: 0.7\n" + PROMISE, "cut: 0.7\n"])
def test_no_promise_or_a_cut_by_hand_acts(head: str) -> None:
    assert list(unproven(Grounds((policy(head),), "big"))) == []


VERIFIED = RULES.replace("[small, big]", "[{upstream: small, judges: [verifier]}, big]")


def test_a_verifier_that_keeps_nothing_is_told_where_the_policy_acts() -> None:
    (told,) = keeping_nothing(Grounds((policy("cut: 0.7\n" + PROMISE, VERIFIED),), "big"))
    assert (told.file, told.path) == ("policy mine", "rule likely")
    assert "keeps no answer without a `keep_cut`" in str(told)


@pytest.mark.parametrize(
    ("head", "rules"),
    [
        ("cut: 0.7\nkeep_cut: 0.6\n", VERIFIED),
        (PROMISE, VERIFIED),
        ("cut: 0.7\nmode: observe\n", VERIFIED),
        ("cut: 0.7\n", VERIFIED.replace("p_good >= cut", "p_good >= cut and keep_cut > 0")),
        ("cut: 0.7\n", RULES),
    ],
)
def test_a_verifier_that_can_keep_or_is_not_reached_is_not_told(head: str, rules: str) -> None:
    assert list(keeping_nothing(Grounds((policy(head, rules),), "big"))) == []


def test_cuts_are_titled_by_hand_whoever_set_them() -> None:
    (own,) = by_hand(Grounds((policy("cut: 0.7\n"),), "big"))
    assert own == "policy mine: cut 0.7 by hand; no certificate says what that loses"
    (watching,) = by_hand(Grounds((policy("mode: observe\ncut: 0.7\n"),), "big"))
    assert watching == "policy mine: cut 0.7 by hand only says what is tried out; the baseline big answers everything"
    (shipped,) = by_hand(Grounds((policy(PROMISE),), "big", {"mine": 0.917}))
    assert "cut 0.917 by hand" in shipped
    assert list(by_hand(Grounds((policy(PROMISE),), "big"))) == []


def test_the_labels_a_certificate_takes_are_those_of_the_stricter_half_of_the_promise() -> None:
    assert labels_needed(Promise(0.02, 0.05)) == 152
    assert labels_needed(Promise(0.5, 0.05)) == 59
    assert labels_needed(Promise(0.0, None)) == 0


def test_a_model_that_no_row_is_about_is_named_where_a_rule_reads_its_p_good() -> None:
    digests = {"small": "a", "big": "b"}
    (told,) = unmeasured((policy(),), Knows("b"), digests)
    assert (told.file, told.path) == ("upstream small", "p_good")
    assert "no labelled row is about this model" in told.message
    assert list(unmeasured((policy(),), Knows("a"), digests)) == []
    assert list(unmeasured((policy(rules="otherwise: {plan: [small]}\n"),), Knows(), digests)) == []
