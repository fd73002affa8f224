"""What a refusal teaches of a target: a field it does not take, or its own name for the limit."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from router.core.capabilities import FIELDS
from router.core.dialects.chat import ChatRequest
from router.core.errors import UpstreamError, UpstreamRefused
from router.core.fallback import unsupported
from router.core.families import STRANGER
from router.core.reply import parsed
from router.core.sanitise.target import LIMITS, Target, digest_of

# Without these it would be another request: what demands a capability, and what a chat is.
NEEDED = FIELDS | {"model", "messages", "stream", "tool_choice", "function_call", "audio"}
# What a body of another dialect can do without, where a server of that dialect refuses it.
SPARED: Mapping[str, frozenset[str]] = {
    "messages": frozenset(
        "metadata service_tier temperature top_p top_k cache_control context_management inference_geo speed".split()
    ),
    "responses": frozenset(
        "metadata user safety_identifier prompt_cache_key prompt_cache_options prompt_cache_retention service_tier "
        "temperature top_p stream_options".split()
    ),
    "completions": frozenset(
        "user seed logit_bias best_of stream_options temperature top_p frequency_penalty presence_penalty".split()
    ),
}
_NAME = r"([a-z][a-z0-9_]{1,63})"
_NAMED = re.compile(rf"(?:parameter|argument|field|input|value)s?(?: supplied)?:? ?[`'\"]?{_NAME}|[`'\"]{_NAME}[`'\"]")
_EXTRA = re.compile(rf"\s*{_NAME}: extra inputs are not permitted", re.IGNORECASE)  # Anthropic's
_FIELD = re.compile(
    r"(?:unsupported|unrecognized|unknown|extra) (?:parameter|argument|field|input|request)", re.IGNORECASE
)
# With these a server may refuse what it takes without them: a temperature beside an effort of reasoning.
MODES = frozenset("reasoning reasoning_effort thinking modalities web_search_options".split())
FIELD_CODES = ("unsupported_parameter", "unknown_parameter")
WORDS = 2000


@dataclass(frozen=True, slots=True)
class Lesson:
    """`rejects`: a field to leave out. `value`: only with this value, as `digest_of` has it; what one client wrote is
    no reason to change what another one writes. `limit`: the name that the target has for the most tokens of an answer.
    `lasting`: it may be heeded for other requests too; else the refusal may be about what else this one asked for.
    """

    rejects: str = ""
    limit: str = ""
    value: bytes | None = None
    lasting: bool = True

    def applied(self, target: Target | None) -> Target:
        """The target as the lesson corrects it."""
        known = target or STRANGER
        if self.value is not None:
            values = known.refused.get(self.rejects, frozenset()) | {self.value}
            return replace(known, refused={**known.refused, self.rejects: values})
        rejects = known.rejects | {self.rejects} if self.rejects else known.rejects
        return replace(known, rejects=rejects, limit=self.limit or known.limit)

    @property
    def note(self) -> str:
        """What was learnt, in words for the ledger."""
        if self.value is not None:
            return f"a value of {self.rejects} refused"
        return f"{self.rejects or LIMITS[1 - LIMITS.index(self.limit)]} refused"


def lesson_in(error: UpstreamError, body: Mapping[str, Any]) -> Lesson | None:
    """What `error` teaches about a request with this `body`; None for any other refusal.

    Only a field of the request that it can do without is ever left out; and only this value of it, where the refusal
    does not say that the field itself is unknown.
    """
    if not isinstance(error, UpstreamRefused):
        return None
    name, words, whole = _forbidden(error), "", True
    if not name:
        if not unsupported(error):
            return None
        name, words = _named(error)
        whole = _whole(error, words)
    if name in LIMITS:
        other = LIMITS[1 - LIMITS.index(name)]
        return Lesson(limit=other) if name in body and other in words else None
    if not name or name in NEEDED or (name not in body and not (name == "stream_options" and body.get("stream"))):
        return None
    return _lesson(name, body, whole=whole or name not in body)


def lesson_of(error: UpstreamError, request: ChatRequest, dialect: str) -> Lesson | None:
    """The same about a request that went out as a chat, or in the other `dialect` that its client spoke."""
    if not dialect or request.original is None:
        return lesson_in(error, request.body)
    return native_lesson_in(error, dialect, request.original.request.body)


def native_lesson_in(error: UpstreamError, dialect: str, body: Mapping[str, Any]) -> Lesson | None:
    """The same about a body of another dialect than chat, which a server of that dialect got as it came."""
    if not isinstance(error, UpstreamRefused) or not unsupported(error):
        return None
    name, words = _named(error)
    if name not in body or name not in SPARED.get(dialect, ()):
        return None
    return _lesson(name, body, whole=_whole(error, words))


def _lesson(name: str, body: Mapping[str, Any], *, whole: bool) -> Lesson:
    lasting = MODES.isdisjoint(body.keys() - {name})
    return Lesson(rejects=name, value=None if whole else digest_of(body[name]), lasting=lasting)


def _whole(error: UpstreamRefused, words: str) -> bool:
    """Whether the field is refused whatever its value: only where the refusal says so."""
    return error.code in FIELD_CODES or (error.code != "unsupported_value" and bool(_FIELD.search(words)))


def _forbidden(error: UpstreamRefused) -> str:
    """The field that a server built on pydantic calls `extra_forbidden` (Mistral, vLLM); "" where it names none."""
    said = parsed(error.body) if error.upstream_status in (400, 422) and error.body else None
    detail = said.get("detail") if isinstance(said, dict) else None
    first = detail[0] if isinstance(detail, list) and detail and isinstance(detail[0], dict) else {}
    place = first.get("loc")
    if first.get("type") != "extra_forbidden" or not isinstance(place, list) or len(place) != 2:
        return ""
    return str(place[1])


def _named(error: UpstreamRefused) -> tuple[str, str]:
    """The field that is refused, "" where none is named, and the words of the refusal."""
    said = parsed(error.body) if error.body else None
    inner = said.get("error", said) if isinstance(said, dict) else {}
    inner = inner if isinstance(inner, dict) else {"message": inner}
    words = str(inner.get("message") or "")[:WORDS]
    param = inner.get("param")
    if isinstance(param, str) and param:
        return param, words
    match = _EXTRA.match(words) or _NAMED.search(words)
    return (next(filter(None, match.groups())), words) if match else ("", words)
