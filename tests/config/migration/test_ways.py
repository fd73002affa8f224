"""The kind that answers for a provider."""

import pytest

from router.config.migration.ways import VARIABLES, WAYS, mode_of, provider_of, way_of
from router.config.upstreams import KINDS
from router.core.addresses import split_url


@pytest.mark.parametrize(
    ("model", "named", "expected"),
    [
        ("gpt-4o", None, ("openai", "gpt-4o")),
        ("o3-mini", None, ("openai", "o3-mini")),
        ("claude-sonnet-4-5", None, ("anthropic", "claude-sonnet-4-5")),
        ("openai/facebook/opt-125m", None, ("openai", "facebook/opt-125m")),
        ("hosted_vllm/Qwen/Qwen3-4B", None, ("hosted_vllm", "Qwen/Qwen3-4B")),
        ("bedrock/anthropic.claude-v2:1", None, ("bedrock", "anthropic.claude-v2:1")),
        ("Qwen/Qwen3-4B", "hosted_vllm", ("hosted_vllm", "Qwen/Qwen3-4B")),
        ("openai/gpt-4o", "openai", ("openai", "gpt-4o")),
        ("mystery", None, ("", "mystery")),
    ],
)
def test_the_provider_is_read_as_litellm_reads_it(model: str, named: str | None, expected: tuple[str, str]) -> None:
    assert provider_of(model, named) == expected


@pytest.mark.parametrize(
    ("model", "mode"),
    [
        ("openai/gpt-4o", "chat"),
        ("text-embedding-3-small", "embedding"),
        ("mistral/mistral-embed", "embedding"),
        ("ollama/bge-m3", "embedding"),
        ("openai/whisper-1", "other things than chat"),
        ("dall-e-3", "other things than chat"),
    ],
)
def test_what_a_model_is_for_is_read_off_its_name(model: str, mode: str) -> None:
    assert mode_of(model) == mode


def test_what_is_not_known_here_is_left_to_litellm() -> None:
    assert (way_of("gemini").kind, way_of("gemini").variable) == ("litellm", "GEMINI_API_KEY")
    assert way_of("nobody").kind == "litellm"


def test_every_way_is_one_of_our_kinds_at_a_sound_address() -> None:
    assert {way.kind for way in WAYS.values()} <= set(KINDS)
    assert [name for name, way in WAYS.items() if way.url and split_url(way.url) is None] == []
    assert not set(WAYS) & set(VARIABLES)
