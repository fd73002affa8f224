"""Headers that are sent twice: no line hides another, and the strictest holds."""

import json
import socket

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

EGRESS = "egress: {team=legal: [local], team=search: [small, big]}\n"
HOME = """
policy: balanced
rules:
  - {name: stays-home, when: tag.team == 'legal', plan: [small], local_only: true}
otherwise: {plan: [big]}
"""
AWAY = "policy: balanced\notherwise: {plan: [big, small]}\n"
BODY = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
Lines = list[tuple[str, str]]


@pytest.fixture
def big(scripted: Scripted) -> ScriptedUpstream:
    return scripted()


def answered_by(house: House, lines: Lines) -> str:
    reply = house.http.post("/v1/chat/completions", json=BODY, headers=lines)
    assert reply.status_code == 200, reply.text
    return reply.headers["x-router-upstream"]


@pytest.mark.parametrize(
    "lines",
    [
        [("x-router-tags", "app=mail"), ("x-router-tags", "team=legal")],
        [("x-router-tags", "team=legal,team=search")],
        [("x-router-tags", "team=search"), ("x-router-tags", "team=legal")],
        [("x-router-local-only", "0"), ("x-router-local-only", "1")],
        [("x-router-local-only", "0, 1")],
    ],
)
def test_every_line_and_every_value_is_obeyed(
    lines: Lines, big: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": big}, policy=AWAY, extra=EGRESS)
    assert answered_by(house, []) == "big"
    big.requests.clear()
    assert answered_by(house, lines) == "small"
    assert big.requests == []


def test_a_rule_about_a_tag_with_several_values_is_met(
    big: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": big}, policy=HOME)
    assert answered_by(house, [("x-router-tags", "team=search")]) == "big"
    assert answered_by(house, [("x-router-tags", "team=search"), ("x-router-tags", "team=legal")]) == "small"
    assert [row["tags"] for row in house.ledger("exchanges")] == [{"team": "search"}, {"team": "search,legal"}]


def test_two_credentials_are_none(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra="auth: required\n")
    lines = [("authorization", "Bearer sf-a"), ("authorization", "Bearer sf-b")]
    assert house.http.post("/v1/chat/completions", json=BODY, headers=lines).status_code == 401


@pytest.mark.parametrize("name", ["host", "origin"])
@pytest.mark.parametrize("theirs_first", [False, True])
def test_the_open_mode_is_no_more_open_for_a_second_line(
    name: str, theirs_first: bool, scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    house = open_house({"small": small, "big": scripted()})
    where = house.url.partition("://")[2]
    ours = {"host": where, "origin": house.url}
    lines = [f"{name}: {value}" for value in (ours[name], "evil.example")][:: -1 if theirs_first else 1]
    lines += [] if name == "host" else [f"host: {where}"]
    assert status_of(where, lines) in (400, 403)
    assert status_of(where, [f"host: {where}", f"origin: {house.url}"]) == 200
    assert len(small.requests) == 1


def status_of(where: str, lines: list[str]) -> int:
    """The status that a request with these header lines gets; httpx would not send some of them."""
    body = json.dumps(BODY)
    more = ["content-type: application/json", "connection: close", f"content-length: {len(body)}"]
    said = "\r\n".join(["POST /v1/chat/completions HTTP/1.1", *lines, *more, "", body])
    address, _, port = where.partition(":")
    with socket.create_connection((address, int(port)), timeout=30) as line:
        line.sendall(said.encode())
        return int(line.recv(64).split()[1])
