"""A Messages request as a chat completion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from router.core.dialects.body import body_in
from router.core.dialects.dialect import Translated
from router.core.dialects.messages.checks import mapping, sequence, text, unsupported
from router.core.dialects.messages.effort import effort_of
from router.core.dialects.messages.tools import chat_tools
from router.core.dialects.messages.turns import chat_messages
from router.core.dialects.reading import model_in
from router.core.errors import BadRequest

SAME = ("temperature", "top_p", "top_k", "thinking", "cache_control")
SAID_OTHERWISE = frozenset(
    "model messages system max_tokens stop_sequences stream metadata tools tool_choice output_config output_format "
    "service_tier".split()
)
STRIPPED = frozenset("context_management diagnostics speed user_profile_id workspace_id betas".split())
REFUSED: Mapping[str, str] = {
    "container": "Leave it out, or name an Anthropic model.",
    "mcp_servers": "Offer the servers' tools as tools of your own.",
    "inference_geo": "It is a promise that only Anthropic can keep; leave it out or name an Anthropic model.",
}
CHAT_ONLY = frozenset(
    "n logprobs top_logprobs modalities audio stop stream_options response_format reasoning_effort user functions "
    "function_call parallel_tool_calls max_completion_tokens prediction web_search_options store".split()
)
TIERS: Mapping[str, str] = {"auto": "auto", "standard_only": "default"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What must be known of a Messages body that goes to an Anthropic upstream as received."""

    raw: bytes
    body: Mapping[str, Any]
    model: str
    stream: bool
    max_tokens: int

    def translated(self, chat: Mapping[str, Any], stripped: Sequence[str]) -> Translated:
        """The request with its `chat` body, and the names of what that leaves out."""
        return Translated(
            raw=self.raw,
            body=self.body,
            chat=chat,
            model=self.model,
            stream=self.stream,
            wants_usage=True,  # every stream of Messages tells its usage
            max_tokens=self.max_tokens,
            stripped=tuple(stripped),
        )


def envelope(raw: bytes) -> Envelope:
    """The request in `raw`, looked at only where the router must. Raises BadRequest naming the place."""
    body = read(raw)
    limit = body.get("max_tokens")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise BadRequest(
            "`max_tokens` must be a whole number, for example 1024.", param="max_tokens", code="invalid_type"
        )
    sequence(body.get("messages"), "messages")
    return Envelope(raw, body, body["model"], bool(body.get("stream")), limit)


def read(raw: bytes) -> Mapping[str, Any]:
    """The JSON object in `raw`, with a model and a stream flag that can be trusted."""
    body = body_in(raw)
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object with `model` and `messages`.", code="invalid_json")
    model_in(body)
    if not isinstance(body.get("stream"), bool | None):
        raise BadRequest("`stream` must be true or false.", param="stream", code="invalid_type")
    return body


def parse(raw: bytes) -> Translated:
    """The request and the chat body it means. Raises BadRequest naming the place."""
    request = envelope(raw)
    return request.translated(*chat_of(request.body))


def chat_of(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The chat body for a Messages body, and the names of what was left out."""
    for name, remedy in REFUSED.items():
        if body.get(name):
            raise unsupported(name, remedy)
    chat: dict[str, Any] = {"model": body.get("model"), "messages": chat_messages(body)}
    if body.get("max_tokens") is not None:
        chat["max_tokens"] = body["max_tokens"]
    tools, stripped = chat_tools(body)
    chat |= tools
    chat |= {name: body[name] for name in SAME if body.get(name) is not None}
    chat |= _renamed(body, stripped)
    if body.get("stream"):
        chat |= {"stream": True, "stream_options": {"include_usage": True}}
    stripped += [name for name in body if name in STRIPPED | CHAT_ONLY and body[name] is not None]
    left = body.keys() - SAID_OTHERWISE - STRIPPED - CHAT_ONLY - REFUSED.keys() - set(SAME)
    return chat | {name: body[name] for name in body if name in left}, stripped


def _renamed(body: Mapping[str, Any], stripped: list[str]) -> dict[str, Any]:
    """The fields that chat calls by another name: stops, the user, the tier, the effort and the format."""
    chat: dict[str, Any] = {}
    if body.get("stop_sequences"):
        stops = sequence(body["stop_sequences"], "stop_sequences")
        chat["stop"] = [text(stop, f"stop_sequences[{index}]") for index, stop in enumerate(stops)]
    metadata = mapping(body.get("metadata") or {}, "metadata")
    if metadata.get("user_id") is not None:
        chat["user"] = text(metadata["user_id"], "metadata.user_id")
    stripped += [f"metadata.{name}" for name in metadata if name != "user_id"]
    tier = body.get("service_tier")
    if isinstance(tier, str) and tier in TIERS:
        chat["service_tier"] = TIERS[tier]
    elif tier is not None:
        stripped.append("service_tier")
    return chat | _output(body, stripped)


def _output(body: Mapping[str, Any], stripped: list[str]) -> dict[str, Any]:
    chat: dict[str, Any] = {}
    config = mapping(body.get("output_config") or {}, "output_config")
    effort = effort_of(body.get("thinking"), config)
    if effort is not None:
        chat["reasoning_effort"] = effort
    asked = config.get("format") or body.get("output_format")
    if asked is not None:
        place = "output_config.format"
        wanted = mapping(asked, place)
        if wanted.get("type") != "json_schema":
            raise unsupported(place, "Ask for json_schema.")
        schema = mapping(wanted.get("schema"), f"{place}.schema")
        chat["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": True},
        }
    stripped += [f"output_config.{name}" for name in config if name not in ("effort", "format")]
    return chat
