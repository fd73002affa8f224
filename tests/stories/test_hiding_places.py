"""Every place in a request where a card was once overlooked, tried through a running proxy under `private`."""

from typing import Any

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House

CARD = "4111 1111 1111 1111"
LONG = f"Here is the long statement of the customer, with the card {CARD} in it."
HI = {"role": "user", "content": "hi"}
USED = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok"}


def says(content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


def tool(**properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {"messages": [HI], "tools": [{"type": "function", "function": {"name": "f", "parameters": schema}}]}


def used(**given: Any) -> dict[str, Any]:
    asked = {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": given}]}
    return {"max_tokens": 50, "messages": [HI, asked, {"role": "user", "content": [USED]}]}


def document(**source: Any) -> dict[str, Any]:
    content = [{"type": "document", "source": source}, {"type": "text", "text": "sum up"}]
    return {"max_tokens": 50, "messages": [{"role": "user", "content": content}]}


CHAT: dict[str, dict[str, Any]] = {
    "a table that begins with data:": says(f"data: name;card\nAda;{CARD}"),
    "a head that never ends": says(f"data:text/ my card {CARD} is new, please note"),
    "base64 that is none": says(f"data:text/plain;base64,my card is {CARD} ok"),
    "an address in words": says(f"data:, {CARD}"),
    "a file in text": says([{"type": "file", "file": {"file_data": f"{'x' * 60} {CARD}"}}]),
    "a role": {"messages": [HI, {"role": CARD, "content": "x"}]},
    "the id of a call": {"messages": [HI, {"role": "tool", "tool_call_id": f"card {CARD}", "content": "ok"}]},
    "an id in the metadata": {"messages": [HI], "metadata": {"id": CARD}},
    "anything under an id": {"messages": [HI], "metadata": {"id": {"a": [CARD]}}},
    "long data in the metadata": {"messages": [HI], "metadata": {"data": LONG}},
    "a fraction of nothing": {"messages": [HI], "metadata": {"n": 4111111111111111.0}},
    "a parameter called id": tool(id={"type": "string", "description": f"as {CARD}"}),
    "a parameter called model": tool(model={"enum": [CARD]}),
    "a key with nothing behind it": {"messages": [HI], "metadata": {CARD: True}},
    "two parts": says([{"type": "text", "text": "4111 1111"}, {"type": "text", "text": " 1111 1111"}]),
    "two parts without a space": says([{"type": "text", "text": "4111 1111"}, {"type": "text", "text": "1111 1111"}]),
}  # fmt: skip
MESSAGES: dict[str, dict[str, Any]] = {
    "an input called id": used(id=CARD),
    "an input called type": used(type=CARD),
    "an input called data": used(data=LONG),
    "a document in text": document(type="text", media_type="text/plain", data=LONG),
    "a document of parts": document(type="content", content=[{"type": "text", "text": CARD}]),
}


@pytest.fixture
def house(scripted: Scripted, open_house: OpenHouse) -> House:
    """A house in which any exchange that may leave does."""
    return open_house({"small": scripted(), "big": scripted()})


def leaves(house: House, path: str, body: dict[str, Any]) -> bool:
    """Whether the request, asked under `private`, was answered by anybody but the small one."""
    reply = house.http.post(path, json={"model": "auto/private", **body})
    assert reply.status_code == 200, reply.text
    return (reply.headers["x-router-upstream"], reply.headers["x-router-rule"]) != ("small", "stays-home")


def test_a_request_without_a_card_may_leave(house: House) -> None:
    assert leaves(house, "/v1/chat/completions", says("hi"))
    assert leaves(house, "/v1/messages", used(id="no card"))


@pytest.mark.parametrize("place", CHAT)
def test_a_card_stays_wherever_it_stands(place: str, house: House) -> None:
    assert not leaves(house, "/v1/chat/completions", CHAT[place])


@pytest.mark.parametrize("place", MESSAGES)
def test_the_same_in_messages(place: str, house: House) -> None:
    assert not leaves(house, "/v1/messages", MESSAGES[place])


@pytest.mark.parametrize("prompt", [[19, 16243, 220], [[19, 16243, 220], [16]]])
def test_a_prompt_in_tokens_is_no_prompt_without_a_card(
    prompt: list[Any], scripted: Scripted, open_house: OpenHouse
) -> None:
    big = scripted()
    house = open_house({"small": scripted(), "big": big})
    house.http.post("/v1/completions", json={"model": "auto/private", "prompt": prompt})
    (row,) = house.ledger("exchanges")
    assert (row["signals"]["has_pii"], row["signals"]["pii.unseen"]) == (None, True)
    assert big.requests == []


def test_more_values_than_are_visited_are_unknown_at_once(house: House) -> None:
    reply = house.ask(model="auto/private", z=[0] * 200_001)
    assert reply.headers["x-router-rule"] == "stays-home"
    assert house.ledger("exchanges")[0]["signals"]["has_pii"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", '{"model":"auto","messages":[{"role":"user","content":"%s"}],"messages":[%s]}'),
        ("/v1/chat/completions", '{"model":"auto","messages":[{"role":"user","content":"%s","content":"hi"},%s]}'),
        ("/v1/completions", '{"model":"auto","prompt":"%s","prompt":"hi","user":%s}'),
        ("/v1/responses", '{"model":"auto","input":"%s","input":[%s]}'),
        ("/v1/messages", '{"model":"auto","max_tokens":9,"system":"%s","system":"","messages":[%s]}'),
        ("/v1/messages/count_tokens", '{"model":"auto","system":"%s","system":"","messages":[%s]}'),
        ("/v1/embeddings", '{"model":"big","input":"%s","input":"hi","user":%s}'),
        ("/v1/route", '{"model":"auto","messages":[{"role":"user","content":"%s"}],"messages":[%s]}'),
    ],
)
def test_a_key_that_stands_twice_is_refused_and_nothing_is_sent(
    path: str, body: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    house = open_house({"small": small, "big": big})
    raw = body % (CARD, '{"role":"user","content":"hi"}')
    reply = house.http.post(path, content=raw, headers={"content-type": "application/json"})
    assert (reply.status_code, "stands twice" in reply.text) == (400, True)
    assert (small.requests, big.requests) == ([], [])
