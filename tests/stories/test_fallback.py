"""The table of docs/fallback.md over HTTP: what the client sees, what the ledger says."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.scripted import ScriptedUpstream

Fault = Callable[[ScriptedUpstream], Any]

PASS_ON = """
policy: balanced
otherwise: {plan: [small, big]}
"""

OVERFLOW = {"error": {"message": "too long", "type": "invalid_request_error", "code": "context_length_exceeded"}}
UNSUPPORTED = {
    "error": {"message": "no logprobs here", "type": "invalid_request_error", "code": "unsupported_parameter"}
}

FALLS_ON: dict[str, tuple[Fault, str]] = {
    "overflow": (lambda u: u.fails(400, OVERFLOW), "context_overflow"),
    "unsupported": (lambda u: u.fails(400, UNSUPPORTED), "unsupported_parameter"),
    "408": (lambda u: u.fails(408), "408"),
    "409": (lambda u: u.fails(409), "409"),
    "429": (lambda u: u.fails(429), "429"),
    "500": (lambda u: u.fails(500), "upstream_failed"),
    "in band": (lambda u: u.errs_in_band(), "in_band"),
    "garbage": (lambda u: u.garbage(), "upstream_failed"),
    "html": (lambda u: u.html(), "upstream_failed"),
    "empty": (lambda u: u.empty(), "upstream_failed"),
    "redirect": (lambda u: u.redirects("http://127.0.0.1:1/"), "upstream_failed"),
    "down": (lambda u: u.down(), "upstream_failed"),
}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("fault", FALLS_ON)
def test_the_next_step_answers_and_the_ledger_says_why(
    fault: str, stream: bool, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    act, _ = FALLS_ON[fault]
    act(small)
    big.says("from big")
    house = open_house({"small": small, "big": big}, policy=PASS_ON)

    reply = house.ask(stream=stream)

    assert reply.status_code == 200, reply.text
    assert "from" in reply.text
    assert reply.headers["x-router-upstream"] == "big"
    attempts = house.ledger("attempts")
    assert attempts[-1]["reason"] == "fallback"
    assert attempts[0]["error"] == reply.headers["x-router-fallback"]
    (exchange,) = house.ledger("exchanges")
    assert exchange["outcome"] == "answered"


@pytest.mark.parametrize(("status", "code"), [(400, "invalid_type"), (404, "model_not_found"), (422, None)])
def test_any_other_refusal_returns_as_it_came(
    status: int, code: str | None, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    said = {"error": {"message": "mend it", "type": "invalid_request_error", "param": "messages", "code": code}}
    small.fails(status, said)
    house = open_house({"small": small, "big": big}, policy=PASS_ON)

    reply = house.ask()

    assert (reply.status_code, reply.json()) == (status, said)
    assert big.requests == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_rejected_key_of_ours_is_no_fault_of_the_client(
    status: int, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.fails(status, {"error": {"message": "Incorrect API key provided: sk-small-secret"}})
    house = open_house({"small": small, "big": big}, policy=PASS_ON)

    reply = house.ask()

    assert reply.status_code == 502
    assert reply.json()["error"]["code"] == "upstream_auth"
    assert "sk-small-secret" not in reply.text


def test_a_rate_limit_of_the_last_step_returns_with_its_retry_headers(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.fails(500)
    big.fails(429, headers={"retry-after": "7", "x-should-retry": "true"})
    house = open_house({"small": small, "big": big}, policy=PASS_ON)

    reply = house.ask()

    assert reply.status_code == 429
    assert (reply.headers["retry-after"], reply.headers["x-should-retry"]) == ("7", "true")


def test_a_dropped_connection_is_tried_again_once_at_the_same_step(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.says("warm").then.drops().then.says("again")
    house = open_house({"small": small, "big": big}, policy=PASS_ON)
    house.ask()

    reply = house.ask()

    assert reply.json()["choices"][0]["message"]["content"] == "again"
    assert [a["reason"] for a in house.ledger("attempts")][1:] == ["first", "retry"]


def test_when_everything_failed_the_client_gets_one_clear_error(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.fails(500)
    big.fails(503)
    house = open_house({"small": small, "big": big}, policy=PASS_ON)

    reply = house.ask()

    assert reply.status_code in (502, 503)
    assert set(reply.json()["error"]) == {"message", "type", "param", "code"}
    (exchange,) = house.ledger("exchanges")
    assert exchange["outcome"] == "failed"
    assert len(house.ledger("attempts")) == 2


def test_when_big_fails_after_a_doubtful_answer_the_answer_is_served_and_called_degraded(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.says("I'm sorry, but I cannot help with that.")
    big.fails(500)
    house = open_house({"small": small, "big": big})

    reply = house.ask()

    assert reply.status_code == 200
    assert "sorry" in reply.text
    assert reply.headers["x-router-degraded"] == "1"
