"""Who may ask: a known key by either header, or this machine alone and no web page."""

import pytest
from starlette.datastructures import Headers

from router.api.auth import authenticate, guard_open_mode, known_key
from router.core.errors import Forbidden, Unauthenticated
from router.core.keys import ANYONE, Key, digest

ADA = Key(id="1", name="ada", digest=digest("sf-ada"))
KEYS = {ADA.digest: ADA}
LOCAL = {"host": "127.0.0.1:4000", "content-type": "application/json"}


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer sf-ada"},
        {"authorization": "bearer  sf-ada "},
        {"x-api-key": "sf-ada"},
        {"authorization": "Basic abc", "x-api-key": "sf-ada"},
    ],
)
def test_a_known_key_is_let_in_by_either_header(headers: dict[str, str]) -> None:
    assert authenticate(Headers(headers), KEYS) is ADA


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "sf-ada"},
        {"authorization": "Bearer sf-adaa"},
        {"authorization": f"Bearer {ADA.digest}"},
        {"x-api-key": "SF-ADA"},
    ],
)
def test_anything_else_is_refused_and_told_what_is_wrong(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthenticated, match=r"No key|is not known here"):
        authenticate(Headers(headers), KEYS)


def test_the_open_modes_own_digest_opens_no_door() -> None:
    with pytest.raises(Unauthenticated):
        authenticate(Headers({"authorization": "Bearer "}), {ANYONE.digest: ANYONE})


@pytest.mark.parametrize("host", ["127.0.0.1:4000", "localhost", "localhost:4000", "[::1]:4000", "127.8.8.8"])
def test_this_machine_may_ask_in_the_open_mode(host: str) -> None:
    assert guard_open_mode(Headers(LOCAL | {"host": host}), has_body=True) is ANYONE


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil", "0.0.0.0"),
        *("evil.example@127.0.0.1", "127.0.0.1#.evil.example", "127.0.0.1/evil.example", "127.0.0.1?evil.example"),
        *("localhost, evil.example", "127.0.0.1:4000:1", "127.0.0.1:evil", "[::1", "::1", " localhost", "127.1"),
    ],
)
def test_another_name_for_this_machine_is_refused_against_rebinding(host: str) -> None:
    with pytest.raises(Forbidden) as raised:
        guard_open_mode(Headers(LOCAL | {"host": host}), has_body=True)
    assert raised.value.code == "host"


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "null", "", "file://", "http://localhost.evil", "//localhost", "localhost"),
        *("chrome-extension://localhost", "tauri://localhost", "http://evil.example@localhost", "http://localhost/a"),
        *("http://localhost, https://evil.example", "http://localhost#.evil.example"),
    ],
)
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    with pytest.raises(Forbidden) as raised:
        guard_open_mode(Headers(LOCAL | {"origin": origin}), has_body=True)
    assert raised.value.code == "origin"


def test_a_page_that_this_machine_serves_may_ask() -> None:
    assert guard_open_mode(Headers(LOCAL | {"origin": "http://localhost:3000"}), has_body=True) is ANYONE


@pytest.mark.parametrize("content_type", ["", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_body_that_a_form_could_send_is_refused(content_type: str) -> None:
    with pytest.raises(Forbidden) as raised:
        guard_open_mode(Headers(LOCAL | {"content-type": content_type}), has_body=True)
    assert raised.value.code == "content_type"
    assert "Send the header `content-type: application/json`" in str(raised.value)


def test_json_with_a_charset_is_json_and_no_body_needs_no_type() -> None:
    typed = Headers(LOCAL | {"content-type": "Application/JSON; charset=utf-8"})
    assert guard_open_mode(typed, has_body=True) is ANYONE
    assert guard_open_mode(Headers({"host": "localhost"}), has_body=False) is ANYONE


@pytest.mark.parametrize(("header", "value"), [("host", "[::1"), ("origin", "http://[::1")])
def test_an_address_that_is_none_is_refused_and_no_bug(header: str, value: str) -> None:
    with pytest.raises(Forbidden) as raised:
        guard_open_mode(Headers(LOCAL | {header: value}), has_body=True)
    assert raised.value.code == header


def test_a_key_of_ours_is_known_in_the_open_mode_too_and_any_other_is_nobodys() -> None:
    assert known_key(Headers({"authorization": "Bearer sf-ada"}), KEYS) is ADA
    assert known_key(Headers({"authorization": "Bearer sk-unused"}), KEYS) is None
    assert known_key(Headers({"authorization": "Bearer sf-ada"}), {}) is None
    assert known_key(Headers({}), KEYS) is None
