"""The digest of a model's weights, by which the classifier's artifact knows it."""

import hashlib
from pathlib import Path

DIGEST_LENGTH = 16


def gguf_digest(path: Path) -> str:
    """The first 16 hex digits of the SHA-256 of a GGUF file's bytes, read in pieces. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DIGEST_LENGTH]
