"""The same request sent twice is carried out once: over HTTP, whole and streamed, one after the other and at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

ONE = {"idempotency-key": "one"}
BIG_ONLY = "policy: balanced\notherwise: {plan: [big]}\n"


@pytest.fixture
def big(scripted: Scripted) -> ScriptedUpstream:
    return scripted()


@pytest.fixture
def house(scripted: Scripted, open_house: OpenHouse, big: ScriptedUpstream) -> House:
    return open_house({"small": scripted(), "big": big}, policy=BIG_ONLY)


@pytest.mark.parametrize("stream", [False, True])
def test_the_second_gets_the_firsts_answer_byte_for_byte(house: House, big: ScriptedUpstream, stream: bool) -> None:
    big.says("first answer").then.says("another")

    first = house.ask(headers=ONE, stream=stream)
    second = house.ask(headers=ONE, stream=stream)

    assert second.content == first.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["x-request-id"] == first.headers["x-request-id"]
    assert len(big.requests) == len(house.ledger("exchanges")) == len(house.ledger("attempts")) == 1


def test_without_the_header_every_request_is_its_own(house: House, big: ScriptedUpstream) -> None:
    house.ask()
    house.ask()
    house.ask(headers={"idempotency-key": "two"})
    assert len(big.requests) == 3


@pytest.mark.parametrize("stream", [False, True])
def test_a_second_one_while_the_first_is_under_way_is_told_to_wait(
    house: House, big: ScriptedUpstream, stream: bool
) -> None:
    big.slow("a", "b")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(house.ask, headers=ONE, stream=stream)
        big.asked.wait()
        second = house.ask(headers=ONE, stream=stream)
        big.release(10)
        assert first.result().status_code == 200

    assert (second.status_code, second.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert (second.headers["retry-after"], second.headers["retry-after-ms"]) == ("1", "1000")
    assert len(big.requests) == len(house.ledger("exchanges")) == 1
    assert house.ask(headers=ONE, stream=stream).headers["idempotent-replayed"] == "true"


def test_another_body_under_the_same_key_is_refused(house: House, big: ScriptedUpstream) -> None:
    house.ask("one thing", headers=ONE)
    reply = house.ask("another thing", headers=ONE)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"], error["param"]) == (422, "idempotency_key_reused", "Idempotency-Key")
    assert len(big.requests) == 1


def test_after_a_failure_the_retry_is_served_anew(house: House, big: ScriptedUpstream) -> None:
    big.fails(500).then.says("fine")
    assert house.ask(headers=ONE).status_code == 502
    assert house.ask(headers=ONE).status_code == 200
    assert len(big.requests) == 2


def test_a_stream_that_broke_off_is_served_anew(house: House, big: ScriptedUpstream) -> None:
    big.cuts(after=2).then.says("whole")
    assert b"[DONE]" not in house.ask(headers=ONE, stream=True).content
    again = house.ask(headers=ONE, stream=True)
    assert b"[DONE]" in again.content
    assert "idempotent-replayed" not in again.headers


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_none_is_a_bad_request(house: House, key: str) -> None:
    reply = house.ask(headers={"idempotency-key": key})
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "Idempotency-Key")
