"""When big is down the small one may answer, where the policy says so: who is asked, what is said, what is written."""

import pytest

from router.reports.quality import quality
from router.reports.question import Question
from tests.conftest import OpenHouse, Scripted

BIG_ONLY = "policy: balanced\notherwise: {plan: [big]}\n"
ALLOWED = f"{BIG_ONLY}degrade: [small]\n"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_small_one_answers_in_its_place_and_the_reply_says_so(
    stream: bool, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.says("from small")
    big.fails(500)
    house = open_house({"small": small, "big": big}, policy=ALLOWED)

    reply = house.ask(stream=stream)

    assert reply.status_code == 200
    assert "from" in reply.text
    assert {name: reply.headers[f"x-router-{name}"] for name in ("upstream", "degraded", "fallback")} == {
        "upstream": "small",
        "degraded": "1",
        "fallback": "upstream_failed",
    }
    (row,) = house.ledger("exchanges")
    assert (row["outcome"], row["degraded"], row["plan"]) == ("answered", True, ["big"])
    assert row["reasons"][-1] == {
        "rule": "otherwise",
        "outcome": "degraded",
        "why": "no step of the plan could answer (upstream_failed): `degrade` allows 'small'",
    }


def test_without_the_key_nobody_answers_in_its_place(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    big.fails(500)
    house = open_house({"small": small, "big": big}, policy=BIG_ONLY)
    assert (house.ask().status_code, small.requests) == (502, [])


def test_what_the_client_must_mend_is_no_reason_to_degrade(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    big.fails(400)
    house = open_house({"small": small, "big": big}, policy=ALLOWED)
    assert (house.ask().status_code, small.requests) == (400, [])


def test_behind_an_open_breaker_it_answers_at_once(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    big.fails(500)
    house = open_house({"small": small, "big": big}, policy=ALLOWED)
    replies = [house.ask() for _ in range(7)]
    assert {reply.status_code for reply in replies} == {200}
    assert replies[-1].headers["x-router-fallback"] == "breaker_open"
    assert len(big.requests) == 5


@pytest.mark.parametrize("more", ["mode: observe\n", "holdout: 1\n"], ids=["observe", "holdout"])
def test_a_conversation_that_is_the_baselines_alone_stays_so(
    more: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    big.fails(500)
    house = open_house({"small": small, "big": big}, policy=ALLOWED + more)
    assert (house.ask().status_code, small.requests) == (502, [])


def test_what_must_stay_is_never_answered_by_one_who_is_not_local(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.fails(500)
    policy = "policy: balanced\notherwise: {plan: [small], local_only: true}\ndegrade: [big]\n"
    house = open_house({"small": small, "big": big}, policy=policy)
    assert (house.ask().status_code, big.requests) == (502, [])


def test_a_request_that_the_small_one_has_no_room_for_fails_as_before(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    big.fails(500)
    house = open_house({"small": small, "big": big}, policy=ALLOWED)
    assert (house.ask("word " * 20_000).status_code, small.requests) in ((502, []), (400, []))


def test_it_counts_in_the_loss(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    big.fails(500).then.says("from big")
    house = open_house({"small": small, "big": big}, policy=ALLOWED)
    for n in range(4):
        house.ask(f"question {n}")
    rows = house.ledger("exchanges")
    assert [row["degraded"] for row in rows] == [True, False, False, False]
    label = {"exchange": rows[0]["id"], "who": "check", "label_kind": "exact", "inclusion_p": 1.0, "use": "certify"}
    house.runtime.store.put("labels", label | {"id": "l", "created_at": 1, "small_quality": 0.0, "big_quality": 1.0})

    told = quality(house.runtime.store, Question(since_us=0, until_us=2**62)).total

    assert (told.answered, told.kept, told.kept_labelled) == (4, 1, 1)
    assert (told.loss.value, told.harm.value) == (0.25, 0.25)
