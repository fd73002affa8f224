"""A chat request as litellm's arguments: what OpenAI names, and nothing that steers litellm itself."""

from collections.abc import Collection, Mapping
from typing import Any

from router.core.errors import UpstreamRefused
from router.core.upstream import UpstreamSpec

# litellm reads hosts, keys, callbacks and files from its arguments, so a body's fields pass by name only.
CARRIED = frozenset(
    "messages functions function_call temperature top_p n stop max_tokens max_completion_tokens modalities prediction "
    "audio presence_penalty frequency_penalty logit_bias user response_format seed tools tool_choice "
    "parallel_tool_calls logprobs top_logprobs reasoning_effort verbosity safety_identifier service_tier store "
    "prompt_cache_key web_search_options thinking".split()
)
# What changes nothing about the answer, or asks for what a model does anyway: left out where a provider lacks it.
HARMLESS = frozenset(
    "user seed parallel_tool_calls safety_identifier service_tier store prompt_cache_key verbosity".split()
)
PASSES_ADDRESSES = frozenset("openai azure mistral huggingface xai openrouter groq anthropic deepseek".split())


def arguments(
    spec: UpstreamSpec, body: Mapping[str, Any], provider: str, supported: Collection[str] | None
) -> dict[str, Any]:
    """What `litellm.acompletion` is called with for `body`; `supported` is what litellm says the model takes.

    Raises UpstreamRefused for an image by address where litellm would fetch it from here: no
    request names a host that we call.
    """
    if provider not in PASSES_ADDRESSES:
        _refuse_addresses(spec, body)
    fields = {name: value for name, value in body.items() if name in CARRIED and value is not None}
    if supported is not None:
        fields = {name: value for name, value in fields.items() if name in supported or name not in HARMLESS}
        if "max_completion_tokens" in fields and "max_completion_tokens" not in supported:
            fields.setdefault("max_tokens", fields.pop("max_completion_tokens"))
    if body.get("stream"):
        fields |= {"stream": True, "stream_options": {"include_usage": True}}
    return fields


def left_out(fields: Mapping[str, Any], body: Mapping[str, Any]) -> tuple[str, ...]:
    """The names in `body` that did not travel, in order."""
    ours = {"model", "stream", "stream_options"}
    moved = {"max_completion_tokens"} if "max_tokens" in fields else set()
    return tuple(sorted(name for name in body.keys() - fields.keys() - ours - moved if body[name] is not None))


def _refuse_addresses(spec: UpstreamSpec, body: Mapping[str, Any]) -> None:
    for message in body.get("messages") or ():
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else ():
            image = part.get("image_url") if isinstance(part, dict) else None
            address = image.get("url") if isinstance(image, dict) else image
            if isinstance(address, str) and address.lower().startswith(("http://", "https://")):
                raise UpstreamRefused(
                    f"upstream {spec.name!r} does not support images by address; send them as data: URLs",
                    upstream=spec.name,
                    upstream_status=400,
                    code="unsupported_value",
                )
