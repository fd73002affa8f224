"""Local servers as they are: full, cold, cutting prompts. What the client saw, and what the ledger says."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, Completion, Received, completion_act, json_act
from tests.standins.house import House
from tests.standins.ollama import OllamaServer
from tests.standins.scripted import ScriptedUpstream

PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"
ALONE = "policy: balanced\notherwise: {plan: [small]}\n"
WINDOW = 8192
LONG = "word " * 9000  # 11,254 tokens by our estimate: more than the window, and so perhaps cut


def cutting(small: ScriptedUpstream) -> ScriptedUpstream:
    """A server that keeps half its window of whatever it is sent, and says 200, as Ollama's /v1 does."""

    def answer(request: Received) -> Act:
        usage = {"prompt_tokens": WINDOW // 2, "completion_tokens": 3, "total_tokens": WINDOW // 2 + 3}
        return completion_act(request, Completion(["to half a question"], usage=usage))

    return small.does(answer)


def careless(house: House) -> House:
    """The guard before the call switched off, as where the server's window is smaller than anybody knew."""
    house.runtime.upstreams["small"]._fits = lambda call: True  # type: ignore[attr-defined]
    return house


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_prompt_that_would_be_cut_is_never_sent(stream: bool, scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = cutting(scripted()), scripted().says("all of it")
    house = open_house({"small": small, "big": big}, policy=PASS_ON)

    reply = house.ask(LONG, stream=stream)

    assert (reply.status_code, reply.headers["x-router-upstream"]) == (200, "big")
    assert reply.headers["x-router-fallback"] == "context_overflow"
    assert small.requests == []
    first = house.ledger("attempts")[0]
    assert (first["upstream"], first["error"], first["input"]) == ("small", "context_overflow", None)


def test_a_cut_that_was_found_out_is_answered_by_the_next_step(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = cutting(scripted()), scripted().says("all of it")
    house = careless(open_house({"small": small, "big": big}, policy=PASS_ON))

    reply = house.ask(LONG)

    assert (reply.headers["x-router-upstream"], reply.headers["x-router-fallback"]) == ("big", "truncated")
    first, second = house.ledger("attempts")
    assert (first["error"], first["status"], first["input"]) == ("truncated", 200, WINDOW // 2)
    assert (second["reason"], second["error"]) == ("fallback", None)
    assert house.ledger("exchanges")[0]["degraded"] is False


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_cut_that_nobody_can_mend_is_served_and_said(stream: bool, scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = cutting(scripted()), scripted()
    house = careless(open_house({"small": small, "big": big}, policy=ALONE))

    reply = house.ask(LONG, stream=stream)

    assert (reply.status_code, "half a question" in reply.text) == (200, True)
    assert reply.headers.get("x-router-degraded") == (None if stream else "truncated")
    (exchange,), (attempt,) = house.ledger("exchanges"), house.ledger("attempts")
    assert (exchange["outcome"], exchange["degraded"], exchange["error"]) == ("answered", True, "truncated")
    assert (attempt["error"], attempt["usage_source"]) == ("truncated", "upstream")
    assert house.runtime.paces["small"].answer_s is None  # nothing is learned from it


def test_a_full_server_overflows_to_the_next_step(scripted: Scripted, tmp_path: Path, open_house: OpenHouse) -> None:
    small, big = scripted().slow("at last"), scripted().says("meanwhile")
    house = open_house({"small": small, "big": big}, policy=PASS_ON)
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text().replace("small-model,", "small-model, slots: 1, full: overflow,"))
    assert house.reload() == ""
    first: list[Any] = []
    asking = threading.Thread(target=lambda: first.append(house.ask("first")))
    asking.start()
    small.asked.wait()

    second = house.ask("second")

    small.release()
    asking.join()
    assert (second.headers["x-router-upstream"], second.headers["x-router-fallback"]) == ("big", "full")
    assert first[0].headers["x-router-upstream"] == "small"
    assert [a["error"] for a in house.ledger("attempts", upstream="small")] == [None, "full"]


def test_a_cold_model_is_warmed_while_the_next_step_answers(
    scripted: Scripted, tmp_path: Path, ollama_server: OllamaServer
) -> None:
    big = scripted().says("from big")
    ollama_server.has("qwen3:4b").says("from small").holds_loads()
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "balanced.yaml").write_text(PASS_ON)
    config = tmp_path / "config.yaml"
    config.write_text(
        "upstreams:\n"
        f"  small: {{kind: ollama, url: '{ollama_server.url}', model: 'qwen3:4b', local: true, price: free,\n"
        "          timeout: {load_wait_s: 0.05}}\n"
        f"  big: {{kind: openai, url: '{big.url}', model: big-model, price: {{input: 2.50, output: 10.00}}}}\n"
    )
    house = House(config)
    try:
        cold = house.ask("cold")
        assert (cold.headers["x-router-upstream"], cold.headers["x-router-fallback"]) == ("big", "loading")
        assert ollama_server.chats == []
        ollama_server.release()
        ollama_server.loads.wait()
        warm = house.ask("warm")
        assert warm.headers["x-router-upstream"] in ("small", "big")
        assert (ollama_server.loading.count, ollama_server.hangups.count) == (1, 0)
        assert house.ledger("attempts")[0]["error"] == "loading"
    finally:
        house.close()


def test_a_policy_may_read_what_a_local_server_is_doing(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted().says("from big")
    small.models = json_act({"data": [{"id": "m", "owned_by": "vllm"}]})
    small.pages["/metrics"] = Act([b"vllm:num_requests_running 8\nvllm:num_requests_waiting 3\n"])
    crowded = (
        "policy: balanced\nrules: [{name: crowded, when: small.queue > 2, plan: [big]}]\notherwise: {plan: [small]}\n"
    )
    house = open_house({"small": small, "big": big}, policy=crowded)
    reply = house.ask()
    assert (reply.headers["x-router-rule"], reply.headers["x-router-upstream"]) == ("crowded", "big")
    told = house.ledger("exchanges")[0]["signals"]
    assert (told["small.queue"], told["small.resident"], told["small.free_slots"]) == (3, True, None)
