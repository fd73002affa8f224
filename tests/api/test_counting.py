"""Counting for Anthropic's clients."""

from dataclasses import replace

from tests.api.conftest import Door

BODY = {"model": "auto", "messages": [{"role": "user", "content": "how many tokens are these?"}]}


async def test_it_counts_and_asks_nobody(door: Door) -> None:
    for path in ("/v1/messages/count_tokens", "/messages/count_tokens"):
        answer = await door.http.post(path, json=BODY)
        assert (answer.json()["input_tokens"] > 3, answer.headers["x-router-count"]) == (True, "estimate")
    assert door.small.requests == door.big.requests == []


async def test_its_errors_are_anthropics(door: Door) -> None:
    wrong = await door.http.post("/v1/messages/count_tokens", json={"model": "auto"})
    assert (wrong.status_code, wrong.json()["type"]) == (400, "error")
    door.runtime.config = replace(door.runtime.config, auth="required")
    unknown = await door.http.post("/v1/messages/count_tokens", json=BODY)
    assert (unknown.status_code, unknown.json()["error"]["type"]) == (401, "authentication_error")


async def test_whatever_it_says_it_can_be_named(door: Door) -> None:
    counted = await door.http.post("/v1/messages/count_tokens", json=BODY)
    wrong = await door.http.post("/messages/count_tokens", json={"model": "auto"})
    for reply in (counted, wrong):
        assert reply.headers["x-request-id"] == reply.headers["request-id"] != ""
    assert counted.headers["request-id"] != wrong.headers["request-id"]
