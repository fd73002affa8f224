"""Every sum that `report savings` prints follows from the ledger's rows: counted again by hand, to the last digit."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from router.core.exchange import Attempt, Exchange, Origin, Outcome, Reason
from router.core.prices import FREE, Price, PriceState, Usage
from router.reports.question import Question
from router.reports.savings import Savings, savings
from router.reports.savings_page import headline
from router.store.sql import SqlStore
from router.store.upgrade import upgrade
from tests.store.records import NOON, Clock, closed, ended

BIG = Price(PriceState.KNOWN, input=Decimal("2.500001"), output=Decimal("10.000003"), reasoning=Decimal("11.7"))
SMALL = Price(PriceState.KNOWN, input=Decimal("0.000123"), output=Decimal("0.004567"))
DAY_US = 86_400_000_000
SERIAL = count(3)
FAILED = {"error": "timeout", "status": None}
COUNTED = "id NOT IN (SELECT retry_of FROM exchanges)"
HERE = "e.dialect NOT IN ('embeddings', 'passthrough')"
CALLS = f"SELECT sum(a.cost) FROM attempts a JOIN exchanges e ON e.id = a.exchange WHERE {HERE}"
TO_SERVE = "a.origin IN ('serve', 'panel')"
OTHER = f"{TO_SERVE} AND a.upstream != e.upstream"
RACED = "e.id IN (SELECT exchange FROM attempts WHERE reason IN ('race', 'hedge'))"
FREELY = "e.outcome = 'answered' AND NOT e.named"


def call(exchange: str, upstream: str = "big", **changes: Any) -> Attempt:
    """A call with a count of tokens of its own, at prices of six digits."""
    nth = next(SERIAL)
    usage = Usage(input=1000 + 7 * nth, output=90 + 13 * (nth % 31), reasoning=nth % 5 if upstream == "big" else 0)
    price = {"big": BIG, "small": SMALL}.get(upstream, FREE)
    return ended(exchange, upstream, **{"usage": usage, "price": price} | changes)


def asked(upstream: str, *beside: tuple[str, Mapping[str, Any]], **changes: Any) -> Exchange:
    """An answered request, the calls `beside` its answer first; its baseline's cost as a server writes it."""
    exchange = closed(upstream, **changes)
    own = call(exchange.id, upstream)
    exchange.attempts = [*(call(exchange.id, name, **given) for name, given in beside), own]
    usage = own.usage or Usage()
    exchange.baseline_cost = (
        own.cost if upstream == "big" else BIG.cost(Usage(input=usage.prompt, output=usage.completion))
    )
    if exchange.local_only or exchange.outcome is not Outcome.ANSWERED:
        exchange.baseline_cost, exchange.baseline_source = None, ""
    return exchange


def mixed() -> Iterator[Exchange]:
    """Requests of every sort that costs something."""
    sample = ("small", {"origin": Origin.PANEL, "reason": Reason.SAMPLE})
    judged = [("big", {"origin": origin}) for origin in (Origin.JUDGE, Origin.SHADOW)]
    for place in range(35):
        yield asked("big", *[("big", FAILED)] * (place % 3 == 0), session=f"held {place}", holdout=True)
    for place in range(60):
        yield asked("small", session=f"talk {place // 3}")
    for _ in range(7):
        yield asked("big", ("small", {}), escalated="refusal: cannot help")
        yield asked("small", ("big", FAILED), fallback="timeout")
        yield asked("small", sample, sample)
        yield asked("small", *judged)
        yield asked("small", ("big", {"reason": Reason.RACE, "error": "cancelled"}))
        yield asked("big", paused=True)
        yield asked("small", local_only=True)
        yield asked("big", named=True)
        yield asked("big", outcome=Outcome.REFUSED)
        yield asked("big", dialect="embeddings")
    failed = asked("big", outcome=Outcome.FAILED)
    yield failed
    yield asked("big", client_retry=1, retry_of=failed.id)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Savings, sqlite3.Connection]]:
    """The report over such requests, and the ledger's file."""
    file = tmp_path_factory.mktemp("ledger") / "ledger.db"
    upgrade(f"sqlite:///{file}")
    store = SqlStore(f"sqlite:///{file}", clock_us=Clock())
    for exchange in mixed():
        store.append(exchange)
    assert store.flush()
    report = savings(store, Question(NOON - DAY_US, NOON + DAY_US))
    with closing(sqlite3.connect(Path(file))) as ledger:
        yield report, ledger
    store.close()


def nanos(ledger: sqlite3.Connection, sql: str) -> int:
    (found,) = ledger.execute(sql).fetchone()
    return int(found or 0)


def usd(nano_dollars: int) -> Decimal:
    return Decimal(nano_dollars) / 10**9


