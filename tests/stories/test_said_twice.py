"""Headers that are sent twice: no line hides another, and the strictest holds."""

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
