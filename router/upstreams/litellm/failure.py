"""What litellm raised, translated once: the provider's own status, words and headers where it sent any."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import orjson

from router.core.errors import UpstreamError, UpstreamFailed
from router.core.upstream import Reply, UpstreamSpec
from router.upstreams.failures import failure
from router.upstreams.wire import late

# litellm is many adapters: where an answer is no answer they raise what Python happened to.
RAISED = (httpx.HTTPError, httpx.StreamError, OSError, ArithmeticError, LookupError, ValueError, TypeError,
          AttributeError, RuntimeError)  # fmt: skip
CODES: Mapping[str, str] = {
    "ContextWindowExceededError": "context_length_exceeded",
    "ContentPolicyViolationError": "content_policy_violation",
    "UnsupportedParamsError": "unsupported_parameter",
}
TYPES: Mapping[int, str] = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
LINK_LIMIT = 12
_OVERFLOW = re.compile(r"prompt is too long|input token count.*exceeds|input is too long", re.IGNORECASE)
_PREFIX = re.compile(r"^(?:[\w.]*(?:Error|Exception)(?: \w+Error)?\s*[:-]\s*)+")


def translated(spec: UpstreamSpec, error: Exception) -> UpstreamError:
    """Our error for `error`, which litellm raised; without connection details and without a key."""
    links = tuple(_links(error))
    answered = next((link for link in links if isinstance(link, httpx.HTTPStatusError)), None)
    if answered is not None:
        return failure(spec, _said(spec, error, answered))
    for link in links:
        if isinstance(link, httpx.ConnectTimeout):
            return late(spec, "connect")
        if isinstance(link, httpx.TimeoutException):
            return late(spec, "total")
        if isinstance(link, httpx.ConnectError):
            return _failed(spec, "cannot be reached; is its address right?", "unreachable")
        if isinstance(link, httpx.NetworkError | httpx.RemoteProtocolError):
            return _failed(spec, "broke off inside its answer", "answer_interrupted")
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and 400 <= status < 500:
        return failure(spec, Reply(status, _shape(status, {"message": _plain(str(error))}, _code(error, ""))))
    return _failed(spec, "sent what litellm could not read", "invalid_answer")


def interrupted(spec: UpstreamSpec) -> UpstreamFailed:
    """A stream that ended before its answer did."""
    return UpstreamFailed(
        f"the stream of upstream {spec.name!r} broke off before its end",
        upstream=spec.name,
        upstream_status=200,
        code="stream_interrupted",
    )


def no_answer(spec: UpstreamSpec) -> UpstreamFailed:
    """A 200 without an answer in it."""
    return _failed(spec, "answered with no choices", "invalid_answer", 200)


def _said(spec: UpstreamSpec, error: Exception, answered: httpx.HTTPStatusError) -> Reply:
    """What the provider said, in OpenAI's shape, so that the client's SDK can read it."""
    response = answered.response
    try:
        body = response.content
    except httpx.ResponseNotRead:
        body = str(getattr(error, "message", "")).partition("{")[2].join(["{", ""]).rstrip("'").encode()
    said = _error_in(body)
    words = str(said.get("message") or _plain(str(getattr(error, "message", error))))
    # Google says 400 for a key it does not know; litellm knows better.
    status = 401 if type(error).__name__ == "AuthenticationError" else response.status_code
    code = _code(error, words) or _word(said.get("code")) or _word(said.get("status"))
    return Reply(status, _shape(status, {**said, "message": words}, code), headers=dict(response.headers))


def _shape(status: int, said: Mapping[str, Any], code: str | None) -> bytes:
    otherwise = TYPES.get(status, "invalid_request_error" if status < 500 else "api_error")
    kind = _word(said.get("type")) or (otherwise if status >= 400 else "upstream_failed")
    return orjson.dumps({"error": {"message": said["message"], "type": kind, "param": None, "code": code}})


def _code(error: Exception, words: str) -> str | None:
    """Our word for what litellm recognised, or for a prompt that is too long in the provider's own words."""
    raised = type(getattr(error, "original_exception", None) or error).__name__
    return CODES.get(raised) or ("context_length_exceeded" if _OVERFLOW.search(words) else None)


def _error_in(body: bytes) -> Mapping[str, Any]:
    """The error object of a provider's body: Google's (also in a list), Mistral's, Anthropic's or OpenAI's."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    said = said[0] if isinstance(said, list) and said else said
    if not isinstance(said, dict):
        return {}
    error = said.get("error", said)
    return error if isinstance(error, dict) else {"message": str(error)}


def _plain(text: str) -> str:
    """litellm's sentence without the class names it begins with."""
    return _PREFIX.sub("", text).strip()[:2000]


def _word(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 64 else None


def _links(error: BaseException) -> Iterator[BaseException]:
    """`error`, and what it was raised from."""
    link: BaseException | None = error
    for _ in range(LINK_LIMIT):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def _failed(spec: UpstreamSpec, what: str, code: str, status: int | None = None) -> UpstreamFailed:
    return UpstreamFailed(f"upstream {spec.name!r} {what}", upstream=spec.name, upstream_status=status, code=code)
