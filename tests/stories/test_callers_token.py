"""`key: passthrough`: the caller's own token goes to that upstream, and to nobody and nowhere else."""

import json
import logging
from typing import Any

import pytest

from router.cli.main import main
from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import json_act
from tests.standins.claude import message_act
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream

TOKEN = "sk-proj-callers-own-0123456789"
POLICY = """
policy: balanced
otherwise: {plan: [{upstream: small, judges: [refusal]}, own]}
"""
DENIED = {"error": {"message": f"Incorrect API key provided: {TOKEN}", "type": "invalid_request_error", "param": None,
                    "code": "invalid_api_key"}}  # fmt: skip
ROW = """own: {kind: openai, url: 'OWN', model: gpt, key: passthrough, price: free}
  claude: {kind: anthropic, url: 'CLAUDE', model: claude-9, key: passthrough, price: free}"""


@pytest.fixture
def own(scripted: Scripted) -> ScriptedUpstream:
    return scripted().says("forty two")


@pytest.fixture
def claude(scripted: Scripted) -> ScriptedUpstream:
    return scripted().does(lambda request: message_act(request, "forty two"))


@pytest.fixture
def small(scripted: Scripted) -> ScriptedUpstream:
    return scripted().says("I'm sorry, but I can't help with that.")


@pytest.fixture
def extra() -> str:
    """What else the configuration says."""
    return ""


@pytest.fixture
def house(
    small: ScriptedUpstream,
    own: ScriptedUpstream,
    claude: ScriptedUpstream,
    scripted: Scripted,
    open_house: OpenHouse,
    extra: str,
) -> House:
    row = ROW.replace("OWN", own.url).replace("CLAUDE", claude.url)
    return open_house({"small": small, "big": scripted()}, row=row, policy=POLICY, extra=extra)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def minted(house: House, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["keys", "add", "ada", "--config", str(house.runtime.config.path), "--format", "json"]) == 0
    key = str(json.loads(capsys.readouterr().out)["key"])
    house.refresh()
    return key


def sent(server: ScriptedUpstream) -> tuple[str, str]:
    """The credentials that its last request brought."""
    headers = server.requests[-1].headers
    return headers.get("authorization", ""), headers.get("x-api-key", "")


@pytest.mark.parametrize("headers", [bearer(TOKEN), {"x-api-key": TOKEN}])
@pytest.mark.parametrize("stream", [False, True])
def test_the_token_reaches_the_upstream_that_wants_it_and_no_other(
    house: House, small: ScriptedUpstream, own: ScriptedUpstream, headers: dict[str, str], stream: bool
) -> None:
    answer = house.ask(headers=headers, stream=stream)
    assert (answer.status_code, answer.headers["x-router-upstream"]) == (200, "own")
    assert sent(own) == (f"Bearer {TOKEN}", "")
    assert sent(small) == ("Bearer sk-small-secret", "")
    assert TOKEN.encode() not in small.requests[-1].head


