"""A step that cannot do what is demanded is passed over, told and, when it is the last, refused."""

import asyncio
import json
from typing import Any

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, Completion, Received, completion_act, json_act
from tests.standins.claude import message_act
from tests.standins.house import CASCADE, PATIENCE_S, House
from tests.standins.scripted import ScriptedUpstream

PICTURE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]}
TOOLS = [{"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}]


def opened(open_house: OpenHouse, upstreams: dict[str, ScriptedUpstream], row: str, **how: str) -> House:
    """A house whose small upstream has one more line in its row."""
    house = open_house(upstreams, **how)
    config = house.folder / "config.yaml"
    config.write_text(config.read_text().replace("model: small-model,", f"model: small-model, {row},"))
    assert house.reload() == ""
    return house


def test_a_picture_goes_past_a_model_that_cannot_see(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    house = opened(open_house, {"small": small, "big": big}, "supports: [tools]")

    reply = house.ask(messages=[PICTURE])

    assert (reply.status_code, reply.headers["x-router-upstream"]) == (200, "big")
    assert reply.headers["x-router-skipped"] == "small: vision"
    assert small.requests == []
    (row,) = house.ledger("exchanges")
    assert row["plan"] == ["big"]
    assert row["reasons"][-1]["outcome"] == "left out"


def test_when_nobody_can_the_client_is_told_which_field_to_leave_out(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    policy = "policy: balanced\notherwise: {plan: [small]}\n"
    house = opened(open_house, {"small": small, "big": scripted()}, "quirks: {lacks: [n]}", policy=policy)

    reply = house.ask(n=2)

    assert reply.status_code == 400
    error = reply.json()["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", "n", "unsupported_parameter")
    assert "'small' does not support several answers" in error["message"]
    assert small.requests == []
    assert house.ledger("exchanges")[0]["outcome"] == "refused"


def test_a_body_is_translated_for_its_target_and_the_ledger_says_so(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    quirks = "quirks: {limit: max_tokens, developer: system, rejects: [store]}"
    house = opened(open_house, {"small": small, "big": scripted()}, quirks)
    asked = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "hi"}]

    house.ask(messages=asked, max_completion_tokens=9, store=True)

    sent = small.requests[0].json
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    assert (sent["max_tokens"], "max_completion_tokens" in sent, "store" in sent) == (9, False, False)
    (attempt,) = house.ledger("attempts")
    assert attempt["changes"] == [
        "developer became system",
        "max_completion_tokens became max_tokens",
        "store left out",
    ]


def test_a_refused_parameter_is_left_out_once_and_then_always(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    refusal = {
        "error": {
            "message": "Unsupported parameter: 'verbosity'.",
            "param": "verbosity",
            "code": "unsupported_parameter",
        }
    }
    small.fails(400, refusal).then.says("fine")
    house = open_house({"small": small, "big": scripted()})

    first = house.ask(verbosity="low")
    second = house.ask(verbosity="low")

    assert (first.status_code, second.status_code) == (200, 200)
    assert {first.headers["x-router-upstream"], second.headers["x-router-upstream"]} == {"small"}
    assert ["verbosity" in request.json for request in small.requests] == [True, False, False]
    told = [(row["reason"], row["error"], row["changes"]) for row in house.ledger("attempts")]
    assert told == [
        ("first", "unsupported_parameter", []),
        ("retry", None, ["verbosity left out"]),
        ("first", None, ["verbosity left out"]),
    ]


def test_a_refusal_that_stands_is_the_clients_to_see_and_teaches_nothing(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    refusal = {
        "error": {
            "message": "Unsupported parameter: 'verbosity'.",
            "param": "verbosity",
            "type": "invalid_request_error",
            "code": "unsupported_parameter",
        }
    }
    small.fails(400, refusal)
    house = open_house({"small": small, "big": scripted()}, policy="policy: balanced\notherwise: {plan: [small]}\n")

    reply = house.ask(verbosity="low")
    house.ask(verbosity="low")

    assert (reply.status_code, reply.json()) == (400, refusal)
    assert ["verbosity" in request.json for request in small.requests] == [True, False, True, False]


def test_what_one_model_left_behind_does_not_reach_another(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.says("I'm sorry, but I cannot help with that.").then.says("fine")
    house = open_house({"small": small, "big": big})
    first: list[dict[str, Any]] = [{"role": "user", "content": "book me a table"}]
    thought = {"role": "assistant", "content": "ok", "reasoning_content": "hm", "thinking_blocks": [{"thinking": "hm"}]}
    later = [*first, thought, {"role": "user", "content": "and now?"}]

    house.ask(messages=first, prompt_cache_key="mine")  # big answers, and alone
    house.ask(messages=later, prompt_cache_key="mine")
    house.ask(messages=later, prompt_cache_key="mine", headers={"x-router-upstream": "small"})

    assert big.requests[1].json["messages"][1] == thought
    assert small.requests[-1].json["messages"][1] == {"role": "assistant", "content": "ok"}
    changed = [row["changes"] for row in house.ledger("attempts")]
    assert changed[-1] == ["thinking of another model left out"]
    assert changed[:-1] == [[]] * 3


def test_inside_a_tool_loop_no_verdict_moves_a_conversation(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.calls("find", {"q": "x"}).then.says("I'm sorry, but I cannot help with that.")
    house = open_house({"small": small, "big": big}, policy=CASCADE)
    asked = [{"role": "user", "content": "look it up"}]
    call = {"id": "call_1", "type": "function", "function": {"name": "find", "arguments": json.dumps({"q": "x"})}}
    result = {"role": "tool", "tool_call_id": "call_1", "content": "7"}

    house.ask(messages=asked, tools=TOOLS)
    second = house.ask(messages=[*asked, {"role": "assistant", "tool_calls": [call]}, result], tools=TOOLS)

    assert second.headers["x-router-upstream"] == "small"
    assert big.requests == []


def test_what_a_local_server_refuses_when_asked_a_token_is_passed_over_from_then_on(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.models = json_act({"object": "list", "data": [{"id": "small-model", "owned_by": "vllm"}]})
    refusal = {"error": {"message": "tools are off", "type": "BadRequestError", "code": 400}}
    small.does(
        lambda request: (
            json_act(refusal, 400) if b"tools" in request.body else completion_act(request, Completion(["1"]))
        )
    )
    house = open_house({"small": small, "big": big})
    for work in (house.runtime.explore, house.runtime.look_at_upstreams):
        asyncio.run_coroutine_threadsafe(work(), house.server.loop).result(PATIENCE_S)
    asked = len(small.requests)

    reply = house.ask(tools=TOOLS)

    assert (reply.headers["x-router-upstream"], reply.headers["x-router-skipped"]) == ("big", "small: tools")
    assert len(small.requests) == asked
    told = house.http.get("/readyz").json()["abilities"]
    assert told["small"]["server"] == "vllm"
    assert {"tools", "logprobs", "web_search"} <= set(told["small"]["lacks"])
    assert told["big"] == {"server": None, "lacks": [], "learnt": []}


def test_what_a_server_of_another_dialect_refuses_is_learnt_for_that_dialect(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    claude = scripted()
    message = "context_management: Extra inputs are not permitted"
    refusal = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    claude.fails(400, refusal).then.does(lambda request: message_act(request, "fine"))
    row = f"claude: {{kind: anthropic, model: claude-9, key: sk-ant, price: free, url: '{claude.url}'}}"
    house = open_house({"small": scripted(), "big": scripted()}, row=row)
    asked = {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "top_k": 3}

    answers = [house.http.post("/v1/messages", json={**asked, "context_management": {"edits": []}}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
    assert ["context_management" in request.json for request in claude.requests] == [True, False, False]
    assert all(request.json["top_k"] == 3 for request in claude.requests)
    told = [(row["reason"], row["changes"]) for row in house.ledger("attempts")]
    assert told == [
        ("first", []),
        ("retry", ["context_management left out"]),
        ("first", ["context_management left out"]),
    ]
    assert house.http.get("/readyz").json()["abilities"]["claude"]["learnt"] == ["messages: context_management refused"]


def test_what_one_client_wrote_changes_no_other_clients_request(scripted: Scripted, open_house: OpenHouse) -> None:
    def answer(request: Received) -> Act:
        value = request.json.get("temperature")
        if value == 1.5:
            message = "Unsupported value: 'temperature' does not support 1.5 with this model."
            error = {"message": message, "type": "invalid_request_error", "param": "temperature"}
            return json_act({"error": error | {"code": "unsupported_value"}}, 400)
        return completion_act(request, Completion(["fine"]))

    big = scripted().does(answer)
    house = open_house({"small": scripted(), "big": big})
    for temperature in (1.5, 1.5, 0, 0.7):
        assert house.ask(model="big", temperature=temperature).status_code == 200
    assert [one.json.get("temperature") for one in big.requests] == [1.5, None, None, 0, 0.7]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_what_a_server_passed_over_silently_stands_in_the_ledger(
    stream: bool, scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    small.says("forty two").then.says("43", logprobs={"content": [{"token": "43", "logprob": -0.1}]})
    house = open_house({"small": small, "big": scripted()}, policy="policy: balanced\notherwise: {plan: [small]}\n")

    house.ask(n=2, logprobs=True, stream=stream)
    house.ask(logprobs=True, stream=stream)

    lacking, complete = house.ledger("attempts")
    assert lacking["changes"] == ["1 of 2 choices came", "logprobs were asked for and none came"]
    assert complete["changes"] == []


def test_a_streamed_answer_that_lacks_what_was_asked_for_moves_on_too(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    big.says("42", logprobs={"content": [{"token": "42", "logprob": -0.1}]})
    house = open_house({"small": small, "big": big})
    reply = house.ask(logprobs=True, stream=True)
    assert (reply.headers["x-router-upstream"], reply.headers["x-router-escalated"]) == ("big", "structure")
