"""Token counts, from OpenAI's (parts within wholes) to Anthropic's (disjoint going in) and back."""

from collections.abc import Mapping
from typing import Any

from router.core.reply import usage_of

TOKENS_IN = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def anthropic_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Anthropic's `usage` for OpenAI's: what went in is disjoint, `output_tokens` holds the thinking."""
    counts = usage_of(usage)
    made: dict[str, Any] = {
        "input_tokens": counts.input,
        "cache_creation_input_tokens": counts.cache_write,
        "cache_read_input_tokens": counts.cached,
        "output_tokens": counts.completion,
    }
    if counts.reasoning:
        made["output_tokens_details"] = {"thinking_tokens": counts.reasoning}
    return made


def openai_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAI's `usage` for Anthropic's: `prompt_tokens` holds what was cached and what was written."""
    fresh, cached, written = (_count(usage, name) for name in TOKENS_IN)
    out = _count(usage, "output_tokens")
    details = usage.get("output_tokens_details")
    thinking = _count(details, "thinking_tokens") if isinstance(details, dict) else 0
    prompt = fresh + cached + written
    return {
        "prompt_tokens": prompt,
        "completion_tokens": out,
        "total_tokens": prompt + out,
        "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
        "completion_tokens_details": {"reasoning_tokens": min(thinking, out)},
    }


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return max(0, value) if isinstance(value, int) else 0
