"""The chat route: headers that tighten and never loosen, and a row for whatever was refused."""

import threading
from collections.abc import Mapping

import httpx
import pytest
from starlette.datastructures import Headers

from router.api.chat import ChatEndpoint, headers_of, read_options
from router.core.dialects.chat import ChatRequest
from router.core.errors import BadRequest
from router.core.keys import ANYONE, Key
from router.pipeline.intake import LONG
from tests.api.conftest import Door
from tests.conftest import OpenHouse, Scripted

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"
PINNED = Key(id="1", name="ada", digest="d", policy="balanced")
WARD = Key(id="2", name="ward", digest="d", local_only=True)


def test_the_open_mode_may_ask_for_policy_upstream_session_tags_and_trace() -> None:
    headers = {
        "x-router-policy": "observe",
        "x-router-upstream": "big",
        "x-router-local-only": "1",
        "x-router-session": "s1",
        "x-router-tags": "team=search, app=mail",
        "traceparent": TRACE,
    }
    options = read_options(Headers(headers), ANYONE)
    assert (options.policy, options.upstream, options.local_only) == ("observe", "big", True)
    assert (options.session, options.tags, options.traceparent) == ("s1", {"team": "search", "app": "mail"}, TRACE)


def test_nothing_asked_is_nothing_wished() -> None:
    options = read_options(Headers({}), ANYONE)
    assert (options.policy, options.upstream, options.local_only, options.tags) == (None, None, False, {})


def test_a_key_with_a_policy_takes_no_other_and_no_upstream() -> None:
    options = read_options(Headers({"x-router-policy": "observe", "x-router-upstream": "big"}), PINNED)
    assert (options.policy, options.upstream) == ("balanced", None)


@pytest.mark.parametrize("value", ["0", "false", "", "1"])
def test_no_header_loosens_a_local_only_key(value: str) -> None:
    assert read_options(Headers({"x-router-local-only": value}), WARD).local_only is True


@pytest.mark.parametrize("value", ["1", "true", "yes", "on"])
def test_any_yes_tightens(value: str) -> None:
    assert read_options(Headers({"x-router-local-only": value}), ANYONE).local_only is True


@pytest.mark.parametrize("tags", ["team", "=x", "a=1," * 17, "a=1,,b"])
def test_tags_that_are_none_are_told(tags: str) -> None:
    with pytest.raises(BadRequest) as raised:
        read_options(Headers({"x-router-tags": tags}), ANYONE)
    assert raised.value.param == "x-router-tags"


def test_tags_are_read_as_utf_8_and_what_is_none_is_refused() -> None:
    scope = {"headers": [(b"x-router-tags", "team=mu\N{COMBINING DIAERESIS}nchen".encode())]}
    assert read_options(headers_of(scope), ANYONE).tags == {"team": "m\xfcnchen"}
    with pytest.raises(BadRequest, match="UTF-8"):
        read_options(headers_of({"headers": [(b"x-router-tags", b"team=m\xfcnchen")]}), ANYONE)


def test_a_value_may_hold_an_equals_sign_and_long_ones_are_cut() -> None:
    tags = read_options(Headers({"x-router-tags": f"q=a=b,{'n' * 100}={'v' * 300}"}), ANYONE).tags
    assert tags == {"q": "a=b", "n" * 64: "v" * 200}


def test_a_name_may_have_several_values_and_each_counts_once() -> None:
    said = "team=legal, app=mail, team=search, team=legal"
    assert read_options(Headers({"x-router-tags": said}), ANYONE).tags == {"team": "legal,search", "app": "mail"}


@pytest.mark.parametrize(("said", "stays"), [("0, 1", True), ("0,0", False), ("0, False", True), (",", False)])
def test_one_yes_among_several_suffices(said: str, stays: bool) -> None:
    assert read_options(Headers({"x-router-local-only": said}), ANYONE).local_only is stays


def test_lines_of_one_name_are_one_list() -> None:
    lines = [(b"host", b"a"), (b"x-router-tags", b"a=1"), (b"host", b"b"), (b"x-router-tags", b"b=2"), (b"host", b"a")]
    assert headers_of({"headers": lines}) == {"host": "a, b", "x-router-tags": "a=1, b=2"}
    assert headers_of({"headers": lines[:2]}) == {"host": "a", "x-router-tags": "a=1"}


def test_a_request_with_bad_tags_is_refused_and_on_the_ledger(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    house = open_house({"small": small, "big": scripted()})
    reply = house.ask(headers={"x-router-tags": "team"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "invalid_header")
    assert small.requests == []
    assert [row["outcome"] for row in house.ledger("exchanges")] == ["refused"]


def test_a_wrong_key_leaves_no_row_so_that_guessing_fills_no_ledger(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra="auth: required\n")
    assert house.ask(headers={"authorization": "Bearer sf-guess"}).status_code == 401
    assert house.ledger("exchanges") == []


def test_tags_reach_the_ledger(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    house.ask(headers={"x-router-tags": "team=search"})
    assert house.ledger("exchanges")[0]["tags"] == {"team": "search"}


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/chat/completions/", "/chat/completions"])
def test_the_route_is_found_however_a_client_joins_its_base_url(
    path: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})
    body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
    assert house.http.post(path, json=body).status_code == 200


@pytest.mark.parametrize("said", ["", "00-a-b-01", f"{TRACE}x", "\xff" * 3000])
def test_what_is_no_trace_does_not_travel_on(said: str) -> None:
    assert read_options(Headers({"traceparent": said}), ANYONE).traceparent is None


async def test_a_long_body_is_read_beside_the_loop_and_others_are_not(door: Door) -> None:
    class Endpoint(ChatEndpoint):
        def parse(self, raw: bytes, headers: Mapping[str, str]) -> ChatRequest:
            where.append(threading.current_thread() is threading.main_thread())
            return super().parse(raw, headers)

    where: list[bool] = []
    transport = httpx.ASGITransport(Endpoint(door.runtime))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", trust_env=False) as http:
        for text in ("hi", "a" * LONG):
            body = {"model": "big", "messages": [{"role": "user", "content": text}]}
            assert (await http.post("/v1/chat/completions", json=body)).status_code == 200
    assert where == [True, False]
