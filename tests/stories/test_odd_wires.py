"""Servers whose HTTP is odd: what can be read is, what cannot is a failure, and the next request is none the worse."""

import json

import pytest

from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Act, Completion, Received

PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"
WHOLE = json.dumps(Completion(["from small"]).whole(Received("POST", "/", {}, b"", b"{}"))).encode()
JSON, LENGTH = b"content-type: application/json", b"content-length: %d" % len(WHOLE)


def raw(*lines: bytes, status: bytes = b"200 OK", version: bytes = b"1.1", body: bytes = WHOLE) -> bytes:
    """An answer as bytes."""
    return b"\r\n".join((b"HTTP/" + version + b" " + status, *lines)) + b"\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    """A body in one chunk."""
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


READ = {
    "no length, ended by closing": raw(JSON),
    "HTTP/1.0": raw(JSON, version=b"1.0"),
    "an interim answer first": raw(status=b"103 Early Hints", body=b"") + raw(JSON, LENGTH),
    "chunks with extensions and trailers": raw(
        JSON, b"transfer-encoding: chunked", body=chunked(WHOLE).replace(b"\r\n", b";a=b\r\n", 1)[:-2] + b"x: y\r\n\r\n"
    ),
}
FAILS = {
    "a length and chunks": (raw(JSON, LENGTH, b"transfer-encoding: chunked", body=chunked(WHOLE)), "invalid_answer"),
    "two lengths": (raw(JSON, LENGTH, b"content-length: 5"), "invalid_answer"),
    "a header of a megabyte": (raw(JSON, LENGTH, b"x: " + b"a" * (1 << 20)), "invalid_answer"),
    "headers without end": (raw(*(b"x-%d: a" % number for number in range(20_000)), JSON, LENGTH), "invalid_answer"),
    "204": (raw(status=b"204 No Content", body=b""), "invalid_answer"),
    "304 with a length": (raw(LENGTH, status=b"304 Not Modified", body=b""), "upstream_failed"),
    "another protocol": (raw(b"upgrade: x", b"connection: upgrade", status=b"101 Switching"), "upstream_failed"),
    "a status that none is": (raw(JSON, LENGTH, status=b"999 Odd"), "upstream_failed"),
    "a body that is short": (raw(JSON, b"content-length: 100000"), "answer_interrupted"),
}


@pytest.mark.parametrize("odd", READ)
def test_what_can_be_read_is_an_answer(odd: str, scripted: Scripted, open_house: OpenHouse) -> None:
    small, big = scripted(), scripted()
    small.does(lambda _: Act([READ[odd]], head=False, end="cut"))
    house = open_house({"small": small, "big": big}, policy=PASS_ON)
    for _ in range(2):
        assert house.ask().headers["x-router-upstream"] == "small"


@pytest.mark.parametrize("odd", FAILS)
def test_what_cannot_be_read_is_a_failure_and_spoils_nothing(
    odd: str, scripted: Scripted, open_house: OpenHouse
) -> None:
    small, big = scripted(), scripted()
    answer, word = FAILS[odd]
    small.does(lambda _: Act([answer], head=False, end="cut")).then.says("well again")
    house = open_house({"small": small, "big": big}, policy=PASS_ON)
    told = house.ask()
    assert (told.status_code, told.headers["x-router-upstream"], told.headers["x-router-fallback"]) == (
        200,
        "big",
        word,
    )
    assert "well again" in house.ask().text


def test_no_header_of_an_upstream_brings_another_with_it(scripted: Scripted, open_house: OpenHouse) -> None:
    small = scripted()
    wait = b"retry-after: 1\r\nset-cookie: a=b"
    odd = (b"x-ratelimit-limit: 1\x85evil: 1", b"x-request-id: a\x0bevil: 1", wait)
    small.does(lambda _: Act([raw(JSON, LENGTH, *odd, status=b"429 Slow")], head=False, end="cut"))
    house = open_house({"small": small, "big": scripted()}, policy="policy: balanced\notherwise: {plan: [small]}\n")
    told = house.ask()
    assert told.status_code in (429, 502)
    assert "evil" not in str(told.headers)
    assert "set-cookie" not in told.headers
