"""Small models that confer, as a client and the ledger see them: through HTTP, with upstreams that speak HTTP."""

import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.scripted import ScriptedUpstream

SUM = "What is 6 times 7? Answer with a number."
PANEL = """
policy: balanced
keep_cut: 0.6
otherwise:
  plan:
    - {panel: [small, second, third], judges: [structure, refusal, verifier]MORE}
    - big
"""


def world(scripted: Scripted) -> dict[str, ScriptedUpstream]:
    return {name: scripted() for name in ("small", "second", "third", "big")}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_two_that_agree_settle_it_and_the_third_is_not_asked(
    stream: bool, scripted: Scripted, open_house: OpenHouse
) -> None:
    models = world(scripted)
    models["small"].says("So 6 times 7 is 42.")
    models["second"].says("42")
    house = open_house(models, policy=PANEL.replace("MORE", ""))

    reply = house.ask(SUM, stream=stream)

    assert reply.status_code == 200, reply.text
    assert "So 6 times 7 is 42." in reply.text or '" 42."' in reply.text
    assert (reply.headers["x-router-upstream"], reply.headers["x-router-attempts"]) == ("small", "2")
    assert house.calls() == [("small", "panel", "panel", None), ("second", "panel", "panel", None)]
    assert (models["third"].requests, models["big"].requests) == ([], [])
    verdicts = sorted(house.ledger("verdicts", judge="verifier"), key=lambda verdict: verdict["seq"])
    assert [verdict["action"] for verdict in verdicts] == ["wait", "accept"]
    assert all(len(verdict["evidence"]) > 4 for verdict in verdicts)
    (exchange,) = house.ledger("exchanges")
    assert exchange["keep_cut"] == 0.6


def test_a_tie_is_broken_by_the_third(scripted: Scripted, open_house: OpenHouse) -> None:
    models = world(scripted)
    for name, text in (("small", "41"), ("second", "42"), ("third", "The answer is 42")):
        models[name].says(text)
    house = open_house(models, policy=PANEL.replace("MORE", ""))

    reply = house.ask(SUM)

    assert reply.json()["choices"][0]["message"]["content"] == "42"
    assert [row[0] for row in house.calls()] == ["small", "second", "third"]


