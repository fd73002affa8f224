"""Places that answer: each kind in its own file, found by name, translating its failures once."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import cast

from router.core.errors import Problem, SetupError
from router.core.ports import Upstream
from router.core.recording import Recording
from router.core.upstream import UpstreamSpec

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "openai": "router.upstreams.openai_compatible:OpenAICompatible",
        "anthropic": "router.upstreams.anthropic:Anthropic",
        "ollama": "router.upstreams.ollama.upstream:Ollama",
        "litellm": "router.upstreams.litellm.upstream:LiteLLM",
        "llamacpp": "router.upstreams.llamacpp:LlamaCpp",
        "recorded": "router.upstreams.recorded:Recorded",
    }
)


def build(spec: UpstreamSpec, recordings: Mapping[str, Recording] | None = None) -> Upstream:
    """The upstream that a row of `upstreams:` describes; opens no connection and starts no process yet.

    `spec.kind` is a name in `KINDS` or `module:Class` of your own, called with the spec. `recordings`
    is what `recording: builtin` plays. Raises SetupError for a kind that cannot be found or built.
    """
    module_name, _, class_name = KINDS.get(spec.kind, spec.kind).partition(":")
    try:
        kind = getattr(import_module(module_name), class_name or "?")
    except (ImportError, AttributeError, ValueError) as error:
        known = ", ".join(KINDS)
        remedy = f"use one of {known}, or module:Class of your own that can be imported"
        raise SetupError([problem(spec, "kind", f"no upstream kind {spec.kind!r} ({error})", remedy)]) from error
    if len(spec.urls) > 1:
        from router.upstreams.pool import Pool

        return Pool(spec, [cast(Upstream, kind(replace(spec, url=url, urls=()))) for url in spec.urls])
    made = kind(spec) if recordings is None else kind(spec, recordings)
    return cast(Upstream, made)


def problem(spec: UpstreamSpec, key: str, message: str, remedy: str) -> Problem:
    """A mistake in this upstream's row of config.yaml."""
    return Problem("config.yaml", None, f"upstreams.{spec.name}.{key}", message, remedy)
