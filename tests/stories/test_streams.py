"""Streams: nothing buffered that may pass, nothing passed that is held, nothing fabricated."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, event, stream_act
from tests.standins.claude import event as claude_event
from tests.standins.house import House

PASS_ON = """
policy: balanced
otherwise: {plan: [small, big]}
"""


def open_stream(house: House, **body: Any) -> Any:
    whole = {"model": "auto", "stream": True, "messages": [{"role": "user", "content": "hi"}]} | body
    return house.http.stream("POST", "/v1/chat/completions", json=whole)


def payloads(reply: httpx.Response) -> Iterator[Any]:
    for line in reply.iter_lines():
        if line.startswith("data: "):
            yield line[6:] if line == "data: [DONE]" else json.loads(line[6:])


def content(events: list[Any]) -> str:
    chunks = [e for e in events if isinstance(e, dict) and e.get("choices")]
    return "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks)


def test_an_unjudged_stream_passes_chunk_by_chunk(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.slow("one ", "two")
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)

    with open_stream(house) as reply:
        seen = payloads(reply)
        small.release(2)
        first = [next(seen), next(seen)]
        small.release(10)
        rest = list(seen)

    assert content([*first, *rest]) == "one two"
    assert rest[-1] == "[DONE]"


def test_the_usage_chunk_is_shown_only_to_those_who_asked(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    small.says("fine")
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)

    with open_stream(house) as reply:
        unasked = list(payloads(reply))
    with open_stream(house, stream_options={"include_usage": True}) as reply:
        asked = list(payloads(reply))

    assert not any(e.get("choices") == [] for e in unasked if isinstance(e, dict))
    assert asked[-2]["choices"] == []
    assert asked[-2]["usage"]["total_tokens"] > 0
    assert [a["usage_source"] for a in house.ledger("attempts")] == ["upstream", "upstream"]


def test_a_held_stream_shows_only_the_answer_that_stands(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.says("I'm sorry, but I cannot help with that.")
    big.says("forty two")
    house = open_house({"small": small, "big": big})

    with open_stream(house) as reply:
        events = list(payloads(reply))

    assert content(events) == "forty two"
    assert reply.headers["x-router-escalated"] == "refusal"
    assert events[-1] == "[DONE]"


def test_a_stream_cut_after_it_passed_ends_in_an_error_and_no_done(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.cuts(after=2)
    house = open_house({"small": small, "big": big}, policy=PASS_ON)

    with open_stream(house) as reply:
        events = list(payloads(reply))

    assert "error" in events[-1]
    assert "[DONE]" not in events
    assert big.requests == []
    (exchange,) = house.ledger("exchanges")
    assert exchange["outcome"] == "failed"


def test_a_held_stream_that_is_cut_is_answered_by_the_next_step(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.cuts(after=2)
    big.says("whole")
    house = open_house({"small": small, "big": big})

    with open_stream(house) as reply:
        events = list(payloads(reply))

    assert content(events) == "whole"
    assert events[-1] == "[DONE]"


def test_a_held_stream_that_keeps_its_client_waiting_says_so_and_ends_with_what_headers_could_not(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    small.slow("one ", "two")
    house = open_house({"small": small, "big": scripted()}, extra="hold: {commit_s: 0.1}\n")

    with open_stream(house) as reply:
        lines = reply.iter_lines()
        assert next(lines) == ": waiting"
        small.release(10)
        rest = list(lines)

    assert reply.status_code == 200
    last = [line for line in rest if line.startswith(":")][-1]
    assert "x-router-upstream=small" in last
    assert "data: [DONE]" in rest


def test_a_last_event_without_its_blank_line_and_a_missing_done_are_made_whole(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    delta = b'data: {"id":"x","choices":[{"index":0,"delta":{"content":"all"},"finish_reason":null}]}\n\n'
    last = b'data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}'
    small.sends(delta + last, content_type="text/event-stream")
    house = open_house({"small": small, "big": scripted()}, policy=PASS_ON)

    with open_stream(house) as reply:
        events = list(payloads(reply))

    assert content(events) == "all"
    assert events[-1] == "[DONE]"


ROLE = {"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]}
REASONING = {"choices": [{"index": 0, "delta": {"reasoning_content": "hm"}, "finish_reason": None}]}


def beginning(pieces: Sequence[bytes]) -> Act:
    """A stream of just these pieces, after which nothing more comes."""
    return stream_act(pieces, end="hang")


@pytest.mark.parametrize("pieces", [[event(ROLE)] * 3, [b": ping\n\n"] * 3, [event(ROLE), b": ping\n\n"]])
def test_only_a_token_ends_the_budget_of_the_first_token(
    pieces: Sequence[bytes], scripted: Scripted, open_house: OpenHouse
) -> None:
    mute, big = scripted().does(lambda _: beginning(pieces)), scripted().says("here")
    row = (
        f"mute: {{kind: openai, url: '{mute.url}', model: m, price: free, timeout: {{first_token_s: 0.2, idle_s: 60}}}}"
    )
    house = open_house({"big": big}, policy="policy: balanced\notherwise: {plan: [mute, big]}\n", row=row)
    with open_stream(house) as reply:
        assert content(list(payloads(reply))) == "here"
    assert reply.headers["x-router-fallback"] == "timeout_first_token"
    first, second = house.ledger("attempts")
    assert (first["error"], first["ttft_ms"], second["error"]) == ("timeout_first_token", None, None)


def test_reasoning_is_a_token_after_which_only_silence_counts(scripted: Scripted, open_house: OpenHouse) -> None:
    thinking = scripted().does(lambda _: beginning([event(ROLE), event(REASONING)]))
    times = "timeout: {first_token_s: 60, idle_s: 0.2}"
    row = f"slow: {{kind: openai, url: '{thinking.url}', model: m, price: free, {times}}}"
    house = open_house({"big": scripted()}, policy="policy: balanced\notherwise: {plan: [slow, big]}\n", row=row)
    with open_stream(house) as reply:
        assert "timeout_idle" in str(list(payloads(reply))[-1])
    assert house.ledger("attempts")[-1]["ttft_ms"] > 0


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_hidden_thinking_has_begun_when_its_block_opens(path: str, scripted: Scripted, open_house: OpenHouse) -> None:
    begun = {"id": "m", "role": "assistant", "model": "c", "content": [], "usage": {"input_tokens": 3}}
    opened = claude_event("content_block_start", index=0, content_block={"type": "thinking", "thinking": ""})
    claude = scripted().does(lambda _: beginning([claude_event("message_start", message=begun), opened]))
    times = "timeout: {first_token_s: 60, idle_s: 0.2}"
    row = f"claude: {{kind: anthropic, url: '{claude.url}', model: c, price: free, {times}}}"
    house = open_house({"small": scripted(), "big": scripted()}, row=row)
    body = {"model": "claude", "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    house.http.post(path, json=body)
    assert house.ledger("attempts")[-1]["error"] == "timeout_idle"
