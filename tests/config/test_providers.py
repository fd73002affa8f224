"""Provider keys in the environment are recognised, and only a mask of them is kept."""

import pytest

from router.config.providers import PROVIDERS, keys_seen, mask


def test_keys_are_seen_in_the_order_of_providers_and_never_kept() -> None:
    key = "sk-proj-0123456789abcdefWXYZ"
    seen = keys_seen({"MISTRAL_API_KEY": key, "OPENAI_API_KEY": key, "GEMINI_API_KEY": " ", "PATH": "/bin"})
    assert [one.provider.name for one in seen] == ["OpenAI", "Mistral"]
    assert seen[0].masked == "…WXYZ"
    assert key not in repr(seen)


@pytest.mark.parametrize("key", ["", "short", "fifteen-letters"])
def test_a_short_key_shows_nothing(key: str) -> None:
    assert mask(key) == "…"


def test_every_provider_is_asked_over_tls() -> None:
    assert all(provider.url.startswith("https://") for provider in PROVIDERS)
