"""What may be learned from: labels that may train, of the population, and of no conversation that is kept apart."""

from typing import Any

import pytest
from msgspec.structs import replace

from router.core.exchange import Exchange, Heard, Origin, Outcome, Verdict
from router.store.memory import MemoryStore
from tests.store.records import NOON, SECOND, closed, ended


def put(ledger: MemoryStore, exchange: Exchange, **label: Any) -> str:
    ledger.append(exchange)
    row = {"exchange": exchange.id, "who": "agreement", "label_kind": "exact", "use": "train", "small_quality": 1.0}
    ledger.put("labels", row | label)
    return exchange.id


def known(ledger: MemoryStore, **period: int) -> list[str]:
    return [row["exchange"] for row in ledger.aggregate("learning.labels", **period)]


def test_a_label_comes_with_what_the_ledger_holds_of_its_exchange(ledger: MemoryStore) -> None:
    features = b"\x00\x00\x80\x3f"
    put(ledger, closed("big", features=features, feature_set="f", task=("app:1", "task:2"), question="q", session="s"))
    (row,) = ledger.aggregate("learning.labels")
    assert (row["features"], row["feature_set"], row["task"]) == (features, "f", ["app:1", "task:2"])
    assert (row["question"], row["conversation"], row["baseline"]) == ("q", "s", "big")
    assert (row["inclusion_p"], row["propensity"], row["trust"]) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("use", ["certify", "watch"])
def test_a_conversation_that_is_kept_for_something_else_teaches_nothing(use: str, ledger: MemoryStore) -> None:
    put(ledger, closed("big", session="one"))
    put(ledger, closed("big", session="one"), use=use)
    other = put(ledger, closed("big", session="two"))
    assert known(ledger) == [other]


@pytest.mark.parametrize(
    "changes",
    [{"outcome": Outcome.FAILED}, {"error": "truncated"}, {"local_only": True}, {"named": True}, {"propensity": 0.0}],
    ids=str,
)
def test_what_is_no_part_of_the_population_teaches_nothing(changes: dict[str, Any], ledger: MemoryStore) -> None:
    put(ledger, closed("big", **changes))
    kept = put(ledger, closed("big"))
    assert known(ledger) == [kept]


def test_what_was_sent_again_counts_once_and_a_chance_of_none_never(ledger: MemoryStore) -> None:
    first = put(ledger, closed("big"))
    again = put(ledger, closed("big", retry_of=first))
    put(ledger, closed("big"), inclusion_p=0.0)
    assert known(ledger) == [again]


def test_the_period_is_that_of_the_exchange(ledger: MemoryStore) -> None:
    early = put(ledger, replace(closed("big"), started_at=NOON - SECOND))
    late = put(ledger, closed("big"))
    assert (known(ledger, until_us=NOON), known(ledger, since_us=NOON)) == ([early], [late])


def test_who_answered_whoever_saw_it_is_told_with_its_tokens(ledger: MemoryStore) -> None:
    exchange = closed("big")
    shadow = ended(exchange.id, "small", origin=Origin.SHADOW)
    failed = ended(exchange.id, "third", origin=Origin.SHADOW, error="timeout")
    exchange.attempts = [*exchange.attempts, shadow, failed, ended(exchange.id, "judge", origin=Origin.JUDGE)]
    put(ledger, exchange)
    ledger.append(closed("big"))  # nobody graded this one
    rows = ledger.aggregate("learning.attempts")
    assert sorted((row["upstream"], row["model"], row["output"]) for row in rows) == [
        ("big", "big-model", 100),
        ("small", "small-model", 100),
    ]


def test_each_weighing_of_a_labelled_exchange_is_told_with_all_its_evidence(ledger: MemoryStore) -> None:
    exchange = closed("big")
    heard = (Heard((0,), (), attempts=("a",)), Heard((1,), (2.0,), attempts=("b",)))
    exchange.verdicts = [
        Verdict("structure", "accept", "", attempt="a"),
        Verdict("verifier", "wait", "", None, (1.0,), attempt="a", stage=1, support=1),
        Verdict("verifier", "wait", "", None, (1.0,), attempt="a", stage=2, support=1, heard=heard),
    ]
    put(ledger, exchange)
    rows = ledger.aggregate("learning.weighings")
    assert [(row["stage"], row["support"], [one["by"] for one in row["heard"]]) for row in rows] == [
        (1, 1, []),
        (2, 1, [["a"], ["b"]]),
    ]


def test_labels_are_counted_by_what_they_may_be_used_for(ledger: MemoryStore) -> None:
    put(ledger, closed("big"))
    put(ledger, closed("big"), who="check", use="watch")
    rows = ledger.aggregate("learning.uses")
    assert [(row["use"], row["who"], row["labels"]) for row in rows] == [
        ("train", "agreement", 1),
        ("watch", "check", 1),
    ]
