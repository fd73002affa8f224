"""Which kind of ours answers for a provider of LiteLLM's, at which address, and where its key is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

EMBEDDING_WORDS = ("embed", "bge-", "minilm", "e5-")
OTHER_WORDS = ("whisper", "tts", "rerank", "dall-e", "gpt-image", "diffusion", "moderation", "transcribe")
OPENAI_NAMES = ("gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-", "dall-e", "whisper", "tts-")
ANTHROPIC_NAMES = ("claude-",)


@dataclass(frozen=True, slots=True)
class Way:
    """How a provider is spoken to here.

    `url` is where it is unless the file says otherwise, "" where there is no usual place. `variable` is
    where LiteLLM looks for its key, "" where it needs none.
    """

    kind: str
    url: str = ""
    variable: str = ""


# These speak OpenAI's own API, so their bytes need no translation.
WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "openai": Way("openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
        "anthropic": Way("anthropic", "", "ANTHROPIC_API_KEY"),
        "ollama": Way("ollama", "http://127.0.0.1:11434"),
        "ollama_chat": Way("ollama", "http://127.0.0.1:11434"),
        "hosted_vllm": Way("openai"),
        "lm_studio": Way("openai", "http://127.0.0.1:1234/v1"),
        "lemonade": Way("openai"),
        "llamafile": Way("openai", "http://127.0.0.1:8080/v1"),
        "openai_like": Way("openai"),
        "custom_openai": Way("openai"),
        "litellm_proxy": Way("openai", "", "LITELLM_PROXY_API_KEY"),
        "mistral": Way("openai", "https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
        "deepseek": Way("openai", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
        "xai": Way("openai", "https://api.x.ai/v1", "XAI_API_KEY"),
        "openrouter": Way("openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
        "groq": Way("openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY"),
        "together_ai": Way("openai", "https://api.together.xyz/v1", "TOGETHERAI_API_KEY"),
        "fireworks_ai": Way("openai", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
        "cerebras": Way("openai", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
        "nvidia_nim": Way("openai", "https://integrate.api.nvidia.com/v1", "NVIDIA_NIM_API_KEY"),
        "perplexity": Way("openai", "https://api.perplexity.ai", "PERPLEXITYAI_API_KEY"),
        "deepinfra": Way("openai", "https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
    }
)
# The others are translated by litellm itself, and keep the name that it knows them by.
VARIABLES: Mapping[str, str] = MappingProxyType(
    {
        "gemini": "GEMINI_API_KEY",
        "azure": "AZURE_API_KEY",
        "azure_ai": "AZURE_AI_API_KEY",
        "cohere": "COHERE_API_KEY",
        "cohere_chat": "COHERE_API_KEY",
        "huggingface": "HUGGINGFACE_API_KEY",
        "replicate": "REPLICATE_API_KEY",
        "databricks": "DATABRICKS_API_KEY",
        "ai21": "AI21_API_KEY",
        "voyage": "VOYAGE_API_KEY",
        "watsonx": "WATSONX_API_KEY",
        "github": "GITHUB_API_KEY",
    }
)


def provider_of(model: str, named: str | None = None) -> tuple[str, str]:
    """Return the provider that LiteLLM would ask for *model*, and the name of the model there.

    *named* is its `custom_llm_provider`. The provider is "" where only LiteLLM's own list of models could say.
    """
    before, slash, after = model.partition("/")
    if named:
        return named, after if before == named else model
    if slash and (before in WAYS or before in VARIABLES or before in ("azure", "bedrock", "vertex_ai")):
        return before, after
    if not slash and model.startswith(OPENAI_NAMES):
        return "openai", model
    if not slash and model.startswith(ANTHROPIC_NAMES):
        return "anthropic", model
    return (before, after) if slash else ("", model)


def mode_of(model: str) -> str:
    """Return what *model* is for by its name, as LiteLLM's list of models would say: chat, embedding or other."""
    name = model.rpartition("/")[2].lower()
    if any(word in name for word in EMBEDDING_WORDS):
        return "embedding"
    return "other things than chat" if any(word in name for word in OTHER_WORDS) else "chat"


def way_of(provider: str) -> Way:
    """Return how *provider* is spoken to; what is not known here is left to litellm."""
    return WAYS.get(provider) or Way("litellm", "", VARIABLES.get(provider, ""))
