"""An upstream in trouble, over HTTP: who is asked, what the client is told, what the operator sees."""

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.stories.test_keys import REQUIRED, add_key, bearer

CHAT = {"messages": [{"role": "user", "content": "hello"}]}
PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_after_five_failures_in_a_row_the_small_one_is_left_alone(
    stream: bool, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.fails(500)
    big.says("from big")
    house = open_house({"small": small, "big": big}, policy=PASS_ON)

    replies = [house.ask(stream=stream) for _ in range(8)]

    assert [reply.status_code for reply in replies] == [200] * 8
    assert len(small.requests) == 5
    assert [reply.headers["x-router-fallback"] for reply in replies] == ["upstream_failed"] * 5 + ["breaker_open"] * 3
    assert replies[-1].headers["x-router-skipped"] == "small: breaker_open"
    assert [len(house.ledger("attempts", exchange=reply.headers["x-router-exchange"])) for reply in replies] == [
        2, 2, 2, 2, 2, 1, 1, 1,
    ]  # fmt: skip
    (last,) = house.ledger("exchanges", id=replies[-1].headers["x-router-exchange"])
    assert last["fallback"] == "breaker_open"
    assert "5 failures in a row" in last["reasons"][-1]["why"]


def test_the_operator_sees_it_in_readyz_and_metrics_and_a_policy_reads_it(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.fails(429, headers={"retry-after": "600"})
    rule = "rules:\n  - {name: away, when: not small.ready, plan: [big]}\n"
    policy = PASS_ON.replace("otherwise", f"{rule}otherwise")
    house = open_house({"small": small, "big": big}, policy=policy)

    first, second = house.ask(), house.ask()

    assert (first.headers["x-router-fallback"], len(small.requests)) == ("429", 1)
    assert (second.headers["x-router-rule"], "x-router-fallback" in second.headers) == ("away", False)
    told = house.http.get("/readyz").json()["breakers"]["small"]
    assert (told["state"], told["why"]) == ("open", "429, to be asked again after 600 s")
    assert 0 < told["tried_again_in_s"] <= 600
    metrics = house.http.get("/metrics").text
    assert 'smallfirst_breaker_state{upstream="small"} 2.0' in metrics
    assert 'smallfirst_breaker_state{upstream="big"} 0.0' in metrics
    assert 'smallfirst_breaker_opened{upstream="small"} 1.0' in metrics


def test_a_refusal_that_clients_must_mend_opens_nothing(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.fails(400, {"error": {"message": "mend it", "type": "invalid_request_error", "code": "invalid_type"}})
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)
    assert [house.ask().status_code for _ in range(8)] == [400] * 8
    assert len(small.requests) == 8
    assert "breakers" not in house.http.get("/readyz").json()


def test_nobody_behind_a_breaker_is_asked_for_an_opinion(scripted: Scripted, open_house: OpenHouse) -> None:
    small, second, big = scripted(), scripted(), scripted()
    second.fails(500)
    policy = "policy: balanced\notherwise: {plan: [{upstream: small, judges: [llm], opinion: second}, big]}\n"
    house = open_house({"small": small, "second": second, "big": big}, policy=policy)

    replies = [house.ask() for _ in range(6)]

    assert {reply.status_code for reply in replies} == {200}
    assert {reply.headers["x-router-upstream"] for reply in replies} == {"big"}
    assert len(second.requests) in (5, 6)  # two opinions a request, until five in a row have failed
    assert house.http.get("/readyz").json()["breakers"]["second"]["state"] == "open"
    assert "no upstream may be asked" in house.ledger("verdicts")[-1]["reason"]


def test_what_is_passed_on_tells_the_breaker_how_the_baseline_is(
    scripted: Scripted, open_house: OpenHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    big = scripted()
    big.fails(500)
    house = open_house({"small": scripted(), "big": big}, extra=REQUIRED)
    headers = bearer(add_key(house, "ada", capsys, "--scope", "passthrough:files"))
    house.refresh()
    assert [house.http.post("/v1/files", json={}, headers=headers).status_code for _ in range(5)] == [500] * 5
    assert house.http.get("/readyz").json()["breakers"]["big"]["state"] == "open"
    big.says("well")
    assert house.http.post("/v1/files", json=CHAT, headers=headers).status_code == 200


def test_a_date_to_come_back_at_cools_as_seconds_do(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    dates = {"date": "Thu, 01 Jan 2026 12:00:00 GMT", "retry-after": "Thu, 01 Jan 2026 12:05:00 GMT"}
    small.fails(429, headers=dates)
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)
    house.ask()
    assert house.http.get("/readyz").json()["breakers"]["small"]["why"] == "429, to be asked again after 300 s"
