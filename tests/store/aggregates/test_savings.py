"""What was spent and what the baseline would have cost: every call on the bill, each answer measured or predicted."""

from typing import Any

from router.core.exchange import Exchange, Origin, Reason
from router.core.prices import UNKNOWN, Usage
from router.store.memory import MemoryStore
from tests.store.records import closed, ended

CALL = 3_500_000  # nano-dollars of one call of `big`


def bill(ledger: MemoryStore, *exchanges: Exchange) -> dict[str, Any]:
    for exchange in exchanges:
        exchange.session = "one"
        ledger.append(exchange)
    (row,) = ledger.aggregate("savings.conversations")
    return row


def test_every_call_is_on_the_bill_and_those_beside_the_answer_are_told_apart(ledger: MemoryStore) -> None:
    exchange = closed("big")
    exchange.attempts.append(ended(exchange.id, "big", origin=Origin.JUDGE))
    row = bill(ledger, exchange)
    assert (row["spent"], row["side"]) == (2 * CALL, CALL)


def test_an_answer_that_was_not_served_is_rejected_or_outrun(ledger: MemoryStore) -> None:
    escalated = closed("big", escalated="refusal")
    escalated.attempts.insert(0, ended(escalated.id, "small"))
    raced = closed("small")
    raced.attempts.append(ended(raced.id, "big", reason=Reason.RACE))
    row = bill(ledger, escalated, raced)
    assert (row["escalated"], row["rejected"]) == (1, 0)  # the small one is free
    assert (row["raced"], row["outrun"]) == (1, CALL)


def test_an_unknown_price_is_counted_and_is_no_zero(ledger: MemoryStore) -> None:
    exchange = closed("big")
    exchange.attempts = [ended(exchange.id, "mystery", price=UNKNOWN)]
    row = bill(ledger, exchange)
    assert (row["spent"], row["unknown_calls"]) == (0, 1)


def test_the_baseline_is_measured_predicted_or_missing(ledger: MemoryStore) -> None:
    unknown = closed("small", baseline_cost=None, baseline_source="")
    row = bill(ledger, closed("big"), closed("small"), unknown)
    assert (row["measured"], row["predicted"], row["baseline_missing"]) == (1, 1, 1)
    assert (row["baseline"], row["measured_baseline"]) == (2 * CALL, CALL)


def test_what_must_stay_local_has_no_baseline(ledger: MemoryStore) -> None:
    row = bill(ledger, closed("small", local_only=True))
    assert (row["baseline"], row["predicted"], row["baseline_missing"], row["stayed"]) == (0, 0, 0, 1)


def test_answers_drawn_by_the_hold_out_are_told_from_the_routed_ones(ledger: MemoryStore) -> None:
    drawn = closed("big", holdout=True)
    drawn.attempts = [ended(drawn.id, "big", usage=Usage(input=1000, output=70, reasoning=30))]
    for exchange in (drawn, closed("small"), closed("big"), closed("big", paused=True)):
        exchange.session = "one"
        ledger.append(exchange)
    (row,) = ledger.aggregate("savings.written")
    assert (row["drawn"], row["drawn_cost"], row["drawn_price"]) == (1, 1_000_000, 10_000)
    assert (row["routed"], row["routed_cost"], row["predicted"], row["served"]) == (2, 1_000_000, 1, 100)


def test_of_several_samples_one_was_the_answer_and_a_call_that_failed_was_none(ledger: MemoryStore) -> None:
    sampled, retried = closed("small"), closed("big", holdout=True)
    sampled.attempts = [ended(sampled.id, "small", origin=Origin.PANEL, usage=Usage(output=n)) for n in (90, 100, 110)]
    retried.attempts = [ended(retried.id, "big", error="timeout", status=None), *retried.attempts]
    for exchange in (sampled, retried):
        exchange.session = "one"
        ledger.append(exchange)
    (row,) = ledger.aggregate("savings.written")
    assert (row["predicted"], row["served"]) == (1, 100)
    assert (row["drawn"], row["drawn_cost"]) == (1, 1_000_000)


def test_embeddings_are_listed_beside_the_bill(ledger: MemoryStore) -> None:
    for exchange in (closed("big"), closed("big", dialect="embeddings")):
        ledger.append(exchange)
    (row,) = ledger.aggregate("savings.outside")
    assert (row["dialect"], row["n"], row["spent"]) == ("embeddings", 1, CALL)
    assert [row["n"] for row in ledger.aggregate("savings.conversations")] == [1]
    assert [row["outside"] for row in ledger.aggregate("savings.calls")] == ["", "embeddings"]
