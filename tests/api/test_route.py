"""Where a request would go: the same guards, the same decision, nothing sent or written."""

from dataclasses import replace

from tests.api.conftest import Door

HELLO = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}


async def test_the_decision_is_told_and_nobody_is_asked(door: Door) -> None:
    told = (await door.http.post("/v1/route", json=HELLO)).json()
    served = await door.http.post("/v1/chat/completions", json=HELLO)
    assert told["first"] == served.headers["x-router-upstream"] == "small"
    assert told["rule"] == served.headers["x-router-rule"]
    assert len(door.small.requests) == 1
    assert len(door.runtime.store.find("exchanges")) == 1


async def test_headers_count_as_they_do_for_the_real_request(door: Door) -> None:
    told = (await door.http.post("/v1/route", json=HELLO, headers={"x-router-upstream": "big"})).json()
    assert (told["rule"], told["first"]) == ("named", "big")


async def test_mistakes_are_told_as_they_are_for_the_real_request(door: Door) -> None:
    assert (
        await door.http.post("/v1/route", content=b"{", headers={"content-type": "application/json"})
    ).status_code == 400
    assert (await door.http.post("/v1/route", json=HELLO | {"model": "nope"})).status_code == 404
    assert (await door.http.post("/v1/route", content=b"{}")).status_code == 403


async def test_it_is_for_those_who_may_ask(door: Door) -> None:
    door.runtime.config = replace(door.runtime.config, auth="required")
    assert (await door.http.post("/v1/route", json=HELLO)).status_code == 401