def test_what_was_spent_is_the_sum_of_all_calls(told: tuple[Savings, sqlite3.Connection]) -> None:
    report, ledger = told
    idle = f"{CALLS} AND (e.holdout OR e.paused)"
    assert report.total.spent.usd == usd(nanos(ledger, CALLS))
    assert report.total.side_cost.usd == usd(nanos(ledger, f"{CALLS} AND NOT {TO_SERVE}"))
    assert report.total.escalation_cost.usd == usd(nanos(ledger, f"{CALLS} AND {OTHER} AND e.escalated IS NOT NULL"))
    assert report.total.race_cost.usd == usd(nanos(ledger, f"{CALLS} AND {OTHER} AND e.escalated IS NULL AND {RACED}"))
    assert report.idle.spent.usd == usd(nanos(ledger, idle))
    everything = sum((row.spent.usd for row in report.calls), Decimal(0))
    assert everything == usd(nanos(ledger, "SELECT sum(cost) FROM attempts"))
    assert everything == report.total.spent.usd + sum((one.spent.usd for one in report.outside), Decimal(0))


def test_the_counts_are_those_of_the_rows(told: tuple[Savings, sqlite3.Connection]) -> None:
    report, ledger = told
    answered = f"SELECT count(*) FROM exchanges e WHERE {FREELY} AND {HERE}"
    assert report.total.requests == nanos(ledger, f"SELECT count(*) FROM exchanges e WHERE {HERE} AND {COUNTED}")
    small = nanos(ledger, f"{answered} AND e.upstream != e.baseline") / nanos(ledger, answered)
    assert report.total.share_small.value == pytest.approx(small, abs=1e-15)


def baseline_by_hand(ledger: sqlite3.Connection) -> Fraction:
    """Nano-dollars: what rows say, with the mean drawn answer in the place of the served and the baseline's own."""
    rows = f"SELECT sum(baseline_cost) FROM exchanges e WHERE {HERE} AND {COUNTED} AND NOT local_only"
    routed, drawn, price = [], [], Fraction(0)
    answers = (
        "SELECT e.id, e.holdout, e.upstream = 'big', a.output, a.reasoning, a.unit_prices FROM exchanges e "
        f"JOIN attempts a ON a.exchange = e.id AND a.upstream = e.upstream AND a.error IS NULL AND {TO_SERVE} "
        f"WHERE {FREELY} AND NOT e.local_only AND NOT e.paused AND {HERE} ORDER BY e.id"
    )
    by_request: dict[str, list[tuple[Any, ...]]] = {}
    for id_, *answer in ledger.execute(answers):
        by_request.setdefault(id_, []).append(tuple(answer))
    for its in by_request.values():
        held, own, *_ = its[0]
        tokens = Fraction(sum(output + reasoning for _, _, output, reasoning, _ in its), len(its))
        unit = {name: Fraction(each) * 1000 for name, each in json.loads(its[0][-1]).items()}
        cost = Fraction(sum(output * unit["output"] + thought * unit["reasoning"] for _, _, output, thought, _ in its))
        if held:
            drawn.append(cost / len(its))
            price += unit["output"]
        else:
            routed.append(cost / len(its) if own else tokens * Fraction(BIG.output) * 1000)
    assert price == len(drawn) * Fraction(BIG.output) * 1000
    return nanos(ledger, rows) + len(routed) * sum(drawn, Fraction(0)) / len(drawn) - sum(routed, Fraction(0))


def test_the_baselines_bill_is_the_rows_with_the_mean_drawn_answer(told: tuple[Savings, sqlite3.Connection]) -> None:
    report, ledger = told
    whole, spent = baseline_by_hand(ledger), nanos(ledger, CALLS)
    assert report.total.baseline.usd == usd(round(whole))
    assert report.total.saved.value == pytest.approx(float(whole - spent) / 1e9, abs=1e-10)
    assert report.total.saved_share.value == pytest.approx(float(1 - spent / whole), abs=1e-12)
    assert headline(report).startswith("Saved $")


def test_the_controls_are_those_of_the_same_rows(told: tuple[Savings, sqlite3.Connection]) -> None:
    report, ledger = told
    asked_small = f"{CALLS} AND {TO_SERVE} AND a.upstream != e.baseline AND {FREELY}"
    tried = (
        f"SELECT count(DISTINCT e.id) FROM exchanges e JOIN attempts a ON a.exchange = e.id WHERE {HERE} AND {FREELY}"
    )
    each = Fraction(
        nanos(ledger, f"{asked_small} AND e.id IN (SELECT exchange FROM attempts WHERE upstream = 'small')"),
        nanos(ledger, f"{tried} AND {TO_SERVE} AND a.upstream != e.baseline AND a.error IS NULL"),
    )
    answered = nanos(ledger, f"SELECT count(*) FROM exchanges e WHERE {FREELY} AND {HERE}")
    small = nanos(ledger, f"{CALLS} AND e.named") + answered * each
    costs = {control.name: control for control in report.controls}
    assert costs["always the baseline"].cost == report.total.baseline
    assert costs["always small"].cost is not None
    assert costs["always small"].cost.usd == usd(round(small))
    mix = costs["random mix at this cost"].share_small
    whole = baseline_by_hand(ledger)
    assert mix is not None
    assert mix.value == pytest.approx(float((whole - nanos(ledger, CALLS)) / (whole - small)), abs=1e-12)
