"""Judges that have something asked: log-probabilities, another model's opinion, a repair."""

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Completion

SUM = "What is 6 times 7? Answer with a number."


def test_log_probabilities_are_asked_for_the_judge_and_not_shown(scripted: Scripted, open_house: OpenHouse) -> None:
    models = {"small": scripted(), "big": scripted()}
    sure = Completion(["42"], logprobs={"content": [{"token": "42", "logprob": -0.01}]})
    models["small"].completes(sure)
    policy = """
policy: balanced
otherwise: {plan: [{upstream: small, judges: [confidence], sure: 0.9}, big]}
"""
    house = open_house(models, policy=policy)

    for stream in (False, True):
        reply = house.ask(SUM, stream=stream)
        assert reply.headers["x-router-upstream"] == "small"
        assert '"token"' not in reply.text
        told = house.http.post("/v1/responses", json={"model": "auto", "input": SUM, "stream": stream})
        assert told.headers["x-router-upstream"] == "small"
        assert "42" in told.text
        assert '"token"' not in told.text
    assert models["small"].requests[0].json["logprobs"] is True
    kept = house.ask(SUM, logprobs=True)
    assert kept.json()["choices"][0]["logprobs"] == {"content": [{"token": "42", "logprob": -0.01}]}


def test_an_opinion_is_asked_in_both_orders_and_is_on_the_bill(scripted: Scripted, open_house: OpenHouse) -> None:
    models = {"small": scripted(), "big": scripted()}
    models["small"].says("42")
    models["big"].says('{"verdict": "good"}')
    policy = """
policy: balanced
otherwise: {plan: [{upstream: small, judges: [llm], opinion: big}, big]}
"""
    house = open_house(models, policy=policy)

    reply = house.ask(SUM)

    assert reply.headers["x-router-upstream"] == "small"
    assert float(reply.headers["x-router-cost-usd"]) > 0
    assert [row[:2] for row in house.calls()] == [("small", "serve"), ("big", "judge"), ("big", "judge")]


def test_broken_json_is_mended_once_before_anyone_else_is_asked(scripted: Scripted, open_house: OpenHouse) -> None:
    models = {"small": scripted(), "big": scripted()}
    models["small"].says('{"a": 1').then.says('{"a": 1}')
    policy = """
policy: balanced
otherwise: {plan: [{upstream: small, judges: [structure], repair: true}, big]}
"""
    house = open_house(models, policy=policy)

    reply = house.ask("As JSON, please", response_format={"type": "json_object"})

    assert reply.json()["choices"][0]["message"]["content"] == '{"a": 1}'
    assert [row[:3] for row in house.calls()] == [("small", "serve", "first"), ("small", "serve", "retry")]
    assert "content is not JSON" in models["small"].requests[1].text
    assert models["big"].requests == []


def test_broken_json_that_is_not_mended_goes_on(scripted: Scripted, open_house: OpenHouse) -> None:
    models = {"small": scripted(), "big": scripted()}
    models["small"].says('{"a": 1')
    models["big"].says('{"a": 2}')
    policy = """
policy: balanced
otherwise: {plan: [{upstream: small, judges: [structure], repair: true}, big]}
"""
    house = open_house(models, policy=policy)

    reply = house.ask("As JSON, please", response_format={"type": "json_object"})

    assert reply.json()["choices"][0]["message"]["content"] == '{"a": 2}'
    assert len(models["small"].requests) == 2
    assert reply.headers["x-router-escalated"] == "structure"
