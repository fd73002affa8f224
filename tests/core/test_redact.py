"""Whose secrets never show, however they are written."""

import json
import time
from urllib.parse import quote

import pytest

from router.core.redact import redacted, secrets, spoken, without
from router.core.upstream import UpstreamSpec

SPEC = UpstreamSpec(
    "big", "openai", "m", key="sk-1", headers={"api-key": "az-2", "x-team": "mail"}, query={"token": "q-3"}
)
ODD = 'k/ab+cd"\\SECRET'
HIDDEN = UpstreamSpec(
    "big",
    "openai",
    "m",
    "https://ada:pa%2Fss@api.example/v1",
    key=ODD,
    headers={"x-gateway": "gw-abc/def+SECRET2", "cookie": "sid=COOKIESECRET; a=b", "accept": "application/json"},
)


def test_the_key_and_what_is_named_like_one_are_taken_out() -> None:
    assert redacted(SPEC, b"sk-1 az-2 q-3 mail") == b"[key] [key] [key] mail"


@pytest.mark.parametrize("secret", ["gw-abc/def+SECRET2", "sid=COOKIESECRET; a=b", "COOKIESECRET", "pa%2Fss", "pa/ss",
                                    "YWRhOnBhL3Nz", ODD])  # fmt: skip
def test_every_header_and_what_the_address_holds_are_secrets(secret: str) -> None:
    assert secret in secrets(HIDDEN)
    assert redacted(HIDDEN, f"it was <{secret}>".encode()) == b"it was <[key]>"
    assert spoken(secrets(HIDDEN), f"it was <{secret}>") == "it was <[key]>"


def test_what_everybody_knows_is_none() -> None:
    said = b"application/json from ada, a=b"
    assert redacted(HIDDEN, said) == said
    assert secrets(UpstreamSpec("small", "openai", "m", "http://127.0.0.1:1/v1")) == []


def every_letter(secret: str) -> str:
    return "".join(f"\\u{ord(letter):04X}" for letter in secret)


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(ODD)[1:-1],
        json.dumps(json.dumps({"error": ODD}))[1:-1],
        every_letter(ODD),
        json.dumps(every_letter(ODD))[1:-1],
        ODD.replace("/", "\\/").replace('"', "\\u0022").replace("+", "\\u002b"),
        quote(ODD),
        quote(ODD, safe=""),
    ],
)
def test_escapes_hide_no_secret(written: str) -> None:
    told = redacted(HIDDEN, f'{{"message": "key {written}, sorry"}}'.encode())
    assert b"[key]" in told
    assert b"SECRET" not in told
    json.loads(told)


def test_words_around_a_secret_stay() -> None:
    assert redacted(SPEC, rb'{"a": "sk\u002d1", "b": "100%2d\n"}') == rb'{"a": "[key]", "b": "100%2d\n"}'


def test_a_text_of_nothing_but_escapes_takes_no_longer_than_others() -> None:
    begun = time.perf_counter()
    assert without(["k" * 200], b"\\" * 500_000 + b"k\\" * 100_000)
    assert time.perf_counter() - begun < 5
