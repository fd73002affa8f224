"""What httpx and litellm raise, as errors of ours."""

import httpx
import pytest

from router.core.errors import UpstreamFailed, UpstreamRefused, UpstreamTimeout
from router.core.fallback import name_of
from router.core.upstream import UpstreamSpec
from router.upstreams.litellm.failure import translated

pytestmark = pytest.mark.without_litellm

SPEC = UpstreamSpec("big", "litellm", "gemini/m", key="sk-secret")
REQUEST = httpx.Request("POST", "https://secret.example/v1")


def raised(status: int, body: object, headers: dict[str, str] | None = None) -> Exception:
    """What litellm raises after a provider answered: its own error, from httpx's."""
    response = httpx.Response(status, json=body, headers=headers, request=REQUEST)
    error = ValueError("litellm.BadRequestError: GeminiException - sorry")
    error.__cause__ = httpx.HTTPStatusError("masked", request=REQUEST, response=response)
    return error


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}, "RESOURCE_EXHAUSTED"),
        ([{"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}], "RESOURCE_EXHAUSTED"),
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}, "rate_limit_error"),
        ({"object": "error", "message": "slow down", "type": "x", "code": "1300"}, "1300"),
        ({"message": "slow down"}, "rate_limit_error"),
    ],
)
def test_a_providers_own_words_status_and_retry_headers_are_kept(body: object, code: str) -> None:
    error = translated(SPEC, raised(429, body, {"retry-after": "7", "set-cookie": "a=b"}))
    assert isinstance(error, UpstreamRefused)
    assert (error.upstream_status, error.code, dict(error.headers)) == (429, code, {"retry-after": "7"})
    assert "slow down" in error.message
    assert b'"message":"slow down"' in error.body


@pytest.mark.parametrize(
    "words",
    [
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "Input is too long for requested model.",
    ],
)
def test_a_prompt_too_long_is_known_in_every_providers_words(words: str) -> None:
    error = translated(SPEC, raised(400, {"error": {"message": words}}))
    assert (error.code, name_of(error)) == ("context_length_exceeded", "context_overflow")


def test_no_key_is_repeated() -> None:
    error = translated(SPEC, raised(401, {"error": {"message": "bad key sk-secret"}}))
    assert b"sk-secret" not in error.body
    assert "sk-secret" not in error.message


@pytest.mark.parametrize(
    ("cause", "kind", "code"),
    [
        (httpx.ConnectError("refused"), UpstreamFailed, "unreachable"),
        (httpx.ConnectTimeout("late"), UpstreamTimeout, "timeout_connect"),
        (httpx.ReadTimeout("late"), UpstreamTimeout, "timeout_total"),
        (httpx.RemoteProtocolError("cut"), UpstreamFailed, "answer_interrupted"),
        (KeyError("candidates"), UpstreamFailed, "invalid_answer"),
    ],
)
def test_a_wire_that_broke_is_told_from_an_answer_that_is_none(cause: Exception, kind: type, code: str) -> None:
    error = RuntimeError("litellm.APIConnectionError: https://secret.example")
    error.__cause__ = cause
    found = translated(SPEC, error)
    assert (type(found), found.code) == (kind, code)
    assert "secret" not in found.message


def test_what_litellm_itself_refuses_is_a_refusal_in_plain_words() -> None:
    class UnsupportedParamsError(ValueError):
        status_code = 400

    error = translated(SPEC, UnsupportedParamsError("litellm.UnsupportedParamsError: gemini does not support n"))
    assert (error.code, error.upstream_status) == ("unsupported_parameter", 400)
    assert error.message == "upstream 'big' answered 400: gemini does not support n"
