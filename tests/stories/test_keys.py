"""Who may ask: keys in the required mode, no browser in the open one."""

import json

import pytest

from router.cli.main import main
from tests.conftest import OpenHouse, Scripted
from tests.standins.house import House

REQUIRED = "auth: required\n"


def add_key(house: House, name: str, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    config = str(house.runtime.config.path)
    capsys.readouterr()
    assert main(["keys", "add", name, "--config", config, "--format", "json", *more]) == 0
    return str(json.loads(capsys.readouterr().out)["key"])


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_a_key_is_known_within_a_second_and_a_revoked_one_is_not(
    scripted: Scripted, open_house: OpenHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra=REQUIRED)
    token = add_key(house, "ada", capsys)
    house.refresh()

    assert house.ask(headers=bearer(token)).status_code == 200
    assert main(["keys", "revoke", "ada", "--config", str(house.runtime.config.path)]) == 0
    house.refresh()
    assert house.ask(headers=bearer(token)).status_code == 401
    assert [e["key"] for e in house.ledger("exchanges")] == ["ada"]


@pytest.mark.parametrize("token", ["sf-", "sf-wrong", "' OR '1'='1", "x" * 5000])
def test_an_unknown_key_is_refused_before_the_body_is_looked_at(
    token: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    house = open_house({"small": small, "big": scripted()}, extra=REQUIRED)

    reply = house.http.post("/v1/chat/completions", content=b"{not json", headers=bearer(token))

    assert reply.status_code == 401
    assert reply.json()["error"]["code"] == "invalid_api_key"
    assert small.requests == []


def test_the_store_holds_no_key(scripted: Scripted, open_house: OpenHouse, capsys: pytest.CaptureFixture[str]) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra=REQUIRED)
    token = add_key(house, "ada", capsys)
    house.ledger("keys")

    written = b"".join(path.read_bytes() for path in house.folder.iterdir() if path.is_file())
    assert token.encode() not in written


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"host": "evil.example"}, "host"),
        ({"origin": "https://evil.example"}, "origin"),
        ({"content-type": "text/plain"}, "content_type"),
    ],
)
def test_the_open_mode_refuses_what_a_web_page_can_send(
    headers: dict[str, str], code: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    house = open_house({"small": small, "big": scripted()})
    content = json.dumps({"model": "auto", "messages": [{"role": "user", "content": "hi"}]})

    reply = house.http.post(
        "/v1/chat/completions", content=content, headers={"content-type": "application/json"} | headers
    )

    assert (reply.status_code, reply.json()["error"]["code"]) == (403, code)
    assert small.requests == []


def test_a_local_only_key_never_reaches_the_big_model(
    scripted: Scripted, open_house: OpenHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    small, big = scripted(), scripted()
    small.says("I'm sorry, but I cannot help with that.")
    house = open_house({"small": small, "big": big}, extra=REQUIRED)
    token = add_key(house, "ward", capsys, "--local-only")
    house.refresh()

    served = house.ask(headers=bearer(token))
    loosened = house.ask(headers=bearer(token) | {"x-router-local-only": "0"})
    named = house.ask(headers=bearer(token), model="big")

    assert (served.status_code, loosened.status_code, named.status_code) == (200, 200, 403)
    assert big.requests == []
    assert all(a["local"] for a in house.ledger("attempts"))


def test_a_keys_policy_decides_even_where_an_upstream_is_asked_for_by_name(
    scripted: Scripted, open_house: OpenHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    small, big = scripted(), scripted()
    house = open_house({"small": small, "big": big}, extra=REQUIRED)
    token = add_key(house, "ada", capsys, "--policy", "balanced")
    house.refresh()

    reply = house.ask(headers=bearer(token), model="big")

    assert reply.headers["x-router-upstream"] == "small"
    assert big.requests == []
