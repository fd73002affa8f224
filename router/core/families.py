"""Kinds of server: what each lacks and how its dialect differs, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from router.core.capabilities import CAPABILITIES
from router.core.dialects.messages.outgoing import STRIPPED
from router.core.sanitise.target import ANTHROPIC, ANY_IDS, BOTH, GEMINI, LOCAL, MISTRAL, OPENAI, Target
from router.core.upstream import UpstreamSpec, UpstreamState


@dataclass(frozen=True, slots=True)
class Traits:
    """What an upstream takes (`target`; None: anything) and which capabilities it lacks."""

    family: str = ""
    target: Target | None = None
    lacks: frozenset[str] = frozenset()


def _lacking(names: str) -> frozenset[str]:
    return frozenset(names.split())


NEVER_LOCAL = "prediction web_search grammar"
# A server that gave itself away as none of these is spoken to as OpenAI's own, byte for byte.
STRANGER = replace(OPENAI, name="stranger", ids=ANY_IDS, marks=True, limit=BOTH, rejects=frozenset())
FAMILIES: Mapping[str, Traits] = {
    traits.family: traits
    for traits in (
        Traits("openai", OPENAI),
        Traits("azure", OPENAI),
        Traits("anthropic", ANTHROPIC, _lacking("n logprobs audio web_search prediction grammar")),
        Traits(
            "anthropic-api",
            replace(ANTHROPIC, name="anthropic-api", rejects=STRIPPED),
            _lacking("n logprobs audio web_search prediction grammar"),
        ),
        Traits("mistral", MISTRAL, _lacking("logprobs audio web_search grammar")),
        Traits("gemini", GEMINI, _lacking("prediction web_search grammar")),
        Traits("groq", replace(STRANGER, name="groq"), _lacking("n logprobs audio prediction grammar")),
        Traits("llama.cpp", replace(LOCAL, name="llama.cpp", limit=BOTH), _lacking(NEVER_LOCAL)),
        Traits("vllm", replace(LOCAL, name="vllm", limit=BOTH), _lacking(NEVER_LOCAL)),
        Traits("sglang", replace(LOCAL, name="sglang", limit=BOTH), _lacking(NEVER_LOCAL)),
        Traits("ollama", replace(LOCAL, name="ollama"), _lacking(f"n {NEVER_LOCAL}")),
        Traits("ollama-api", replace(LOCAL, name="ollama-api", limit=BOTH), _lacking(f"n audio {NEVER_LOCAL}")),
        Traits("lmstudio", replace(LOCAL, name="lmstudio", limit=BOTH), _lacking(f"n logprobs audio {NEVER_LOCAL}")),
        Traits("tgi", replace(LOCAL, name="tgi"), _lacking(f"n audio {NEVER_LOCAL}")),
    )
}
KINDS: Mapping[str, str] = {"llamacpp": "llama.cpp", "ollama": "ollama-api", "anthropic": "anthropic-api"}
HOSTS: Mapping[str, str] = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "api.mistral.ai": "mistral",
    "generativelanguage.googleapis.com": "gemini",
    "api.groq.com": "groq",
}
SUFFIXES: Mapping[str, str] = {".openai.azure.com": "azure", ".openai.com": "openai"}


def traits_of(spec: UpstreamSpec, state: UpstreamState | None) -> Traits:
    """The traits of an upstream: by its row first, then by what it was found to be, then by its address.

    A hand-written `supports` is the whole truth about capabilities; under `auto` it lacks what its
    family lacks and what it was found to lack, less what it was found to have.
    """
    found = state.supports if state else {}
    traits = FAMILIES.get(family_of(spec, state), Traits())
    if spec.supports is not None:
        lacks = frozenset(CAPABILITIES.keys() - spec.supports)
    else:
        lacks = traits.lacks | {name for name, has in found.items() if not has}
        lacks = lacks - {name for name, has in found.items() if has}
    return Traits(traits.family, _quirky(spec, traits.target), lacks | spec.quirks.lacks)


def family_of(spec: UpstreamSpec, state: UpstreamState | None) -> str:
    """The family's name, "" for a stranger."""
    if spec.quirks.family or spec.kind in KINDS:
        return spec.quirks.family or KINDS[spec.kind]
    if state and state.server in FAMILIES:
        return state.server
    host = urlsplit(spec.url).hostname or ""
    return HOSTS.get(host) or next((name for end, name in SUFFIXES.items() if host.endswith(end)), "")


def _quirky(spec: UpstreamSpec, target: Target | None) -> Target | None:
    quirks = spec.quirks
    if not (quirks.limit or quirks.developer or quirks.rejects):
        return target
    base = target or STRANGER
    return replace(
        base,
        limit=quirks.limit or base.limit,
        developer=quirks.developer != "system" if quirks.developer else base.developer,
        rejects=base.rejects | quirks.rejects,
    )