@pytest.mark.parametrize(
    ("token", "arrives"),
    [("sk-ant-api03-own", ("", "sk-ant-api03-own")), ("sk-ant-oat01-own", ("Bearer sk-ant-oat01-own", ""))],
)
def test_anthropic_gets_a_key_in_its_own_header_and_a_login_as_a_bearer_token(
    house: House, claude: ScriptedUpstream, token: str, arrives: tuple[str, str]
) -> None:
    chat = {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    for path in ("/v1/messages", "/v1/chat/completions"):
        answer = house.http.post(path, json=chat, headers=bearer(token))
        assert (answer.status_code, sent(claude)) == (200, arrives)


@pytest.mark.parametrize("extra", ["auth: required\n"])
@pytest.mark.parametrize("turned", [False, True])
def test_our_own_key_lets_in_and_is_never_sent_on(
    house: House, own: ScriptedUpstream, capsys: pytest.CaptureFixture[str], turned: bool
) -> None:
    ours = minted(house, capsys)
    first, second = (TOKEN, ours) if turned else (ours, TOKEN)
    assert house.ask(headers={**bearer(first), "x-api-key": second}).status_code == 200
    assert sent(own) == (f"Bearer {TOKEN}", "")
    assert ours.encode() not in own.requests[-1].head
    assert [row["key"] for row in house.ledger("exchanges")] == ["ada"]


@pytest.mark.parametrize("extra", ["auth: required\n"])
def test_with_our_key_alone_nothing_is_sent_and_the_caller_is_told_what_is_missing(
    house: House, own: ScriptedUpstream, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = house.ask(headers=bearer(minted(house, capsys)), model="own")
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (401, "authentication_error", "no_token")
    assert "send it as `Authorization: Bearer" in error["message"]
    assert own.requests == []


def test_a_key_of_ours_that_is_not_known_any_more_is_not_sent_on_either(house: House, own: ScriptedUpstream) -> None:
    assert house.ask(headers=bearer("sf-revoked-long-ago"), model="own").status_code == 401
    assert own.requests == []


def test_a_key_that_was_taken_over_is_ours(house: House, own: ScriptedUpstream) -> None:
    taken_over = "sk-clients-had-this-one-1234567890"
    assert main(["keys", "import", "old", taken_over, "--config", str(house.runtime.config.path)]) == 0
    house.refresh()
    assert house.ask(headers=bearer(taken_over), model="own").status_code == 401
    assert own.requests == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_the_callers_to_hear_of_and_is_not_repeated(
    house: House, own: ScriptedUpstream, status: int
) -> None:
    own.fails(status, DENIED)
    answer = house.ask(headers=bearer(TOKEN), model="own")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "invalid_api_key")
    assert answer.json()["error"]["message"] == "Incorrect API key provided: [key]"


def test_a_refused_token_is_said_in_the_callers_dialect(house: House, claude: ScriptedUpstream) -> None:
    error = {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}
    claude.does(lambda _: json_act(error, 401))
    chat = {"model": "claude", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    answer = house.http.post("/v1/messages", json=chat, headers={"x-api-key": TOKEN})
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")


def test_one_callers_limit_closes_the_upstream_to_nobody_else(house: House, own: ScriptedUpstream) -> None:
    own.fails(429, headers={"retry-after": "60"})
    assert house.ask(headers=bearer(TOKEN), model="own").status_code == 429
    own.says("forty two")
    answer = house.ask(headers=bearer("sk-somebody-elses"))
    assert (answer.status_code, answer.headers["x-router-upstream"]) == (200, "own")


def test_the_token_is_nowhere_in_the_ledger_the_log_and_the_answers(
    house: House, own: ScriptedUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    own.says("six").then.fails(401, DENIED).then.fails(400, DENIED).then.fails(500, DENIED).then.drops()
    for _ in range(6):
        answer = house.ask(headers=bearer(TOKEN), model="own")
        said.append(f"{answer.text} {answer.headers}")
    house.ledger("attempts")
    house.close()
    written = b"".join(path.read_bytes() for path in house.folder.rglob("*") if path.is_file())
    assert len(own.requests) >= 6
    assert TOKEN not in "".join(said) + caplog.text
    assert TOKEN.encode() not in written


def test_an_answer_told_again_is_told_to_whoever_paid_for_it(house: House, own: ScriptedUpstream) -> None:
    named = {"idempotency-key": "once"}
    for token in (TOKEN, TOKEN, "sk-somebody-elses"):
        assert house.ask(headers={**bearer(token), **named}, model="own").status_code == 200
    assert [request.headers["authorization"] for request in own.requests] == [
        f"Bearer {TOKEN}",
        "Bearer sk-somebody-elses",
    ]


def test_a_server_that_lists_its_models_for_nobody_is_ready_all_the_same(house: House, own: ScriptedUpstream) -> None:
    own.models = json_act({"error": {"message": "no key"}}, 401)
    state: Any = house.http.get("/readyz").json()
    assert state["upstreams"]["own"] != "failing", state
