"""Every dialect walks chat's own line: judged, escalated, fallen back, written down, answered in its own shape."""

import json
from typing import Any

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import event
from tests.standins.claude import message_act
from tests.standins.scripted import ScriptedUpstream

SORRY = "I'm sorry, but I cannot help with that."
ASKED: dict[str, dict[str, Any]] = {
    "completions": {"prompt": "six times seven?"},
    "responses": {"input": "six times seven?"},
    "messages": {"max_tokens": 99, "messages": [{"role": "user", "content": "six times seven?"}]},
}
ENDS = {"completions": b"data: [DONE]", "responses": b"response.completed", "messages": b"message_stop"}
BOTH = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
EVERY = pytest.mark.parametrize("dialect", ASKED)


def ask(house: Any, dialect: str, **more: Any) -> Any:
    return house.http.post(f"/v1/{dialect}", json={"model": "auto", **ASKED[dialect], **more})


@BOTH
@EVERY
def test_a_doubtful_answer_escalates_and_the_rest_of_the_line_knows_the_dialect(
    dialect: str, stream: bool, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.says(SORRY)
    big.says("forty two")
    house = open_house({"small": small, "big": big}, speaks="chat")

    reply = ask(house, dialect, stream=stream)

    assert reply.status_code == 200, reply.text
    assert (reply.headers["x-router-upstream"], reply.headers["x-router-escalated"]) == ("big", "refusal")
    assert "sorry" not in reply.text
    assert "forty" in reply.text
    assert (ENDS[dialect] in reply.content) == stream
    (row,) = house.ledger("exchanges")
    assert (row["dialect"], row["outcome"], row["escalated"]) == (dialect, "answered", "refusal")
    assert [(one["upstream"], one["input"], one["output"]) for one in house.ledger("attempts")] == [
        ("small", 7, 3),
        ("big", 7, 3),
    ]


@BOTH
@EVERY
def test_a_dead_upstream_is_passed_over(dialect: str, stream: bool, scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.errs_in_band() if stream else small.fails(500)
    big.says("forty two")
    house = open_house({"small": small, "big": big}, speaks="chat")
    reply = ask(house, dialect, stream=stream)
    assert reply.status_code == 200, reply.text
    assert reply.headers["x-router-fallback"]
    assert "forty" in reply.text


@EVERY
def test_a_cut_stream_ends_in_an_error_of_the_dialect(dialect: str, scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.cuts(after=3)
    house = open_house(
        {"small": small, "big": scripted()}, policy="policy: balanced\notherwise: {plan: [small, big]}\n", speaks="chat"
    )
    reply = ask(house, dialect, stream=True)
    assert "one" in reply.text
    assert "stream_interrupted" in reply.text or "broke off" in reply.text
    assert ENDS[dialect] not in reply.content
    (row,) = house.ledger("exchanges")
    assert (row["outcome"], row["error"]) == ("failed", "stream_interrupted")


@EVERY
def test_when_nobody_answers_the_error_is_of_the_dialect(
    dialect: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    small.fails(500)
    big.fails(
        429, {"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate"}}, {"retry-after": "7"}
    )
    house = open_house({"small": small, "big": big}, speaks="chat")
    reply = ask(house, dialect)
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "7")
    assert reply.json()["error"]["message"] == "slow down"
    assert reply.json().get("type") == ("error" if dialect == "messages" else None)


def native_text(upstream: ScriptedUpstream) -> None:
    """Answers text completions, and nothing else."""
    usage = {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6}
    whole = {
        "id": "cmpl-1",
        "object": "text_completion",
        "choices": [{"index": 0, "text": "x", "finish_reason": "stop"}],
    }
    upstream.sends(json.dumps(whole | {"usage": usage, "odd": 1.0}).encode())


def test_text_goes_as_it_came_to_a_server_that_completes(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    native_text(small)
    house = open_house({"small": small, "big": scripted()})
    body = b'{"prompt":"def f(","suffix":"):" , "model":"auto","best_of":3}'
    reply = house.http.post("/v1/completions", content=body, headers={"content-type": "application/json"})
    assert reply.status_code == 200, reply.text
    assert small.requests[-1].path == "/v1/completions"
    assert small.requests[-1].body == body.replace(b"auto", b"small-model")
    assert reply.json()["odd"] == 1.0
    (attempt,) = house.ledger("attempts")
    assert (attempt["input"], attempt["output"], attempt["usage_source"]) == (4, 2, "upstream")


def test_responses_go_as_they_came_to_a_server_that_speaks_them(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    response = {
        "id": "resp_9",
        "object": "response",
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "forty two"}]}],
        "usage": {"input_tokens": 5, "output_tokens": 6, "total_tokens": 11},
    }
    events = [
        {"type": "response.created", "response": response | {"status": "in_progress", "output": []}},
        {"type": "response.output_text.delta", "delta": "forty two"},
        {"type": "response.completed", "response": response},
    ]
    small.sends(*map(event, events), content_type="text/event-stream")
    house = open_house({"small": small, "big": scripted()}, speaks="chat, responses")
    reply = ask(house, "responses", stream=True, previous_response_id="resp_8")
    assert reply.content == b"".join(map(event, events))
    assert small.requests[-1].path == "/v1/responses"
    assert small.requests[-1].json["previous_response_id"] == "resp_8"
    (row,) = house.ledger("exchanges")
    assert (row["reply_id"], row["outcome"]) == ("resp_9", "answered")


def test_what_needs_a_memory_is_refused_where_nobody_has_one(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    reply = ask(house, "responses", previous_response_id="resp_8")
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "unsupported_parameter"
    (row,) = house.ledger("exchanges")
    assert (row["outcome"], row["dialect"]) == ("refused", "responses")


def test_a_messages_client_reaches_claude_in_its_own_words_and_a_chat_client_by_translation(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    claude = scripted().does(lambda request: message_act(request, "forty two"))
    row = (
        "{kind: anthropic, model: claude-9, key: sk-ant, price: {input: 5, output: 25, cached_input: 1, cache_write: 6}"
    )
    house = open_house({"small": scripted(), "big": scripted()}, row=f"claude: {row}, url: '{claude.url}'}}")
    body = b'{"model":"claude","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"mcp_servers":[{"odd":1.0}]}'
    headers = {"content-type": "application/json", "anthropic-version": "2026-10-21", "anthropic-beta": "mcp-1"}

    reply = house.http.post("/v1/messages", content=body, headers=headers)

    assert reply.status_code == 200, reply.text
    assert reply.json()["odd"] == 1
    assert claude.requests[-1].body == body.replace(b'"claude"', b'"claude-9"')
    assert claude.requests[-1].headers["anthropic-beta"] == "mcp-1"
    assert reply.headers["x-router-cost-usd"] == "0.000160000"  # 4 · 5 + 3 · 1 + 2 · 6 + 5 · 25, a millionth each
    for stream in (False, True):
        chat = house.ask(model="claude", stream=stream)
        assert "forty" in chat.text, chat.text
    (first, *_) = house.ledger("attempts")
    assert [first[name] for name in ("input", "cached", "cache_write", "output")] == [4, 3, 2, 5]
