"""One digest for one published model, however a server spells its name."""

import pytest

from classifier.digests import model_digest, normalised


@pytest.mark.parametrize(
    "name", ["llama-3.1-8b-instruct", "llama3.1:8b-instruct-q4_K_M", "Meta-Llama-3.1-8B-Instruct-GGUF"]
)
def test_spellings_and_quantisations_of_a_model_are_one(name: str) -> None:
    assert model_digest(name) == model_digest("meta-llama/Meta-Llama-3.1-8B-Instruct")


@pytest.mark.parametrize("other", ["llama-3.1-70b-instruct", "llama-3.2-8b-instruct", "llama-3.1-8b"])
def test_sizes_releases_and_base_models_are_different(other: str) -> None:
    assert model_digest(other) != model_digest("llama-3.1-8b-instruct")


def test_a_name_that_is_all_tags_keeps_its_first_part() -> None:
    assert normalised("q4") == "q4"
    assert normalised("GPT-4o") == "gpt4o"
