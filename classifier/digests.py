"""Names of language models, made comparable, and their short digests."""

import hashlib

_QUANTISATION = frozenset(
    "q2 q3 q4 q5 q6 q8 iq1 iq2 iq3 iq4 k s m l xs xxs nl 0 1 f16 fp16 f32 fp32 bf16 fp8 int4 int8 "
    "4bit 8bit awq gptq gguf ggml mlx exl2 onnx hf qat latest".split()
)
_STARTS_QUANTISATION = frozenset(
    "q2 q3 q4 q5 q6 q8 iq1 iq2 iq3 iq4 f16 fp16 f32 fp32 bf16 fp8 int4 int8 4bit 8bit awq gptq gguf "
    "ggml mlx exl2 onnx hf qat latest".split()
)


def model_digest(name: str) -> str:
    """Returns 16 hex digits that stand for a published model, however a server spells its name.

    `meta-llama/Meta-Llama-3.1-8B-Instruct`, `llama-3.1-8b-instruct` and Ollama's
    `llama3.1:8b-instruct-q4_K_M` share one digest: SHA-256 of the normalised name. Weights on this
    machine are keyed by the file's own SHA-256 instead, which tells fine-tunes apart.
    """
    return hashlib.sha256(normalised(name).encode()).hexdigest()[:16]


def normalised(name: str) -> str:
    """Returns the last path part in lower case, letters and digits only, without quantisation tags."""
    last = name.lower().rstrip("/").rpartition("/")[2]
    parts = "".join(c if c.isalnum() else " " for c in last).split()
    cut = len(parts)
    while cut > 1 and parts[cut - 1] in _QUANTISATION:
        cut -= 1
    tags = parts[cut:]
    first = next((i for i, tag in enumerate(tags) if tag in _STARTS_QUANTISATION), len(tags))
    plain = "".join(parts[: cut + first])
    return plain.removeprefix("meta") if plain.startswith("metallama") else plain
