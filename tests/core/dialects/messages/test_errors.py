"""Errors in the shape that Anthropic's SDKs raise."""

import orjson
import pytest

from router.core.dialects.messages.errors import http_error
from router.core.dialects.messages.messages import Messages
from router.core.errors import (
    BadRequest,
    Forbidden,
    NotReady,
    RouterError,
    TooLarge,
    Unauthenticated,
    UnknownModel,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamTimeout,
)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (BadRequest("x"), "invalid_request_error"),
        (Unauthenticated("x"), "authentication_error"),
        (Forbidden("x"), "permission_error"),
        (UnknownModel("x"), "not_found_error"),
        (TooLarge("x"), "request_too_large"),
        (UpstreamFailed("x", upstream="u"), "api_error"),
        (UpstreamTimeout("x", upstream="u"), "timeout_error"),
        (NotReady("x", upstream="u"), "overloaded_error"),
        (RouterError("x"), "api_error"),
    ],
)
def test_every_error_has_its_type_and_status(error: RouterError, kind: str) -> None:
    status, _, body = http_error(error)
    assert status == error.status
    assert orjson.loads(body) == {"type": "error", "error": {"type": kind, "message": "x"}}


def test_an_upstreams_refusal_keeps_its_status_and_its_words() -> None:
    said = orjson.dumps({"error": {"message": "too long", "code": "context_length_exceeded"}})
    status, _, body = http_error(UpstreamRefused("x", upstream="u", upstream_status=400, body=said))
    assert (status, orjson.loads(body)["error"]["message"]) == (400, "too long")


@pytest.mark.parametrize("said", [b"", b"<html>"])
def test_a_refusal_without_words_has_ours(said: bytes) -> None:
    _, _, body = http_error(UpstreamRefused("ours", upstream="u", upstream_status=422, body=said))
    assert orjson.loads(body)["error"] == {"type": "invalid_request_error", "message": "ours"}


def test_our_own_key_refused_is_not_the_clients_fault() -> None:
    status, _, body = http_error(UpstreamRefused("x", upstream="u", upstream_status=401, body=b'{"error":"k"}'))
    assert (status, orjson.loads(body)["error"]["type"]) == (502, "api_error")
    assert "operator" in orjson.loads(body)["error"]["message"]


def test_in_a_stream_an_error_is_an_event_of_its_own() -> None:
    assert Messages().error_event(BadRequest("x")) == (
        b'event: error\ndata: {"type":"error","error":{"type":"invalid_request_error","message":"x"}}\n\n'
    )


def test_a_refusal_in_anthropics_own_words_goes_back_as_it_came() -> None:
    body = b'{"type":"error","error":{"type":"invalid_request_error","message":"no"},"request_id":"req_1"}'
    error = UpstreamRefused("no", upstream="claude", upstream_status=400, body=body)
    assert http_error(error) == (400, "application/json", body)
