"""A chat request as a Messages body for an Anthropic upstream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from router.core.dialects.messages.checks import mapping, sequence, unsupported
from router.core.dialects.messages.effort import thinking_of
from router.core.dialects.messages.history import split
from router.core.dialects.messages.tools import anthropic_tools

SAME = ("model", "stream", "temperature", "top_p", "top_k", "thinking", "cache_control")
SAID_OTHERWISE = frozenset(
    "messages tools tool_choice parallel_tool_calls max_tokens max_completion_tokens stop stream_options user "
    "safety_identifier service_tier reasoning_effort response_format".split()
)
STRIPPED = frozenset(
    "frequency_penalty presence_penalty logit_bias seed store metadata prediction verbosity prompt_cache_key "
    "prompt_cache_options prompt_cache_retention moderation top_logprobs".split()
)
REFUSED: Mapping[str, str] = {
    "logprobs": "Anthropic's models tell none; leave it out.",
    "audio": "Anthropic's models do not speak; ask for text.",
    "web_search_options": "Offer a tool of your own, or name an OpenAI model.",
    "functions": "Use `tools`.",
    "function_call": "Use `tool_choice`.",
}
TIERS: Mapping[str, str] = {"auto": "auto", "default": "standard_only"}


@dataclass(frozen=True, slots=True)
class Claude:
    """What differs between Claude models.

    `max_tokens` is asked where the client sets no limit: Anthropic demands one. `adaptive` models
    take an effort; older ones a budget of tokens.
    """

    max_tokens: int = 4096
    adaptive: bool = True


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The Messages body, to be encoded by orjson, and what of the chat body it leaves out."""

    body: Mapping[str, Any]
    stripped: tuple[str, ...] = ()


def to_anthropic(chat: Mapping[str, Any], claude: Claude) -> Outgoing:
    """The Messages body for a chat body. Raises BadRequest for what Anthropic has no word for.

    Arguments of calls keep their bytes: they are held as orjson fragments, so only orjson can
    encode the body. What neither dialect's documentation knows is carried as it is.
    """
    _refuse(chat)
    system, turns = split(sequence(chat.get("messages"), "messages"))
    body: dict[str, Any] = {name: chat[name] for name in SAME if chat.get(name) is not None}
    body["max_tokens"] = chat.get("max_completion_tokens") or chat.get("max_tokens") or claude.max_tokens
    body["messages"] = turns
    if system:
        body["system"] = system
    body |= anthropic_tools(chat)
    stripped = [name for name in chat if name in STRIPPED and chat[name] not in (None, False, 0)]
    _rename(chat, body, stripped)
    _think(chat, body, claude, stripped)
    known = SAID_OTHERWISE | STRIPPED | REFUSED.keys() | {*SAME, "n", "modalities"}
    body |= {name: chat[name] for name in chat if name not in known and chat[name] is not None}
    return Outgoing(body, tuple(stripped))


def _refuse(chat: Mapping[str, Any]) -> None:
    for name, remedy in REFUSED.items():
        if chat.get(name):
            raise unsupported(name, remedy)
    if chat.get("n") not in (None, 1):
        raise unsupported("n", "Anthropic gives one answer; ask again for another.")
    if "audio" in sequence(chat.get("modalities") or [], "modalities"):
        raise unsupported("modalities", REFUSED["audio"])


def _rename(chat: Mapping[str, Any], body: dict[str, Any], stripped: list[str]) -> None:
    """Add the fields that Messages calls by another name: stops, the user, the tier and the format."""
    if stop := chat.get("stop"):
        body["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    user = chat.get("safety_identifier") or chat.get("user")
    if user:
        body["metadata"] = {"user_id": user}
    tier = chat.get("service_tier")
    if isinstance(tier, str) and tier in TIERS:
        body["service_tier"] = TIERS[tier]
    elif tier is not None:
        stripped.append("service_tier")
    warmth = chat.get("temperature")
    if isinstance(warmth, int | float) and warmth > 1:  # theirs ends at 1, OpenAI's at 2
        body["temperature"] = 1
        stripped.append("temperature above 1")
    _format(mapping(chat.get("response_format") or {}, "response_format"), body, stripped)


def _format(asked: Mapping[str, Any], body: dict[str, Any], stripped: list[str]) -> None:
    """A schema is a promise that Anthropic makes too; bare JSON it has no word for, so the prompt must ask."""
    if asked.get("type") == "json_schema":
        wanted = mapping(asked.get("json_schema"), "response_format.json_schema")
        schema = mapping(wanted.get("schema"), "response_format.json_schema.schema")
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    elif asked.get("type") == "json_object":
        stripped.append("response_format")


def _think(chat: Mapping[str, Any], body: dict[str, Any], claude: Claude, stripped: list[str]) -> None:
    """A body that came from Messages brings its own `thinking`; a named effort is still told beside it."""
    effort = chat.get("reasoning_effort")
    if not isinstance(effort, str):
        return
    fields = thinking_of(effort, body["max_tokens"], adaptive=claude.adaptive)
    own = mapping(body.get("thinking") or {}, "thinking")
    if own.get("type") in ("enabled", "disabled"):
        return
    if not fields:
        stripped.append("reasoning_effort")
    config = {**(body.get("output_config") or {}), **fields.pop("output_config", {})}
    body |= {**fields, **({"thinking": own} if own else {}), **({"output_config": config} if config else {})}
