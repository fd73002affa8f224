"""Tokens of a Messages request: asked of whoever would answer it, where that counts as it bills; else estimated."""

from typing import Any

import httpx
import pytest
from anthropic import Anthropic, DefaultHttpxClient

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, Received, json_act
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

POLICY = """
policy: balanced
rules:
  - {name: stays-home, when: has_pii, plan: [small], local_only: true}
  - {name: long, when: prompt_tokens > 50, plan: [claude]}
otherwise: {plan: [small, claude]}
"""
LONG = "word " * 60
BODY: dict[str, Any] = {"model": "auto", "messages": [{"role": "user", "content": LONG}], "system": "Be brief."}


def counted(request: Received) -> Act:
    """Anthropic's own page: it refuses what a count does not take."""
    if request.path != "/v1/messages/count_tokens" or "max_tokens" in request.json:
        message = "max_tokens: Extra inputs are not permitted"
        return json_act({"type": "error", "error": {"type": "invalid_request_error", "message": message}}, 400)
    return json_act({"input_tokens": 4711})


@pytest.fixture
def claude(scripted: Scripted) -> ScriptedUpstream:
    return scripted().does(counted)


@pytest.fixture
def key() -> str:
    return "sk-ant-row"


@pytest.fixture
def house(claude: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse, key: str) -> House:
    row = f"claude: {{kind: anthropic, model: claude-9, key: {key}, price: unknown, url: '{claude.url}'}}"
    return open_house({"small": scripted(), "big": scripted()}, row=row, policy=POLICY)


def count(house: House, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    return house.http.post("/v1/messages/count_tokens", json={**BODY, **body}, headers=headers)


@pytest.mark.parametrize("model", ["auto", "claude"])
def test_whoever_would_answer_counts(house: House, claude: ScriptedUpstream, model: str) -> None:
    answer = count(house, {"anthropic-version": "2023-06-01", "anthropic-beta": "b"}, model=model, tools=[])
    assert (answer.status_code, answer.json()) == (200, {"input_tokens": 4711})
    assert (answer.headers["x-router-count"], answer.headers["x-router-upstream"]) == ("upstream", "claude")
    (request,) = claude.requests
    assert request.json == {**BODY, "tools": [], "model": "claude-9"}
    assert (request.headers["x-api-key"], request.headers["anthropic-beta"]) == ("sk-ant-row", "b")


def test_anthropics_own_client_reads_the_count(house: House) -> None:
    http = DefaultHttpxClient(trust_env=False)
    with Anthropic(base_url=house.url, api_key="sf-any", max_retries=0, http_client=http) as client:
        messages: Any = BODY["messages"]
        assert client.messages.count_tokens(model="claude", messages=messages).input_tokens == 4711


def test_what_was_sent_to_count_stands_in_the_ledger_and_is_no_request(house: House) -> None:
    assert count(house).json()["input_tokens"] == 4711
    (row,) = house.ledger("attempts")
    assert (row["origin"], row["upstream"], row["status"], row["error"]) == ("count", "claude", 200, None)
    assert (row["price_state"], row["cost"], row["egress"]) == ("free", 0, "loopback")
    assert house.ledger("exchanges") == []


def test_what_metadata_calls_the_request_holds_for_its_count(house: House) -> None:
    assert count(house, metadata={"user_id": "ada", "app": "mail"}).headers["x-router-count"] == "upstream"
    (row,) = house.ledger("attempts")
    assert row["tags"] == {"app": "mail"}


def test_where_a_small_model_would_answer_first_it_is_an_estimate_and_nobody_is_asked(
    house: House, claude: ScriptedUpstream
) -> None:
    answer = count(house, messages=[{"role": "user", "content": "how many tokens are these?"}])
    assert (answer.headers["x-router-count"], claude.requests) == ("estimate", [])
    assert 5 < answer.json()["input_tokens"] < 30


@pytest.mark.parametrize("status", [429, 500, 529])
def test_where_the_upstream_does_not_count_it_is_an_estimate(
    house: House, claude: ScriptedUpstream, status: int
) -> None:
    claude.fails(status)
    answer = count(house)
    assert (answer.status_code, answer.headers["x-router-count"]) == (200, "estimate")
    assert answer.json()["input_tokens"] > 60


def test_where_the_upstream_is_away_it_is_an_estimate(house: House, claude: ScriptedUpstream) -> None:
    claude.down()
    assert count(house).headers["x-router-count"] == "estimate"
    assert [row["error"] for row in house.ledger("attempts")] == ["unreachable"]


def test_a_key_of_ours_that_is_refused_is_not_the_callers_trouble(house: House, claude: ScriptedUpstream) -> None:
    claude.fails(401)
    assert (count(house).status_code, count(house).headers["x-router-count"]) == (200, "estimate")


def test_a_refusal_of_the_request_returns_as_it_came(house: House, claude: ScriptedUpstream) -> None:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": "tools.0: no such tool"}}
    claude.does(lambda _: json_act(error, 400))
    answer = count(house)
    assert (answer.status_code, answer.json(), answer.headers["x-router-count"]) == (400, error, "upstream")


@pytest.mark.parametrize(
    ("headers", "text"),
    [({"x-router-local-only": "1"}, LONG), (None, f"{LONG} my card is 4111 1111 1111 1111")],
)
def test_what_must_stay_is_not_sent_to_be_counted(
    house: House, claude: ScriptedUpstream, headers: dict[str, str] | None, text: str
) -> None:
    answer = count(house, headers, messages=[{"role": "user", "content": text}])
    assert (answer.status_code, answer.headers["x-router-count"]) == (200, "estimate")
    assert claude.requests == []


@pytest.mark.parametrize("key", ["passthrough"])
def test_an_upstream_that_is_asked_with_the_callers_token_counts_with_it(
    house: House, claude: ScriptedUpstream
) -> None:
    answer = count(house, {"x-api-key": "sk-ant-callers"})
    assert (answer.json(), claude.requests[0].headers["x-api-key"]) == ({"input_tokens": 4711}, "sk-ant-callers")
    assert (count(house).status_code, count(house).json()["error"]["type"]) == (401, "authentication_error")


def test_a_name_that_nobody_has_is_estimated(house: House, claude: ScriptedUpstream) -> None:
    answer = count(house, model="claude-nobody-has")
    assert (answer.status_code, answer.headers["x-router-count"], claude.requests) == (200, "estimate", [])


def test_what_is_too_long_to_be_a_count_is_not_kept(house: House, claude: ScriptedUpstream) -> None:
    claude.sends(b'{"input_tokens": 4711, "more": "', *[b"x" * 2**19] * 3, b'"}')
    answer = count(house)
    assert (answer.status_code, answer.headers["x-router-count"]) == (200, "estimate")
