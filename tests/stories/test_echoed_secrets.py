"""An upstream that repeats what it was asked with: nothing of it reaches a client, a log or a row."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, Received
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

KEY = 'k/ab+cd"SECRET1'
SECRETS = ("SECRET1", "SECRET2", "SECRET3")
ROW = """other:
    kind: openai
    url: %r
    model: other-model
    key: 'k/ab+cd"SECRET1'
    headers: {x-gateway: gw-abc/def+SECRET2, cookie: sid=aSECRET3}
"""
HELD = f'{KEY} gw-abc/def+SECRET2 sid=aSECRET3 aSECRET3'  # fmt: skip
OK = {"id": "a", "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}]}
Open = Callable[[Callable[[Received], Act]], House]


@pytest.fixture
def house_before(scripted: Scripted, open_house: OpenHouse) -> Open:
    """A maker of a house before an upstream that answers so."""

    def make(act: Callable[[Received], Act]) -> House:
        other = scripted().does(act)
        return open_house({"small": scripted(), "big": scripted()}, row=ROW % other.url)

    return make


def whole(reply: httpx.Response) -> str:
    """Everything of a reply, its JSON read as deep as it goes."""
    told = [reply.text, *map(str, reply.headers.raw), str(reply.headers)]
    for line in reply.text.replace("data: ", "").splitlines():
        if line.startswith("{"):
            told.append(str(json.loads(line)))
    return " ".join(told)


def says_nothing_secret(house: House, reply: httpx.Response) -> bool:
    rows = json.dumps([house.ledger("exchanges"), house.ledger("attempts")], default=str)
    return not any(secret in whole(reply) + rows for secret in SECRETS)


def test_in_its_headers(house_before: Open) -> None:
    headers = {"x-request-id": KEY, "x-ratelimit-limit-requests": "gw-abc/def+SECRET2", "x-ratelimit-a": "aSECRET3"}
    house = house_before(
        lambda request: Act([json.dumps(OK).encode()], 200, f"application/json; {KEY}", headers=headers)
    )
    reply = house.ask(model="other")
    assert (reply.status_code, reply.json()["choices"][0]["message"]["content"]) == (200, "x")
    assert reply.headers["content-type"] == "application/json; [key]"
    assert says_nothing_secret(house, reply)


@pytest.mark.parametrize("status", [400, 404, 422, 429, 500])
@pytest.mark.parametrize("escaped", [False, True])
def test_in_an_error(status: int, escaped: bool, house_before: Open) -> None:
    said = json.dumps({"error": {"message": f"asked with {HELD}", "type": "t", "code": f"c-{KEY}", "param": None}})
    if escaped:
        said = said.replace("SECRET", "\\u0053ECRET").replace("k/ab", "k\\/ab").replace("+", "\\u002B")
    headers = {"x-ratelimit-a": KEY, "retry-after": "0"}
    house = house_before(lambda request: Act([said.encode()], status, f"application/json; {KEY}", headers=headers))
    reply = house.ask(model="other")
    assert reply.status_code >= 400
    assert says_nothing_secret(house, reply)


@pytest.mark.parametrize("escaped", [False, True])
def test_inside_a_stream(escaped: bool, house_before: Open) -> None:
    said = json.dumps({"error": {"message": f"asked with {HELD}", "type": "t", "code": None}})
    said = said.replace("SECRET", "\\u0053ECRET") if escaped else said
    first = json.dumps({"id": "a", "choices": [{"index": 0, "delta": {"content": "hi"}}]})
    events = [f"data: {first}\n\n".encode(), f"data: {said}\n\n".encode()]
    house = house_before(lambda request: Act(events, 200, "text/event-stream"))
    reply = house.ask(model="other", stream=True)
    assert "asked with [key]" in reply.text
    assert says_nothing_secret(house, reply)


def test_of_a_callers_own_token_escaped(scripted: Scripted, open_house: OpenHouse) -> None:
    said: dict[str, Any] = {"error": {"message": "no such key sk-OWN-TOKEN", "type": "t", "code": "c", "param": None}}
    body = json.dumps(said).replace("-OWN", "\\u002dOWN").encode()
    other: ScriptedUpstream = scripted().does(lambda request: Act([body], 401))
    row = f"other: {{kind: openai, url: '{other.url}', model: m, key: passthrough}}\n"
    house = open_house({"small": scripted(), "big": scripted()}, row=row)
    reply = house.ask(model="other", headers={"authorization": "Bearer sk-OWN-TOKEN"})
    assert (reply.status_code, "OWN-TOKEN" in whole(reply)) == (401, False)
