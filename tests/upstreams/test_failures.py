"""What servers say when they fail, in each of their shapes."""

import errno
import json
import socket
from dataclasses import replace
from typing import Any

import pytest

from router.core.errors import UpstreamFailed, UpstreamRefused
from router.core.fallback import name_of
from router.core.upstream import Reply, UpstreamSpec
from router.upstreams.failures import answer_in, failure, kept_headers, why_unreachable

SPEC = UpstreamSpec("small", "openai", "m", key="sk-canary")


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ({"error": {"message": "m", "type": "t", "code": "c"}}, "c", "m"),
        (
            {"error": {"code": 400, "message": "m", "type": "exceed_context_size_error"}},
            "exceed_context_size_error",
            "m",
        ),
        ({"error": "model 'x' not found"}, "upstream_error", "model 'x' not found"),
        ({"object": "error", "message": "m", "type": "BadRequestError", "code": 400}, "BadRequestError", "m"),
        ([{"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT"}}], "upstream_error", "m"),
        ({"detail": "Not Found"}, "upstream_error", "Not Found"),
        ({"detail": [{"loc": ["body"]}]}, "upstream_error", "no reason given"),
        ({"error": {"message": None, "code": "x" * 65}}, "upstream_error", "no reason given"),
        ({"error": 7}, "upstream_error", "no reason given"),
        ([], "upstream_error", "no reason given"),
        (3, "upstream_error", "no reason given"),
    ],
)
def test_code_and_words_are_found_whatever_the_shape(said: Any, code: str, words: str) -> None:
    error = failure(SPEC, Reply(400, json.dumps(said).encode()))
    assert isinstance(error, UpstreamRefused)
    assert error.code == code
    assert words in error.message


def test_a_page_is_a_refusal_without_words() -> None:
    error = failure(SPEC, Reply(404, b"<h1>Not Found</h1>", "text/html"))
    assert (error.body, error.content_type) == (b"<h1>Not Found</h1>", "text/html")


@pytest.mark.parametrize("status", [302, 400, 401, 429, 500, 503])
def test_our_key_is_in_no_message_and_no_body(status: int) -> None:
    error = failure(SPEC, Reply(status, b'{"error": {"message": "sk-canary is loading"}}'))
    assert "sk-canary" not in error.message + error.body.decode() + repr(error)


def test_our_key_is_in_no_header_and_in_no_code() -> None:
    said = b'{"error": {"message": "m", "code": "c-sk\\u002dcanary"}}'
    error = failure(SPEC, Reply(400, said, "text/plain; sk-canary", {"X-RateLimit-A": "for sk-canary"}))
    assert (error.code, error.content_type) == ("c-[key]", "text/plain; [key]")
    assert error.headers == {"x-ratelimit-a": "for [key]"}


@pytest.mark.parametrize("status", [302, 500, 502, 503, 529])
@pytest.mark.parametrize("code", ["server_error", "context_length_exceeded", "insufficient_quota", None])
def test_what_broke_is_called_by_the_word_that_header_and_ledger_have(status: int, code: str | None) -> None:
    said = {"error": {"message": "m", "type": "server_error", "code": code}}
    error = failure(SPEC, Reply(status, json.dumps(said).encode()))
    assert error.code == name_of(error) == "upstream_failed"


@pytest.mark.parametrize("status", [401, 500, 503])
def test_words_that_may_hold_a_prompt_stay_out_of_what_is_logged(status: int) -> None:
    assert "my card" not in failure(SPEC, Reply(status, b'{"error": {"message": "my card is loading"}}')).message


def test_an_error_that_is_null_is_none() -> None:
    reply = Reply(200, b'{"error": null, "choices": []}')
    answer = answer_in(SPEC, reply)
    assert (answer.status, answer.body) == (200, reply.body)
    assert answer.decoded == {"error": None, "choices": []}


def test_an_answer_is_mended_where_it_can_be_read_and_its_bytes_are_json_again() -> None:
    mended = answer_in(SPEC, Reply(200, b'{"a": NaN, "b": "\xff", "c": "\\udfff"}'))
    assert mended.body.decode() == '{"a":null,"b":"�","c":"?"}'


@pytest.mark.parametrize(
    "body", [b"", b"abc", b"NaN", b"[1]", b'{"a": NaN', b'{"n": NaN, "big": 1' + b"0" * 400 + b"}"]
)
def test_what_cannot_be_read_says_how_much_of_it_came(body: bytes) -> None:
    with pytest.raises(UpstreamFailed, match=r"JSON|nothing") as caught:
        answer_in(SPEC, Reply(200, body))
    assert (caught.value.code, caught.value.received) == ("invalid_answer", len(body))


def test_only_the_headers_that_clients_act_on_are_kept() -> None:
    came = {"Retry-After": "1", "X-RateLimit-Reset-Tokens": "6s", "Set-Cookie": "a", "Server": "x"}
    assert kept_headers(came) == {"retry-after": "1", "x-ratelimit-reset-tokens": "6s"}


@pytest.mark.parametrize("value", ["\xff", "中文", "a\x1b[2J", "x" * 5000, "a\r\nset-cookie: b"])
def test_a_header_that_could_steer_or_swell_a_reply_is_left_behind(value: str) -> None:
    assert kept_headers({"retry-after": value}) == {}


def test_a_secret_is_neither_in_the_code_nor_wherever_a_header_holds_it() -> None:
    spec = replace(SPEC, headers={"api-key": "azure-canary", "x-team": "search"})
    said = {"error": {"message": "search: bad azure-canary", "code": "bad sk-canary"}}
    wrong = failure(spec, Reply(400, json.dumps(said).encode(), "application/json", {}))
    assert "canary" not in f"{wrong.code} {wrong.body!r} {wrong.message}"
    assert wrong.message.endswith("search: bad [key]")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)"), "Connection refused"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (OSError(), "no connection"),
    ],
)
def test_why_no_connection_came_about_is_in_the_systems_words(error: OSError, why: str) -> None:
    assert why_unreachable(error) == why


@pytest.mark.parametrize(
    ("sent", "until", "seconds"),
    [
        ("Thu, 01 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 2026 12:00:30 GMT", "30"),
        ("Thu, 01 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 2026 11:00:00 GMT", "0"),
        ("Thu, 01 Jan 2026 12:00:00 GMT", "7", "7"),
        ("", "Thu, 01 Jan 2026 12:00:30 GMT", "Thu, 01 Jan 2026 12:00:30 GMT"),
        ("yesterday", "Thu, 01 Jan 2026 12:00:30 GMT", "Thu, 01 Jan 2026 12:00:30 GMT"),
    ],
)
def test_a_date_to_come_back_at_is_counted_from_the_answers_own_date(sent: str, until: str, seconds: str) -> None:
    assert kept_headers({"Date": sent, "Retry-After": until}) == {"retry-after": seconds}
