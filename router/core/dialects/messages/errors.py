"""Errors as Anthropic's SDKs raise them."""

from collections.abc import Mapping
from typing import Any

import orjson

from router.core.dialects.messages.events import event
from router.core.errors import RouterError, UpstreamRefused
from router.core.reply import NOT_JSON, error_of, parsed

TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def http_error(error: RouterError) -> tuple[int, str, bytes]:
    """Status, content type and body for `error`; an upstream's refusal keeps its status and its words."""
    if isinstance(error, UpstreamRefused) and not error.about_our_key and _is_anthropics(error.body):
        return status_of(error), "application/json", error.body
    return status_of(error), "application/json", error_body(error)


def status_of(error: RouterError) -> int:
    """The status a client sees: an upstream's own refusal as it was, but 502 where it refused our key."""
    if isinstance(error, UpstreamRefused):
        return 502 if error.about_our_key else error.upstream_status or 400
    return error.status


def error_body(error: RouterError) -> bytes:
    """Anthropic's error object."""
    return orjson.dumps({"type": "error", "error": _inner(error)})


def error_event(error: RouterError) -> bytes:
    """The same in a stream that has begun: SDKs raise on it, and no `message_stop` follows."""
    return event("error", error=_inner(error))


def _is_anthropics(body: bytes) -> bool:
    """Whether a refusal came in Anthropic's own shape, and goes back as it came."""
    said = parsed(body) if body else None
    return isinstance(said, dict) and said.get("type") == "error" and isinstance(said.get("error"), dict)


def _inner(error: RouterError) -> dict[str, Any]:
    status = status_of(error)
    kind = TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    return {"type": kind, "message": _message(error)}


def _message(error: RouterError) -> str:
    if not isinstance(error, UpstreamRefused):
        return error.message
    if error.about_our_key:
        return f"The upstream {error.upstream!r} rejected this proxy's own credentials. Tell the operator."
    said = error_of(parsed(error.body)) if error.body else None
    words = (said or {}).get("message")
    return words if isinstance(words, str) and (said or {}).get("code") != NOT_JSON else error.message
