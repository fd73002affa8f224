"""What an SDK reads off an error, and a request that its client sends again."""

from decimal import Decimal

import pytest

from router.reports.question import Question
from router.reports.requests import requests
from tests.conftest import OpenHouse, Scripted

BIG_ONLY = "policy: balanced\notherwise: {plan: [big]}\n"


def test_every_error_has_an_id_and_the_upstreams_word_on_when_to_ask_again(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    big = scripted()
    limits = {
        "retry-after": "7",
        "retry-after-ms": "6500",
        "x-ratelimit-remaining-requests": "0",
        "x-request-id": "theirs",
    }
    big.fails(429, headers=limits)
    house = open_house({"small": scripted(), "big": big}, policy=BIG_ONLY)

    reply = house.ask()

    assert reply.status_code == 429
    assert {
        name: reply.headers[name] for name in ("retry-after", "retry-after-ms", "x-ratelimit-remaining-requests")
    } == {
        "retry-after": "7",
        "retry-after-ms": "6500",
        "x-ratelimit-remaining-requests": "0",
    }
    assert reply.headers["x-request-id"] == house.ledger("exchanges")[0]["id"]


def test_an_upstream_that_refuses_our_key_will_refuse_it_again(scripted: Scripted, open_house: OpenHouse) -> None:
    big = scripted()
    big.fails(401, headers={"retry-after": "1"})
    reply = open_house({"small": scripted(), "big": big}, policy=BIG_ONLY).ask()
    assert (reply.status_code, reply.headers["x-should-retry"]) == (502, "false")
    assert "retry-after" not in reply.headers


@pytest.mark.parametrize("path", ["/v1/models/nobody", "/v1/nowhere", "/v1/route"])
def test_errors_of_other_paths_have_an_id_too(scripted: Scripted, open_house: OpenHouse, path: str) -> None:
    reply = open_house({"small": scripted(), "big": scripted()}).http.get(path)
    assert reply.status_code in (404, 405)
    assert len(reply.headers["x-request-id"]) == 36


def test_a_request_that_its_client_sent_again_counts_once(scripted: Scripted, open_house: OpenHouse) -> None:
    big = scripted()
    big.cuts(after=2).then.says("whole")
    house = open_house({"small": scripted(), "big": big}, policy=BIG_ONLY)

    house.ask("the same", stream=True)
    house.ask("the same", stream=True, headers={"x-stainless-retry-count": "1"})
    house.ask("another", headers={"x-stainless-retry-count": "nonsense"})

    first, second, third = house.ledger("exchanges")
    assert (first["outcome"], second["outcome"]) == ("failed", "answered")
    assert [row["client_retry"] for row in (first, second, third)] == [0, 1, 0]
    assert [row["retry_of"] for row in (first, second, third)] == ["", first["id"], ""]

    report = requests(house.runtime.store, Question(since_us=0, until_us=2**62)).total
    assert report is not None
    assert (report.requests, report.resent, report.outcomes["answered"], report.outcomes["failed"]) == (2, 1, 2, 0)
    rows = house.runtime.store.aggregate("savings.conversations")
    (whole,) = (row for row in rows if row["conversation"] == first["session"])
    paid = [row["cost"] or 0 for row in (first, second)]
    assert (whole["n"], whole["answered"]) == (1, 1)
    assert whole["spent"] == sum(paid)
    assert whole["baseline"] == second["baseline_cost"]
    assert Decimal(first["baseline_cost"]) > 0


def test_an_outage_makes_no_storm(scripted: Scripted, open_house: OpenHouse) -> None:
    big = scripted()
    big.fails(500)
    house = open_house({"small": scripted(), "big": big}, policy=BIG_ONLY)
    replies = [house.ask() for _ in range(40)]
    assert {reply.status_code for reply in replies} == {502}
    assert 42 <= len(big.requests) <= 44
    assert len(house.ledger("attempts", reason="retry")) == len(big.requests) - 40


def test_a_moment_of_trouble_is_waited_out_where_nobody_else_would_answer(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    big = scripted()
    house = open_house({"small": scripted(), "big": big}, policy=BIG_ONLY)
    for _ in range(11):
        house.ask()
    big.fails(429, headers={"retry-after": "0"}).then.says("again")
    reply = house.ask()
    assert (reply.status_code, reply.headers["x-router-attempts"]) == (200, "2")
    assert [row["reason"] for row in house.ledger("attempts")][-2:] == ["first", "retry"]


def test_the_budget_and_the_hour_of_spills_outlive_a_reload(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, policy=BIG_ONLY)
    for _ in range(3):
        house.ask()
    deps = house.runtime.pipeline.deps
    assert house.reload() == ""
    assert house.runtime.pipeline.deps is not deps
    assert house.runtime.pipeline.deps.retries.tokens == pytest.approx(0.3)
    assert house.runtime.pipeline.deps.spills is deps.spills


def test_the_time_a_retry_was_put_off_is_not_called_ours(scripted: Scripted, open_house: OpenHouse) -> None:
    big = scripted()
    house = open_house({"small": scripted(), "big": big}, policy=BIG_ONLY)
    for _ in range(11):
        house.ask()
    big.fails(429, headers={"retry-after": "1"}).then.says("again")
    house.ask()
    row = house.ledger("exchanges")[-1]
    assert row["total_ms"] >= 1000
    assert row["overhead_ms"] < row["total_ms"] - 1000
