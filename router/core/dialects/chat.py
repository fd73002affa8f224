"""OpenAI's chat completions: bytes in to a `ChatRequest`, an error out to its body."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson
from msgspec import Struct

from router.core.dialects.body import body_in
from router.core.dialects.dialect import Original
from router.core.dialects.reading import model_in
from router.core.errors import BadRequest, RouterError, UpstreamError, UpstreamRefused
from router.core.reply import parsed
from router.core.splice import splice

MAX_MESSAGES = 10_000
MAX_TOOLS = 512
MAX_CHOICES = 128  # as OpenAI has it: each is paid for
MAX_WORDS = 2000
JSON_NAMES: Mapping[type, str] = {bool: "a boolean", dict: "an object"}
# What servers of other houses call it when a prompt does not fit, and what clients look for.
OVERFLOWS: Mapping[str, str] = {"exceed_context_size_error": "context_length_exceeded"}


class ChatRequest(Struct, frozen=True):
    """A chat body as it came, with the few things the router itself reads.

    `raw` is what leaves again, so what we do not know rides along untouched. `wants_usage` says
    whether the client asked for the usage chunk; upstream it is always asked for. `original` is set
    where the client spoke another dialect: then this is the chat that its request amounts to. `token` is
    the client's own, read where an upstream is asked with it; it never appears in a repr.
    """

    raw: bytes
    body: Mapping[str, Any]
    model: str
    stream: bool
    wants_usage: bool
    max_tokens: int | None
    original: Original | None = None
    token: str = ""

    def __repr__(self) -> str:
        return f"ChatRequest({self.model!r}, {len(self.raw)} bytes)"

    @property
    def most_tokens(self) -> int | None:
        """The most that all answers together may have; None where the client set no limit."""
        asked = self.body.get("n")
        return None if self.max_tokens is None else self.max_tokens * (asked if type(asked) is int and asked > 1 else 1)

    def encoded(self, model: str, more: Mapping[str, bytes | None] = MappingProxyType({})) -> bytes:
        """The bytes for an upstream that knows the model as `model`: named keys replaced in place.

        `more` are further keys with their bytes, None to leave one out.
        """
        changes: dict[str, bytes | None] = {"model": orjson.dumps(model)}
        if self.stream and not self.wants_usage:
            options = {**(self.body.get("stream_options") or {}), "include_usage": True}
            changes["stream_options"] = orjson.dumps(options)
        if more:
            changes |= more
        return splice(self.raw, changes, self.body)


def parse(raw: bytes) -> ChatRequest:
    """The request in `raw`. Raises BadRequest naming the parameter; checks only what we read."""
    body = body_in(raw)
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object with `model` and `messages`.", code="invalid_json")
    model = model_in(body)
    _check_messages(body.get("messages"))
    _check_tools(body.get("tools"))
    _check_choices(body.get("n"))
    options = _optional(body, "stream_options", dict)
    return ChatRequest(
        raw=raw,
        body=body,
        model=model,
        stream=bool(_optional(body, "stream", bool)),
        wants_usage=bool((options or {}).get("include_usage")),
        max_tokens=max_tokens_of(body),
    )


def chat_of(original: Original) -> ChatRequest:
    """The chat that a request of another dialect amounts to.

    Raises BadRequest for what is nested too deep, and for too many answers.
    """
    request = original.request
    _check_choices(request.chat.get("n"))
    try:
        raw = orjson.dumps(request.chat)
    except orjson.JSONEncodeError:
        raise BadRequest("The body is nested too deep. Send fewer levels.", code="invalid_value") from None
    return ChatRequest(
        raw=raw,
        body=request.chat,
        model=request.model,
        stream=request.stream,
        wants_usage=request.wants_usage,
        max_tokens=request.max_tokens,
        original=original,
    )


def error_body(error: RouterError) -> bytes:
    """OpenAI's error object: message, type, param, code."""
    return orjson.dumps(
        {"error": {"message": error.message, "type": error.type, "param": error.param, "code": error.code}}
    )


