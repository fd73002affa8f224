"""What is nothing of ours goes on to the baseline for keys that may, whole, streamed and written down."""

import json
from collections.abc import Iterator

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, Received, json_act
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream
from tests.stories.test_keys import REQUIRED, add_key, bearer


def echo(request: Received) -> Act:
    """Says what came."""
    came = {"method": request.method, "target": request.target, "size": len(request.body)}
    return Act([json.dumps(came).encode()], 201, headers={"etag": "e1", "set-cookie": "a=b"})


@pytest.fixture
def big(scripted: Scripted) -> ScriptedUpstream:
    return scripted().does(echo)


@pytest.fixture
def house(big: ScriptedUpstream, scripted: Scripted, open_house: OpenHouse) -> House:
    return open_house({"small": scripted(), "big": big}, extra=REQUIRED)


def key(house: House, capsys: pytest.CaptureFixture[str], name: str, *more: str) -> dict[str, str]:
    token = add_key(house, name, capsys, *more)
    house.refresh()
    return bearer(token)


def test_an_upload_goes_on_as_it_comes_with_our_key(
    house: House, big: ScriptedUpstream, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = key(house, capsys, "ada", "--scope", "passthrough:files")

    def pieces() -> Iterator[bytes]:
        yield from [b"x" * 2**16] * 8

    asked = {**headers, "content-type": "multipart/form-data; boundary=b", "cookie": "c=d", "x-odd": "1"}
    reply = house.http.post("/v1/files?purpose=batch&a=", content=pieces(), headers=asked)

    assert (reply.status_code, reply.json()) == (
        201,
        {"method": "POST", "target": "/v1/files?purpose=batch&a=", "size": 2**19},
    )
    sent = big.requests[-1].headers
    assert sent["authorization"] == "Bearer sk-big-secret"
    assert sent["content-type"] == "multipart/form-data; boundary=b"
    assert not {"cookie", "x-odd"} & sent.keys()
    assert reply.headers["etag"] == "e1"
    assert "set-cookie" not in reply.headers
    (row,) = house.ledger("exchanges")
    assert (row["dialect"], row["entrypoint"], row["key"]) == ("passthrough", "/v1/files", "ada")
    assert (row["outcome"], row["status"], row["price_state"], row["cost"]) == ("answered", 201, "unknown", None)
    (attempt,) = house.ledger("attempts")
    assert (attempt["upstream"], attempt["status"]) == ("big", 201)


def test_a_refusal_comes_back_as_it_is_and_one_of_our_key_does_not(
    house: House, big: ScriptedUpstream, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = key(house, capsys, "ada", "--scope", "passthrough:files")
    big.fails(404, {"error": {"message": "no such file"}}).then.fails(401, {"error": {"message": "sk-big-secret"}})
    missing = house.http.delete("/v1/files/f-1", headers=headers)
    assert (missing.status_code, missing.json()["error"]["message"]) == (404, "no such file")
    refused = house.http.delete("/v1/files/f-1", headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (502, "upstream_auth")
    assert "sk-big-secret" not in refused.text
    big.drops()
    assert house.http.delete("/v1/files/f-1", headers=headers).status_code == 502
    big.fails(503)
    assert house.http.delete("/v1/files/f-1", headers=headers).status_code == 503
    rows = house.ledger("exchanges")
    assert (rows[0]["status"], rows[0]["cost"]) == (404, 0)
    told = [("failed", error) for error in ("404", "401", "disconnected", "upstream_failed")]
    assert [(row["outcome"], row["error"]) for row in rows] == told
    assert [row["error"] for row in house.ledger("attempts")] == [error for _, error in told]


@pytest.mark.parametrize(
    "path", ["/v1/audio/speech", "/v1/filesystem", "/v1/files/../chat/x", "/v1/files/%2e%2e/x", "/v1/files//x"]
)
def test_what_no_scope_names_is_not_there(
    path: str, house: House, big: ScriptedUpstream, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = key(house, capsys, "ada", "--scope", "passthrough:files")
    assert house.http.post(path, json={}, headers=headers).status_code == 404
    assert big.requests == []


def test_a_key_without_a_scope_finds_nothing_and_no_key_is_401(
    house: House, big: ScriptedUpstream, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = key(house, capsys, "ada")
    assert house.http.post("/v1/files", json={}, headers=headers).status_code == 404
    assert house.http.post("/v1/files", json={}).status_code == 401
    assert house.http.get("/v1/chat/completions", headers=headers).status_code == 405
    assert big.requests == []


def test_nothing_is_passed_on_for_a_key_that_stays_here(
    house: House, big: ScriptedUpstream, capsys: pytest.CaptureFixture[str]
) -> None:
    ward = key(house, capsys, "ward", "--scope", "passthrough:files", "--local-only")
    ada = key(house, capsys, "ada", "--scope", "passthrough:files")
    for headers in (ward, {**ada, "x-router-local-only": "1"}):
        refused = house.http.post("/v1/files", json={}, headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "local_only")
        (row,) = house.ledger("exchanges", id=refused.headers["x-request-id"])
        assert (row["outcome"], row["error"], row["local_only"]) == ("refused", "local_only", True)
    odd = house.http.post("/v1/files", json={}, headers={**ada, "x-router-tags": "odd"})
    assert (odd.status_code, house.ledger("exchanges", id=odd.headers["x-request-id"])[0]["outcome"]) == (
        400,
        "refused",
    )
    assert big.requests == []


def test_where_personal_data_stays_a_body_that_has_some_is_not_passed_on(
    house: House, big: ScriptedUpstream, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = key(house, capsys, "ada", "--scope", "passthrough:files", "--policy", "private")
    card = {"input": "My card is 4111 1111 1111 1111"}
    refused = house.http.post("/v1/files", json=card, headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "local_only")
    assert big.requests == []
    assert house.http.post("/v1/files", json={"input": "Good morning"}, headers=headers).status_code == 201
    first, second = house.ledger("exchanges")
    assert (first["local_only"], first["signals"]["pii.card"], first["outcome"]) == (True, True, "refused")
    assert (second["local_only"], second["signals"]["has_pii"]) == (False, False)
    assert [row["exchange"] for row in house.ledger("attempts")] == [second["id"]]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_body_goes_on_whatever_the_method(
    method: str, house: House, big: ScriptedUpstream, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = key(house, capsys, "eve", "--scope", "passthrough:files")
    big.pages["/v1/files/file-1"] = json_act({}, 201)  # a GET is answered by a page
    reply = house.http.request(method, "/v1/files/file-1", content=b"x" * 2**16, headers=headers)
    assert reply.status_code == 201
    (came,) = [one for one in (*big.requests, *big.probes) if one.path == "/v1/files/file-1"]
    assert (came.method, len(came.body)) == (method, 2**16)
