"""The providers whose keys `init` looks for; a key found is shown masked and used only once written down."""

from collections.abc import Mapping
from dataclasses import dataclass

from router.config.references import environment


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider's OpenAI-compatible API is, the variable its key is kept in, and a model to begin with."""

    name: str
    variable: str
    url: str
    model: str
    kind: str = "openai"


# In this order: the first one found becomes `big`.
PROVIDERS = (
    Provider("OpenAI", "OPENAI_API_KEY", "https://api.openai.com/v1", "gpt-5.2"),
    Provider("Anthropic", "ANTHROPIC_API_KEY", "https://api.anthropic.com/v1", "claude-opus-4-5", "anthropic"),
    Provider("Gemini", "GEMINI_API_KEY", "https://generativelanguage.googleapis.com/v1beta/openai", "gemini-2.5-pro"),
    Provider("Mistral", "MISTRAL_API_KEY", "https://api.mistral.ai/v1", "mistral-large-latest"),
    Provider("DeepSeek", "DEEPSEEK_API_KEY", "https://api.deepseek.com/v1", "deepseek-chat"),
    Provider("xAI", "XAI_API_KEY", "https://api.x.ai/v1", "grok-4"),
    Provider("OpenRouter", "OPENROUTER_API_KEY", "https://openrouter.ai/api/v1", "openai/gpt-5.2"),
    Provider("Groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1", "openai/gpt-oss-120b"),
)


@dataclass(frozen=True, slots=True)
class KeySeen:
    """A provider whose key is in the environment; of the key only a mask is kept."""

    provider: Provider
    masked: str


def keys_seen(environ: Mapping[str, str] | None = None) -> tuple[KeySeen, ...]:
    """Return the providers whose keys are set in *environ* (the process's own if None), keys masked."""
    environ = environment() if environ is None else environ
    return tuple(
        KeySeen(provider, mask(environ[provider.variable]))
        for provider in PROVIDERS
        if environ.get(provider.variable, "").strip()
    )


def mask(key: str) -> str:
    """Return enough of *key* to recognise it and too little to use it: its last four characters.

    A key under 16 characters shows nothing.
    """
    return f"…{key[-4:]}" if len(key) >= 16 else "…"
