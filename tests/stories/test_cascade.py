"""The main line as its users meet it: through HTTP, with upstreams that speak HTTP."""

from tests.conftest import OpenHouse, Scripted


def test_a_good_answer_of_the_small_model_is_the_reply_byte_for_byte(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.says("Paris")
    house = open_house({"small": small, "big": big})

    reply = house.ask("What is the capital of France?")

    assert reply.status_code == 200, reply.text
    assert reply.json()["choices"][0]["message"]["content"] == "Paris"
    assert reply.headers["x-router-upstream"] == "small"
    assert reply.headers["x-router-attempts"] == "1"
    assert big.requests == []


def test_a_refusal_from_small_is_answered_by_big(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.says("I'm sorry, but I cannot help with that.")
    big.says("42")
    house = open_house({"small": small, "big": big})

    reply = house.ask("What is six times seven?")

    assert reply.json()["choices"][0]["message"]["content"] == "42"
    assert reply.headers["x-router-escalated"] == "refusal"
    attempts = house.ledger("attempts")
    assert [(a["upstream"], a["reason"]) for a in attempts] == [("small", "first"), ("big", "escalation")]
    (exchange,) = house.ledger("exchanges")
    assert exchange["outcome"] == "answered"
    assert exchange["upstream"] == "big"


def test_where_nobody_else_may_answer_a_doubted_answer_goes_out_and_says_so(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.says("I'm sorry, but I cannot help with that.")
    house = open_house({"small": small, "big": big})

    reply = house.ask("What is six times seven?", headers={"x-router-local-only": "1"})

    assert (reply.status_code, reply.headers["x-router-upstream"]) == (200, "small")
    assert reply.headers["x-router-degraded"] == "1"
    assert big.requests == []
    (exchange,) = house.ledger("exchanges")
    assert (exchange["outcome"], exchange["degraded"]) == ("answered", True)