def error_event(error: RouterError) -> bytes:
    """The same, in a stream that has begun: SDKs raise on it, and no [DONE] follows."""
    return b"data: " + error_body(error) + b"\n\n"


def midway(error: UpstreamError) -> RouterError:
    """The error that ends a stream which had begun: what the upstream itself said inside it, else our words."""
    said = orjson.loads(error.body) if error.code == "in_band" and error.body else {}
    words, code = said.get("message"), said.get("code")
    if not isinstance(words, str) or not words:
        return error
    return RouterError(words[:MAX_WORDS], code=code if isinstance(code, str) else "in_band")


def http_error(error: RouterError) -> tuple[int, str, bytes]:
    """Status, content type and body for `error`; an upstream's refusal goes back as it came."""
    if isinstance(error, UpstreamRefused):
        if error.about_our_key:
            return 502, "application/json", error_body(_our_key_refused(error))
        return error.upstream_status or 400, "application/json", refusal_body(error)
    return error.status, "application/json", error_body(error)


def refusal_body(error: UpstreamRefused) -> bytes:
    """An upstream's refusal as it came where that is OpenAI's error object, else the same said in one.

    Servers send codes that are numbers, leave fields out, or answer with a page; clients branch on
    `code` and demand a string. What else stands in the object stays.
    """
    said = parsed(error.body) if error.body else None
    inner = said.get("error") if isinstance(said, dict) else None
    fields = inner if isinstance(inner, dict) else {}
    if isinstance(fields.get("message"), str) and all(name in fields for name in ("type", "param", "code")):
        texts = (fields["type"], fields["param"], fields["code"])
        if all(value is None or isinstance(value, str) for value in texts):
            return error.body
    code = OVERFLOWS.get(error.code or "", error.code)
    kind = fields.get("type") if isinstance(fields.get("type"), str) else error.type
    words = fields.get("message") if isinstance(fields.get("message"), str) else error.message
    param = fields.get("param") if isinstance(fields.get("param"), str) else error.param
    return orjson.dumps({"error": {**fields, "message": words, "type": kind, "param": param, "code": code}})


def _our_key_refused(error: UpstreamRefused) -> RouterError:
    return RouterError(
        f"The upstream {error.upstream!r} rejected this proxy's own credentials. Your key is fine; tell the operator.",
        code="upstream_auth",
    )


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise BadRequest(
            "`messages` must be a non-empty list of messages.", param="messages", code="missing_required_parameter"
        )
    if len(messages) > MAX_MESSAGES:
        raise BadRequest(
            f"`messages` may have at most {MAX_MESSAGES} entries.", param="messages", code="array_above_max_length"
        )
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            place = f"messages[{index}]"
            raise BadRequest(f"`{place}` must be an object with a `role`.", param=place, code="invalid_type")


def _check_tools(tools: Any) -> None:
    if tools is None:
        return
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        raise BadRequest("`tools` must be a list of objects.", param="tools", code="invalid_type")
    if len(tools) > MAX_TOOLS:
        raise BadRequest(f"`tools` may have at most {MAX_TOOLS} entries.", param="tools", code="array_above_max_length")


def _check_choices(n: object) -> None:
    if type(n) is int and n > MAX_CHOICES:
        raise BadRequest(f"`n` may be at most {MAX_CHOICES}.", param="n", code="integer_above_max_value")


def _optional(body: Mapping[str, Any], name: str, kind: type) -> Any:
    value = body.get(name)
    if value is not None and not isinstance(value, kind):
        raise BadRequest(f"`{name}` must be {JSON_NAMES[kind]}.", param=name, code="invalid_type")
    return value


def max_tokens_of(body: Mapping[str, Any]) -> int | None:
    """The limit that a chat body sets for its answer, None where it sets none. Raises BadRequest for no such number."""
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise BadRequest(f"`{name}` must be a non-negative integer.", param=name, code="invalid_type")
        return value
    return None
