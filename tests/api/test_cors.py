"""Browsers: pages that may ask are told so, before and after; others are not."""

from dataclasses import replace

import pytest

from router.config.records import Cors
from tests.api.conftest import Door

PAGE = "https://app.example"
ASKS = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type,x-a"}
HI = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}


def required(door: Door, *origins: str) -> None:
    door.runtime.config = replace(door.runtime.config, auth="required", cors=Cors(origins or ("*",)))


async def test_with_keys_any_page_may_ask_and_is_told_before(door: Door) -> None:
    required(door)
    reply = await door.http.options("/v1/chat/completions", headers={"origin": PAGE, **ASKS})
    assert reply.status_code == 204
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-allow-headers"] == ASKS["access-control-request-headers"]
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/route"])
async def test_an_error_can_be_read_by_the_page_too(path: str, door: Door) -> None:
    required(door)
    reply = await door.http.post(path, json=HI, headers={"origin": PAGE})
    assert reply.status_code == 401
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["access-control-expose-headers"] == "*"


async def test_where_origins_are_named_others_may_not(door: Door) -> None:
    required(door, PAGE)
    named = await door.http.options("/v1/models", headers={"origin": PAGE, **ASKS})
    other = await door.http.options("/v1/models", headers={"origin": "https://evil.example", **ASKS})
    assert (named.status_code, named.headers["access-control-allow-origin"]) == (204, PAGE)
    assert (other.status_code, other.json()["error"]["code"]) == (403, "origin")
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(("origin", "may"), [("http://localhost:3000", True), (PAGE, False)])
async def test_without_keys_only_pages_of_this_machine_may(origin: str, may: bool, door: Door) -> None:
    asked = await door.http.options("/v1/chat/completions", headers={"origin": origin, **ASKS})
    reply = await door.http.post("/v1/chat/completions", json=HI, headers={"origin": origin})
    assert (asked.status_code == 204, reply.status_code == 200) == (may, may)
    assert reply.headers.get("access-control-allow-origin") == (origin if may else None)


async def test_what_no_header_may_hold_is_not_echoed(door: Door) -> None:
    required(door)
    odd = {"origin": PAGE, **ASKS, "access-control-request-headers": 'x"<a>'}
    assert (await door.http.options("/v1/models", headers=odd)).headers["access-control-allow-headers"] == ""


async def test_without_an_origin_nothing_is_added(door: Door) -> None:
    reply = await door.http.post("/v1/chat/completions", json=HI)
    assert not [name for name in reply.headers if name.startswith("access-control")]
