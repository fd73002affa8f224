"""Bad input gets a clear error in the dialect's shape, and nothing is lost."""

import gzip
import socket
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.conftest import OpenHouse, Scripted

HELLO = [{"role": "user", "content": "hi"}]
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("content", "param"),
    [
        (b"{not json", None),
        (b"[]", None),
        (b"null", None),
        (b"\xff\xfe", None),
        (b"", None),
        (b"[" * 100_000, None),
        (b'{"model":"auto"}', "messages"),
        (b'{"model":"auto","messages":[]}', "messages"),
        (b'{"model":"auto","messages":5}', "messages"),
        (b'{"model":"auto","messages":[null]}', "messages[0]"),
        (b'{"messages":[{"role":"user","content":"hi"}]}', "model"),
        (b'{"model":"%s","messages":[{"role":"user","content":"hi"}]}' % (b"x" * 5000), "model"),
        (b'{"model":"auto","messages":[{"role":"user","content":%s}]}' % (b"[" * 300 + b"]" * 300), "messages"),
        (
            b'{"model":"auto","stream":true,"messages":[{"role":"user"}],"stream_options":{"a":%s}}'
            % (b"[" * 300 + b"]" * 300),
            "stream_options",
        ),
        (b'{"model":1,"messages":[{"role":"user","content":"hi"}]}', "model"),
        (b'{"model":"auto","messages":[{"role":"user","content":"hi"}],"stream":"yes"}', "stream"),
        (b'{"model":"auto","messages":[{"role":"user","content":"hi"}],"max_tokens":-1}', "max_tokens"),
        (b'{"model":"auto","messages":[{"role":"user","content":"hi"}],"tools":{}}', "tools"),
    ],
)
def test_a_malformed_body_is_told_where(
    content: bytes, param: str | None, scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    house = open_house({"small": small, "big": scripted()})

    reply = house.http.post("/v1/chat/completions", content=content, headers=JSON)

    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == param
    assert reply.headers["x-request-id"]
    assert small.requests == []
    (exchange,) = house.ledger("exchanges")
    assert exchange["outcome"] == "refused"


def test_a_promise_that_nothing_can_keep_yet_is_refused_and_not_passed_over(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    small = scripted()
    reply = open_house({"small": small, "big": scripted()}).ask(headers={"x-router-max-loss": "0.01"})
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "x-router-max-loss")
    assert small.requests == []


def test_an_unknown_model_is_told_which_there_are(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})

    error = house.ask(model="gpt-5").json()["error"]

    assert error["code"] == "model_not_found"
    assert "auto" in error["message"]


def test_a_body_over_the_limit_is_refused_before_it_is_read(scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra="limits: {body_mb: 1}\n")

    declared = house.ask("x" * (2 << 20))
    chunked = house.http.post("/v1/chat/completions", content=iter([b"x" * 65536] * 32), headers=JSON)

    assert (declared.status_code, chunked.status_code) == (413, 413)


def test_a_compressed_body_is_read_and_a_strange_or_broken_one_refused(
    scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()}, extra="limits: {body_mb: 1}\n")
    body = b'{"model": "auto", "messages": [{"role": "user", "content": "hi"}]}'

    def post(content: bytes, encoding: str) -> httpx.Response:
        return house.http.post("/v1/chat/completions", content=content, headers=JSON | {"content-encoding": encoding})

    read, strange = post(gzip.compress(body), "gzip"), post(body, "zstd")
    broken, bomb = post(b"x", "gzip"), post(gzip.compress(bytes(2 << 20)), "gzip")

    assert [reply.status_code for reply in (read, strange, broken, bomb)] == [200, 415, 400, 413]
    assert strange.headers["accept-encoding"] == "gzip, deflate"
    codes = [reply.json()["error"]["code"] for reply in (strange, broken, bomb)]
    assert codes == ["unsupported_content_encoding", "invalid_encoding", "request_too_large"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/v1/nothing", 404), ("GET", "/v1/chat/completions", 405)]
)
def test_a_path_that_is_not_there_answers_in_the_dialects_shape(
    method: str, path: str, status: int, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})

    reply = house.http.request(method, path)

    assert reply.status_code == status
    assert set(reply.json()["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("content", [None, 5, [{"type": "text"}], [None], {"a": 1}, [{"type": "text", "text": None}]])
def test_odd_contents_are_the_upstreams_to_judge(content: Any, scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})

    reply = house.ask(messages=[{"role": "user", "content": content}])

    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize(
    "field", ["tools", "response_format", "n", "stop", "logprobs", "metadata", "user", "stream_options"]
)
def test_odd_fields_never_break_the_proxy(field: str, scripted: Scripted, open_house: OpenHouse) -> None:
    house = open_house({"small": scripted(), "big": scripted()})

    oddities: tuple[Any, ...] = (
        None,
        5,
        "x",
        [],
        [{}],
        {},
        {"type": "json_schema"},
        [{"type": "function", "function": 3}],
    )
    for odd in oddities:
        fields: dict[str, Any] = {field: odd}
        assert house.ask(**fields).status_code in (200, 400), odd


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("head", [b"x-a: " + b"x" * (1 << 20), b"x-a: b\r\n" * 10_000])
def test_a_head_that_grows_without_end_is_refused(
    head: bytes, ended: bool, scripted: Scripted, open_house: OpenHouse
) -> None:
    house = open_house({"small": scripted(), "big": scripted()})

    with socket.create_connection(("127.0.0.1", int(house.url.rpartition(":")[2])), 10) as client:
        with suppress(ConnectionError):
            client.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n" + head + b"\r\n\r\n" * ended)
        with suppress(ConnectionError):
            reply = client.recv(1000)
            assert reply == b"" or reply.startswith(b"HTTP/1.1 431")
    assert house.http.get("/healthz").status_code == 200