def test_where_they_do_not_agree_the_big_one_answers_and_it_is_an_escalation(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    models = world(scripted)
    for name, text in (("small", "41"), ("second", "42"), ("third", "43"), ("big", "It is 42.")):
        models[name].says(text)
    house = open_house(models, policy=PANEL.replace("MORE", ""))

    reply = house.ask(SUM)

    assert reply.json()["choices"][0]["message"]["content"] == "It is 42."
    assert (reply.headers["x-router-escalated"], reply.headers["x-router-upstream"]) == ("verifier", "big")
    assert house.calls()[-1] == ("big", "serve", "escalation", None)


def test_a_member_that_is_down_or_declines_is_passed_over(scripted: Scripted, open_house: OpenHouse) -> None:
    models = world(scripted)
    models["small"].fails(500)
    models["second"].says("42")
    models["third"].says("42")
    house = open_house(models, policy=PANEL.replace("MORE", ""))

    reply = house.ask(SUM)

    assert reply.headers["x-router-upstream"] == "second"
    assert [(row[0], row[3]) for row in house.calls()] == [
        ("small", "upstream_failed"),
        ("second", None),
        ("third", None),
    ]


def test_when_all_fail_the_next_step_answers_and_it_is_a_fallback(scripted: Scripted, open_house: OpenHouse) -> None:
    models = world(scripted)
    for name in ("small", "second", "third"):
        models[name].fails(500)
    models["big"].says("42")
    house = open_house(models, policy=PANEL.replace("MORE", ""))

    reply = house.ask(SUM)

    assert (reply.headers["x-router-fallback"], reply.headers["x-router-upstream"]) == ("upstream_failed", "big")
    assert "x-router-escalated" not in reply.headers


def test_a_slow_member_is_hung_up_on_and_its_row_is_settled(scripted: Scripted, open_house: OpenHouse) -> None:
    models = world(scripted)
    models["small"].hangs()
    models["second"].says("42")
    models["third"].says("42")
    house = open_house(models, policy=PANEL.replace("MORE", ", member_ms: 300"))

    reply = house.ask(SUM)

    assert reply.headers["x-router-upstream"] == "second"
    rows = house.ledger("attempts")
    assert (rows[0]["error"], rows[0]["usage_source"]) == ("cancelled", "estimate")
    assert all(row["ended_at"] for row in rows)


def test_at_once_everybody_is_asked_and_whoever_is_not_needed_is_on_the_bill(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    models = world(scripted)
    models["small"].hangs()
    models["second"].says("42")
    models["third"].says("42")
    house = open_house(models, policy=PANEL.replace("MORE", ", ask: at_once"))

    reply = house.ask(SUM)

    assert reply.json()["choices"][0]["message"]["content"] == "42"
    rows = {row["upstream"]: row for row in house.ledger("attempts")}
    assert rows["small"]["error"] == "cancelled"
    assert rows["small"]["input"] > 0


def test_samples_of_one_model_agree_with_themselves(scripted: Scripted, open_house: OpenHouse) -> None:
    models = {"small": scripted(), "big": scripted()}
    models["small"].says("42").then.says("41").then.says("42")
    policy = """
policy: balanced
otherwise: {plan: [{upstream: small, samples: 3, judges: [agreement]}, big]}
"""
    house = open_house(models, policy=policy)

    reply = house.ask(SUM, temperature=0)

    assert reply.json()["choices"][0]["message"]["content"] == "42"
    assert [row[2] for row in house.calls()] == ["panel", "sample", "sample"]
    assert [request.json["temperature"] for request in models["small"].requests] == [0, 0.7, 0.7]


TOOLS = [{"type": "function", "function": {"name": "book", "parameters": {"type": "object", "properties": {}}}}]
AGREE = """
policy: balanced
otherwise: {plan: [{panel: [small, second, third], judges: [structure, agreement]}, big]}
"""


def test_no_call_is_a_value_that_two_can_agree_on(scripted: Scripted, open_house: OpenHouse) -> None:
    models = world(scripted)
    models["small"].calls("book", {})
    models["second"].says("There is nothing to book.")
    models["third"].says("No booking is needed today.")
    house = open_house(models, policy=AGREE)

    reply = house.ask("Is a table needed?", tools=TOOLS)

    (choice,) = reply.json()["choices"]
    assert (choice["message"]["content"], reply.headers["x-router-upstream"]) == ("There is nothing to book.", "second")
    assert models["big"].requests == []


def test_the_same_call_in_other_words_is_the_same_value(scripted: Scripted, open_house: OpenHouse) -> None:
    models = world(scripted)
    models["small"].calls("book", '{"seats": 2, "at": "7"}')
    models["second"].calls("book", '{ "at": "7", "seats": 2.0 }')
    house = open_house(models, policy=AGREE)
    reply = house.ask("Book for two at 7", tools=TOOLS)
    assert reply.headers["x-router-upstream"] == "small"
    assert models["third"].requests == []


def test_who_names_no_answer_abstains_and_agrees_with_nobody(scripted: Scripted, open_house: OpenHouse) -> None:
    models = world(scripted)
    for name in ("small", "second"):
        models[name].says("That is hard to say.")
    models["big"].says("42")
    house = open_house(models, policy=AGREE)

    reply = house.ask(SUM)

    assert (reply.headers["x-router-upstream"], reply.headers["x-router-escalated"]) == ("big", "agreement")
    last = max(house.ledger("verdicts", judge="agreement"), key=lambda verdict: verdict["seq"])
    assert struct.unpack("<4f", last["evidence"]) == (0, 2, 0, 2)  # supporters, asked, distinct values, abstained
    assert models["third"].requests == []  # one more answer could not have made two that agree


TIE = """
policy: balanced
keep_cut: 0.6
otherwise: {plan: [{panel: [small, second], samples: 2, judges: [verifier]}, big]}
"""


def test_a_tie_keeps_nothing_and_the_strongest_ones_answer_is_there_when_big_fails(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    models = {name: scripted() for name in ("small", "second", "big")}
    models["small"].says("41")
    models["second"].says("It must be 42.")
    models["big"].says("42").then.fails(500)
    house = open_house(models, policy=TIE)

    first, then = house.ask(SUM), house.ask(f"{SUM} Please.")

    assert (first.headers["x-router-upstream"], first.headers["x-router-escalated"]) == ("big", "verifier")
    assert then.json()["choices"][0]["message"]["content"] == "41"  # 2 of 4 each: the first asked is the strongest
    assert (then.headers["x-router-upstream"], then.headers["x-router-degraded"]) == ("small", "1")


def test_asked_at_once_the_strongest_supporters_text_goes_out_whoever_comes_first(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    models = world(scripted)
    models["small"].slow("It is ", "42.")
    models["second"].says("41")
    models["third"].says("42")
    house = open_house(models, policy=PANEL.replace("MORE", ", ask: at_once").replace("0.6", "0.65"))

    with ThreadPoolExecutor(1) as beside:
        asking = beside.submit(house.ask, SUM)
        models["third"].asked.wait()
        models["small"].release(9)
        reply = asking.result()

    assert reply.json()["choices"][0]["message"]["content"] == "It is 42."
    assert reply.headers["x-router-upstream"] == "small"


def test_a_slow_member_that_comes_too_late_changes_nothing(scripted: Scripted, open_house: OpenHouse) -> None:
    models = world(scripted)
    models["small"].slow("4", "1")
    models["second"].says("42")
    models["third"].says("42")
    house = open_house(models, policy=PANEL.replace("MORE", ", member_ms: 300, ask: at_once"))

    reply = house.ask(SUM)

    assert reply.headers["x-router-upstream"] == "second"
    rows = {row["upstream"]: row["error"] for row in house.ledger("attempts")}
    assert rows == {"small": "cancelled", "second": None, "third": None}
