"""Why an exchange went where it went: who conferred, what it was worth, what it would have cost elsewhere."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from router.core.exchange import Exchange, Origin, Reason
from router.core.prices import FREE, Usage
from router.reports.explained import Asked, explain_exchange, panel_of
from router.store.memory import MemoryStore
from tests.store.records import PRICED, closed, ended


def attempt(name: str, origin: str = "panel", error: str | None = None) -> dict[str, Any]:
    return {"id": f"a-{name}", "upstream": name, "origin": origin, "reason": "panel", "error": error, "total_ms": 9.0}


def verdict(judge: str, action: str, about: str, score: float | None = None, stage: int = 0) -> dict[str, Any]:
    held = {"score": score, "cut": 0.8 if stage else None, "stage": stage}
    return {"judge": judge, "action": action, "reason": "2 of 3 agree", "attempt": f"a-{about}", **held}


def test_where_nobody_conferred_there_is_no_panel_to_show() -> None:
    assert panel_of([attempt("small", origin="serve")], []) is None


def test_members_come_in_order_with_what_was_objected_and_each_weighing_with_its_best() -> None:
    attempts = [attempt("small"), attempt("second"), attempt("third", error="cancelled"), attempt("big", "serve")]
    verdicts = [
        verdict("refusal", "escalate", "small"),
        verdict("verifier", "wait", "small", 0.4, stage=1),
        verdict("verifier", "accept", "second", 0.9, stage=2),
    ]
    panel = panel_of(attempts, verdicts)
    assert panel is not None
    assert [member["upstream"] for member in panel["members"]] == ["small", "second", "third"]
    assert [member["objections"] for member in panel["members"]] == [["refusal: 2 of 3 agree"], [], []]
    assert [
        tuple(one[name] for name in ("action", "p_kept", "stage", "cut", "best")) for one in panel["weighings"]
    ] == [
        ("wait", 0.4, 1, 0.8, "small"),
        ("accept", 0.9, 2, 0.8, "second"),
    ]


def prices(ledger: MemoryStore, exchange: Exchange) -> dict[str, Any]:
    """What the exchange would have cost at a free upstream and at one that gives a cached token for a tenth."""
    ledger.append(exchange)
    asked = Asked(None, {}, {}, {"small": FREE, "big": CACHING, "other": CACHING})
    told: dict[str, Any] = explain_exchange(ledger, ledger.find("exchanges", id=exchange.id)[0], asked)["prices"]
    return told


CACHING = replace(PRICED, cached_input=Decimal("0.25"))


def test_the_prices_are_those_of_the_answer_that_went_out_and_not_of_who_lost_the_race(ledger: MemoryStore) -> None:
    exchange = closed("small")
    lost = ended(exchange.id, "big", reason=Reason.RACE, error="cancelled", usage=Usage(input=9))
    exchange.attempts = [*exchange.attempts, lost]
    assert prices(ledger, exchange)["big"] == "0.003500000"


def test_a_trial_in_the_shadow_is_no_answer_that_went_out(ledger: MemoryStore) -> None:
    exchange = closed("big")
    trial = ended(exchange.id, "small", origin=Origin.SHADOW, usage=Usage(input=9000))
    exchange.attempts = [*exchange.attempts, trial]
    assert prices(ledger, exchange)["big"] == "0.003500000"


def test_who_answered_is_priced_with_its_cache_and_the_others_without(ledger: MemoryStore) -> None:
    exchange = closed("big")
    exchange.attempts = [ended(exchange.id, "big", price=CACHING, usage=Usage(input=200, cached=800, output=100))]
    told = prices(ledger, exchange)
    assert (told["big"], told["other"]) == ("0.001700000", "0.003500000")


def test_who_answered_cost_what_was_charged_whatever_is_charged_now(ledger: MemoryStore) -> None:
    exchange, dearer = closed("big"), replace(PRICED, input=Decimal(100))
    exchange.attempts = [ended(exchange.id, "big", price=dearer), ended(exchange.id, "gone", price=dearer)]
    assert prices(ledger, exchange)["big"] == "0.101000000"
    moved = closed("gone")
    moved.attempts = [ended(moved.id, "gone", price=dearer)]
    assert prices(ledger, moved)["gone"] == "0.101000000"
