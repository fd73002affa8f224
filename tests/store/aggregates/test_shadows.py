"""What was tried out, a row a conversation: only what was drawn, in the period, and only the shadow's own calls."""

from msgspec.structs import replace

from router.core.exchange import Exchange, Origin, Verdict
from router.store.memory import MemoryStore
from tests.store.records import NOON, SECOND, closed, ended


def tried(shadow: str, **changes: object) -> Exchange:
    exchange = closed("big", shadow=shadow, **changes)
    beside = ended(exchange.id, "small", origin=Origin.SHADOW)
    exchange.attempts = [*exchange.attempts, beside]
    exchange.verdicts = [
        Verdict("verifier", "wait", "", attempt=exchange.attempts[0].id, stage=5, support=5),  # a served answer's own
        Verdict("verifier", "wait", "", attempt=beside.id, stage=2, support=1),
    ]
    return exchange


def test_conversations_are_summed_and_others_left_out(ledger: MemoryStore) -> None:
    for exchange in (tried("kept", session="a"), tried("full", session="a"), tried("kept"), closed("big")):
        ledger.append(exchange)
    rows = ledger.aggregate("shadows.conversations")
    assert sorted((row["due"], row["tried"], row["kept"]) for row in rows) == [(1, 1, 1), (2, 1, 1)]
    assert sum(row["baseline"] for row in rows) == 7_000_000
    assert sum(row["spent_in_all"] for row in rows) == 0  # the small model's calls are free, the served ones not its


def test_the_period_is_that_of_the_exchange(ledger: MemoryStore) -> None:
    ledger.append(replace(tried("kept"), started_at=NOON - 60 * SECOND))
    assert ledger.aggregate("shadows.conversations", since_us=NOON) == []
    assert len(ledger.aggregate("shadows.conversations", until_us=NOON)) == 1


def test_votes_are_those_of_the_last_stage_heard(ledger: MemoryStore) -> None:
    ledger.append(tried("escalated"))
    (row,) = ledger.aggregate("shadows.conversations")
    assert (row["conferred"], row["unanimous"]) == (1, 0)
