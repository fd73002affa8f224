"""When small is down its requests cost money elsewhere: how much, who is told, and what happens once it is spent."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable

import pytest

from tests.conftest import OpenHouse, Scripted

PLAN = "policy: balanced\notherwise: {plan: [small, big]}\n"
# A question of the stories' scripted big costs 7 tokens in at 2.50 and 3 out at 10.00 a million: 0.0000475 USD. Before
# it is asked, the 100 tokens it may answer with count.
TWO = f"{PLAN}spill: {{usd_per_hour: 0.0011, then: refuse}}\n"


def counted(house: object, name: str) -> float:
    text = house.http.get("/metrics").text  # type: ignore[attr-defined]
    return float(next(line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(name)))


def test_what_is_paid_in_its_place_is_counted_and_once_it_is_spent_nothing_more_is(
    scripted: Scripted, open_house: OpenHouse, caplog: pytest.LogCaptureFixture
) -> None:
    small, big = scripted(), scripted()
    small.fails(500)
    house = open_house({"small": small, "big": big}, policy=TWO)

    with caplog.at_level(logging.WARNING, logger="smallfirst"):
        replies = [house.ask(max_tokens=100) for _ in range(8)]

    paid = [reply for reply in replies if reply.status_code == 200]
    refused = [reply for reply in replies if reply.status_code == 503]
    assert 0 < len(paid) < 8
    assert len(paid) + len(refused) == 8
    assert len(big.requests) == len(paid)
    assert refused[0].json()["error"]["code"] == "spill_spent"
    assert 0 < int(refused[0].headers["retry-after"]) <= 3600
    dollars = len(paid) * 0.0000475
    assert counted(house, "smallfirst_spill_usd_per_hour") == pytest.approx(dollars)
    alerts = [record.getMessage() for record in caplog.records if "USD an hour" in record.getMessage()]
    assert len(alerts) == 1
    assert alerts[0].startswith("'small' is unavailable (")
    assert f"costs {dollars * 60:.2f} USD an hour (policy balanced: spent, then refuse)" in alerts[0]
    outcomes = [row["reasons"][-1]["outcome"] for row in house.ledger("exchanges")]
    assert set(outcomes) == {"spilled", "spill spent"}
    spilled = [row for row in house.ledger("exchanges") if row["reasons"][-1]["outcome"] == "spilled"]
    assert sum(row["cost"] for row in spilled) == pytest.approx(dollars * 1e9)


def test_what_small_could_not_take_for_its_length_is_not_counted(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.fails(400, {"error": {"message": "too long", "code": "context_length_exceeded", "type": "x"}})
    house = open_house({"small": small, "big": big}, policy=TWO)
    assert [house.ask(max_tokens=100).status_code for _ in range(8)] == [200] * 8
    assert counted(house, "smallfirst_spill_usd_per_hour") == 0


def test_a_verdict_that_moves_a_request_on_is_not_counted(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.says("")
    policy = TWO.replace("plan: [small, big]", "plan: [{upstream: small, judges: [structure]}, big]")
    house = open_house({"small": small, "big": big}, policy=policy)
    assert [house.ask(max_tokens=100).status_code for _ in range(8)] == [200] * 8
    assert counted(house, "smallfirst_spill_usd_per_hour") == 0


def test_another_answers_in_its_place_where_the_policy_says_so(scripted: Scripted, open_house: OpenHouse) -> None:
    small, second, big = scripted(), scripted(), scripted()
    small.fails(500)
    second.says("from second")
    policy = f"{PLAN}degrade: [second]\nspill: {{usd_per_hour: 0, then: degrade}}\n"
    house = open_house({"small": small, "big": big, "second": second}, policy=policy)

    reply = house.ask()

    assert (reply.status_code, reply.headers["x-router-upstream"], big.requests) == (200, "second", [])
    assert reply.headers["x-router-degraded"] == "1"


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        threading.Event().wait(0.02)


def test_a_request_waits_for_the_small_one_and_is_answered_when_it_is_back(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.says("from small")
    policy = f"{PLAN}spill: {{usd_per_hour: 0, then: queue}}\n"
    house = open_house({"small": small, "big": big}, policy=policy)
    small.down()
    replies = []
    asking = threading.Thread(target=lambda: replies.append(house.ask()))
    asking.start()
    until(lambda: house.runtime.facts["small.ready"] is False)
    assert replies == []

    small.up()
    asyncio.run_coroutine_threadsafe(house.runtime.look_at_upstreams(), house.server.loop).result(20)
    asking.join()

    assert (replies[0].status_code, replies[0].headers["x-router-upstream"], big.requests) == (200, "small", [])
    assert "x-router-degraded" not in replies[0].headers
    assert [row["reason"] for row in house.ledger("attempts")] == ["first", "fallback"]
    (row,) = house.ledger("exchanges")
    assert [reason["outcome"] for reason in row["reasons"]][-2:] == ["spill spent", "queued"]


def test_a_budget_of_dollars_needs_a_price(scripted: Scripted, open_house: OpenHouse) -> None:
    from router.core.errors import SetupError

    row = "claude: {kind: openai, url: 'https://api.example.org/v1', model: x}"
    policy = "policy: balanced\notherwise: {plan: [small, claude]}\nspill: {usd_per_hour: 1, then: refuse}\n"
    with pytest.raises(SetupError, match=r"counts dollars, and the price of 'claude' is not known"):
        open_house({"small": scripted(), "big": scripted()}, policy=policy, row=row)
