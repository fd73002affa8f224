"""Steps written as mappings: every key read, every key that could do nothing told."""

import pytest

from policies.load import load_policy
from policies.names import Names
from policies.policy import Step
from policies.problems import PolicyErrors

JUDGES = ("structure", "refusal", "confidence", "agreement", "verifier", "llm")


def step(written: str) -> Step:
    names = Names(("p_good",), {"small": True, "tiny-a": True, "big": False}, JUDGES, ("context",))
    text = f"policy: x\notherwise: {{plan: [{written}, big]}}\n"
    return load_policy(text, source="x.yaml", names=names).otherwise.plan.steps[0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{upstream: small, judges: [confidence], sure: 0.8}", Step("small", ("confidence",), sure=0.8)),
        ("{panel: [small, tiny-a], judges: [agreement], agree: 2}",
         Step("small", ("agreement",), panel=("small", "tiny-a"))),
        ("{upstream: small, judges: [llm], opinion: big}", Step("small", ("llm",), opinion="big")),
        ("{upstream: small, first_token_ms: 800}", Step("small", first_token_ms=800)),
    ],
)  # fmt: skip
def test_the_keys_of_judges_are_read(written: str, read: Step) -> None:
    assert step(written) == read


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{upstream: small, sure: 0.8}", "'sure' does nothing without the judge `confidence`"),
        ("{upstream: small, agree: 2}", "'agree' does nothing without the judge `agreement`"),
        ("{upstream: small, ask: at_once}", "'ask' does nothing without a panel or samples"),
        ("{upstream: small, member_ms: 9}", "'member_ms' does nothing without a panel or samples"),
        ("{upstream: small, repair: true}", "'repair' does nothing without the judge `structure`"),
        ("{upstream: small, opinion: big}", "'opinion' does nothing without the judge `llm`"),
        ("{upstream: small, judges: [llm]}", "the judge `llm` needs a model to ask"),
        ("{upstream: small, judges: [llm], opinion: bigg}", "no upstream is called 'bigg'"),
        ("{upstream: small, judges: [refusal], stream: prefix, prefix: 2000}", "'prefix' is at most 1000 tokens"),
        (
            "{upstream: small, judges: [refusal], stream: prefix, prefix: word}",
            "must be a whole number above 0, not 'word'",
        ),
        ("{panel: [" + "a" * 1 + ", small]}", "no upstream is called 'a'"),
    ],
)
def test_what_could_do_nothing_is_told(written: str, message: str) -> None:
    with pytest.raises(PolicyErrors) as raised:
        step(written)
    assert [problem.message for problem in raised.value.problems] == [message]


def test_a_panel_of_more_than_eight_is_too_many() -> None:
    names = {f"u{n}": True for n in range(9)}
    text = f"policy: x\notherwise: {{plan: [{{panel: [{', '.join(names)}]}}]}}\n"
    with pytest.raises(PolicyErrors) as raised:
        load_policy(text, source="x", names=Names((), names, JUDGES, ()))
    assert raised.value.problems[0].message == "a panel has at most 8 members"


def test_a_panel_of_all_that_is_local_is_written_in_one_word() -> None:
    assert step("{panel: local, judges: [verifier]}").panel == ("small", "tiny-a")


def test_where_nothing_is_local_nobody_sits_in_such_a_panel() -> None:
    text = "policy: x\notherwise: {plan: [{panel: local}, big]}\n"
    with pytest.raises(PolicyErrors) as raised:
        load_policy(text, source="x", names=Names((), {"big": False}, JUDGES, ()))
    assert raised.value.problems[0].message == "there is no local upstream"
