"""Requests that must stay, while the local upstream is unavailable, or may be one that hands its model to a cloud."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, json_act
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream
from tests.standins.stage import beside, staged, until

SMALL_FIRST = "policy: balanced\notherwise: {plan: [small, big]}\n"
STAY = {"x-router-local-only": "1"}
LISTED = {"data": [{"id": "small-model", "owned_by": "library"}]}
HUNG = Act(head=False, end="hang")


def test_while_its_breaker_is_open_they_are_told_to_come_again(scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted().fails(500, {}), scripted()
    house = open_house({"small": small, "big": big}, policy=SMALL_FIRST)
    for _ in range(5):
        assert house.ask(headers=STAY).status_code == 502
    asked = len(small.requests)

    told = house.ask(headers=STAY)

    assert (told.status_code, told.json()["error"]["code"]) == (503, "not_ready")
    assert 1 <= int(told.headers["retry-after"]) <= 60
    assert "'small'" in told.json()["error"]["message"]
    assert (len(small.requests), big.requests) == (asked, [])
    assert house.ledger("exchanges")[-1]["local_only"] is True


def test_where_none_would_ever_do_they_are_refused(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, policy="policy: balanced\notherwise: {plan: [big]}\n")
    told = house.ask(headers=STAY)
    assert (told.status_code, told.json()["error"]["code"]) == (403, "local_only")
    assert "retry-after" not in told.headers


def ollama(scripted: Scripted, name: str, **row: Any) -> ScriptedUpstream:
    """An Ollama behind its OpenAI route, which lists one model."""
    server = scripted()
    server.models = json_act(LISTED)
    server.pages["/api/tags"] = json_act({"models": [{"name": name, **row}]})
    return server


def refused(house: House, small: ScriptedUpstream) -> str:
    """The words with which nothing was sent."""
    for asked in ({}, {"model": "small"}):
        told = house.ask("My card is 4111 1111 1111 1111", headers=STAY, **asked)
        assert (told.status_code, told.json()["error"]["code"]) == (403, "local_only")
        assert small.requests == []
    return str(told.json()["error"]["message"])


@pytest.mark.parametrize("name", ["small-model", "small-model:latest", "Small-Model:LATEST"])
def test_a_model_that_a_cloud_runs_is_known_by_any_of_its_names(
    name: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    small = ollama(scripted, name, remote_host="https://ollama.com")
    house = open_house({"small": small, "big": scripted()}, policy=SMALL_FIRST)
    assert "is not local" in refused(house, small)
    small.pages["/api/tags"] = json_act({"models": [{"name": name}]})
    assert house.reload() == ""
    assert house.ask(headers=STAY).status_code == 200


@pytest.mark.parametrize("page", [HUNG, json_act({}, 500), json_act({"models": []})])
def test_what_may_be_ollama_and_does_not_say_is_not_believed(
    page: Act, scripted: Scripted, open_house: OpenHouse
) -> None:
    small = ollama(scripted, "small-model")
    small.pages["/api/tags"] = page
    house = open_house({"small": small, "big": scripted()}, policy=SMALL_FIRST)
    assert "has not said so yet" in refused(house, small)
    assert house.ask().headers["x-router-upstream"] == "small"
    assert [row["egress"] for row in house.ledger("attempts")] == ["unchecked"]


def test_while_its_model_loads_it_is_waited_for(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        server = stage.ollama().has("qwen3:4b").says("from small").holds_loads()
        row = f"{{kind: ollama, url: '{server.url}', model: 'qwen3:4b', local: true, price: free"
        house = stage.house(SMALL_FIRST, small=f"{row}, timeout: {{load_wait_s: 0.05}}}}")
        assert house.ask().headers["x-router-upstream"] == "big"
        until(lambda: house.runtime.facts["small.loading"] is True and house.runtime.facts["small.ready"] is False)

        asking = beside(lambda: house.ask(headers=STAY))
        until(lambda: len(house.ledger("attempts", local_only=True)) == 1)
        server.release()
        told = asking()

        assert (told.status_code, told.headers["x-router-upstream"]) == (200, "small")
        assert len(stage.big.requests) == 1
