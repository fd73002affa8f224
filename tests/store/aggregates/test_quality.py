"""Grades beside what was served: one label an exchange, the surest; what an answer to a cut prompt is worth."""

from typing import Any

from router.store.memory import MemoryStore
from tests.store.records import closed


def label(ledger: MemoryStore, exchange: str, small: float | None, big: float | None, **more: Any) -> None:
    row = {"exchange": exchange, "who": "check", "label_kind": "exact", "small_quality": small, "big_quality": big}
    ledger.put("labels", row | more)


def one(ledger: MemoryStore, kind: str = "exact") -> dict[str, Any]:
    (row,) = ledger.aggregate("quality.groups", kind=kind)
    return row


def test_kept_and_other_exchanges_are_summed_apart(ledger: MemoryStore) -> None:
    for upstream in ("small", "big"):
        exchange = closed(upstream)
        ledger.append(exchange)
        label(ledger, exchange.id, 0.5, 1.0)
    row = one(ledger)
    assert (row["n"], row["kept"], row["labelled"], row["kept_labelled"]) == (2, 1, 2, 1)
    assert (row["kept_d"], row["kept_harm"]) == (0.5, 0.5)
    assert (row["kept_graded_q"], row["big_graded_q"]) == (0.5, 1.0)


def test_a_label_weighs_what_its_chance_of_being_drawn_says(ledger: MemoryStore) -> None:
    exchange = closed("small")
    ledger.append(exchange)
    label(ledger, exchange.id, 0.0, 1.0, inclusion_p=0.25)
    assert (one(ledger)["kept_w"], one(ledger)["kept_d"]) == (4.0, 4.0)


def test_of_several_labels_the_surest_witness_is_read(ledger: MemoryStore) -> None:
    exchange = closed("small")
    ledger.append(exchange)
    label(ledger, exchange.id, 0.0, 1.0, who="judge")
    label(ledger, exchange.id, 1.0, 1.0, who="person")
    assert one(ledger)["kept_d"] == 0.0


def test_a_missing_grade_counts_as_a_full_loss(ledger: MemoryStore) -> None:
    exchange = closed("small")
    ledger.append(exchange)
    label(ledger, exchange.id, None, 1.0)
    assert (one(ledger)["missing"], one(ledger)["kept_d"]) == (1, 1.0)


def test_of_a_pairwise_label_only_the_better_answer_counts(ledger: MemoryStore) -> None:
    exchange = closed("small")
    ledger.append(exchange)
    label(ledger, exchange.id, 0.9, 0.8, label_kind="pairwise")
    assert (one(ledger, "pairwise")["kept_d"], one(ledger, "pairwise")["kept_b"]) == (-1.0, 1.0)


def test_an_answer_to_a_cut_prompt_is_worth_nothing(ledger: MemoryStore) -> None:
    exchange = closed("small", error="truncated")
    ledger.append(exchange)
    label(ledger, exchange.id, 1.0, 1.0)
    assert (one(ledger)["truncated"], one(ledger)["kept_d"]) == (1, 1.0)


def test_the_kinds_of_labels_are_counted_with_who_may_speak(ledger: MemoryStore) -> None:
    exchange = closed("small")
    ledger.append(exchange)
    label(ledger, exchange.id, 1.0, 1.0)
    label(ledger, exchange.id, 1.0, 1.0, who="feedback")
    rows = ledger.aggregate("quality.kinds")
    assert [(row["who"], row["may_speak"], row["labels"]) for row in rows] == [("check", 1, 1), ("feedback", 0, 1)]
