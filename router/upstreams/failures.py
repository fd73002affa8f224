"""Translates an upstream's failure into one of our errors."""

import os
import ssl
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from router.core.errors import NotReady, UpstreamError, UpstreamFailed, UpstreamRefused
from router.core.redact import redacted, secrets, spoken
from router.core.reply import parsed
from router.core.upstream import Reply, UpstreamSpec

KEPT_HEADERS = frozenset({"retry-after", "retry-after-ms", "x-should-retry", "x-request-id"})
KEPT_PREFIX = "x-ratelimit-"
WORDS_LIMIT = 2000
HEADER_LIMIT = 200


def why_unreachable(error: OSError) -> str:
    """Why no connection came about, in the system's words; a name that is not known has a number below zero.

    An error of TLS has a number of its own, which is not the system's.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); `ca` names a file of whom to trust"
    if isinstance(error, ssl.SSLError):
        return f"it does not speak TLS ({error.reason or 'no reason given'}); write http:// where it is meant to be so"
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or "no connection"


def kept_headers(headers: Mapping[str, str], secrets: Sequence[str] = ()) -> dict[str, str]:
    """The headers that SDKs act on, names in lower case, without `secrets`; cookies and the rest stay behind.

    A `retry-after` that is a date becomes the seconds from the answer's own `date` to it, so that no clock of ours is
    asked; without that it stays the date it is.
    """
    kept, sent = {}, ""
    for name, value in headers.items():
        lowered = name.lower()
        if lowered in KEPT_HEADERS or lowered.startswith(KEPT_PREFIX):
            kept[lowered] = spoken(secrets, value)
        elif lowered == "date":
            sent = value
    if not kept:
        return kept
    if sent and "retry-after" in kept:
        kept["retry-after"] = _in_seconds(kept["retry-after"], sent)
    return {name: value for name, value in kept.items() if sendable(name) and sendable(value)}


def _in_seconds(until: str, sent: str) -> str:
    """The seconds between two HTTP dates, 0 where the first is over; `until` itself where it is no date."""
    try:
        wait = parsedate_to_datetime(until) - parsedate_to_datetime(sent)
    except (TypeError, ValueError):  # no date, or one with a zone and one without
        return until
    return str(max(0, round(wait.total_seconds())))


def sendable(text: str) -> bool:
    """Whether `text` may be sent in a header of ours: short, plain, without control characters."""
    return len(text) <= HEADER_LIMIT and text.isascii() and text.isprintable()


def failure(spec: UpstreamSpec, reply: Reply) -> UpstreamError:
    """The error that a status other than 2xx stands for. `reply` may have any status here.

    A refusal carries the upstream's words in `message` and whole in `body`, because they go back to
    the client; what it says of our key (401, 403) and what a 5xx says does not, since it may hold
    secrets and prompts and ends in logs. A 5xx has no code of its own either: clients, headers and ledger are all told
    ours.
    """
    error, hidden = _error_object(reply.body), secrets(spec)
    words = _words(error)
    said: dict[str, Any] = {
        "upstream": spec.name,
        "upstream_status": reply.status,
        "body": redacted(spec, reply.body),
        "content_type": spoken(hidden, reply.content_type),
        "headers": kept_headers(reply.headers, hidden),
    }
    plain = f"upstream {spec.name!r} answered {reply.status}"
    if 400 <= reply.status < 500:
        message = (
            plain
            if reply.status in (401, 403)
            else f"{plain}: {redacted(spec, words.encode()).decode() or 'no reason given'}"
        )
        return UpstreamRefused(message, code=_code(spec, error), **said)
    if reply.status == 503 and "loading" in words.lower():
        return NotReady(f"{plain}: it is still loading its model, try again shortly", code="loading", **said)
    if 300 <= reply.status < 400:
        plain += ", a redirect, which is never followed; put the final address into its `url`"
    return UpstreamFailed(plain, **said)


def answer_in(spec: UpstreamSpec, reply: Reply, hidden: Sequence[str] = ()) -> Reply:
    """The reply with the answer in its 2xx body as `decoded`, and none of `hidden` in its headers.

    Raises UpstreamFailed where it is no JSON object, or an error in its place.

    A number that is none and half a character are mended, as in a stream: the answer is good, and paid for.
    """
    body = reply.body
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer, body = _mended(spec, reply)
    if not isinstance(answer, dict):
        raise _no_answer(spec, reply, f"answered {reply.status} with JSON that is not an object", "invalid_answer")
    if answer.get("error"):
        raise _no_answer(spec, reply, f"answered {reply.status} with an error inside", "in_band")
    return Reply(reply.status, body, reply.content_type, kept_headers(reply.headers, hidden), decoded=answer)


def _mended(spec: UpstreamSpec, reply: Reply) -> tuple[Any, bytes]:
    """The JSON that was meant, and its bytes. Raises UpstreamFailed where there is none."""
    answer = parsed(reply.body)
    try:
        if answer is not None:
            return answer, orjson.dumps(answer)
    except orjson.JSONEncodeError:
        pass  # nested too deep, or a number that nobody reads
    what = "nothing" if not reply.body.strip() else "something that is not JSON"
    raise _no_answer(spec, reply, f"answered {reply.status} with {what}", "invalid_answer")


def _no_answer(spec: UpstreamSpec, reply: Reply, what: str, code: str) -> UpstreamFailed:
    hidden = secrets(spec)
    error = UpstreamFailed(
        f"upstream {spec.name!r} {what}",
        upstream=spec.name,
        upstream_status=reply.status,
        body=redacted(spec, reply.body),
        content_type=spoken(hidden, reply.content_type),
        code=code,
        headers=kept_headers(reply.headers, hidden),
    )
    error.received = len(reply.body)
    return error


def _error_object(body: bytes) -> Mapping[str, Any]:
    """The error in one shape, whether it came as OpenAI's, Google's list, Ollama's string or vLLM's flat object."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(said, list) and said:
        said = said[0]
    if not isinstance(said, dict):
        return {}
    error = said.get("error", said)
    if isinstance(error, str):
        return {"message": error}
    return error if isinstance(error, dict) else {}


def _code(spec: UpstreamSpec, error: Mapping[str, Any]) -> str | None:
    """Its code, or its type where the code is a mere number (llama.cpp, vLLM); None when it names neither."""
    for value in (error.get("code"), error.get("type")):
        if isinstance(value, str) and 0 < len(value) <= 64 and value.isprintable():
            return redacted(spec, value.encode("utf-8", "replace")).decode()
    return None


def _words(error: Mapping[str, Any]) -> str:
    message = error.get("message", error.get("detail", ""))
    return message[:WORDS_LIMIT] if isinstance(message, str) else ""
