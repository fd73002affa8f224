"""The digest of a model's weights, by which the classifier's artifact knows it."""

import hashlib
from functools import lru_cache
from pathlib import Path

DIGEST_LENGTH = 16


def gguf_digest(path: Path) -> str:
    """The first 16 hex digits of the SHA-256 of a GGUF file's bytes. Raises OSError.

    A file is read once: gigabytes take seconds, and every reload asks again.
    """
    status = path.stat()
    return _read(path, status.st_size, status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=64)
def _read(path: Path, *state: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DIGEST_LENGTH]
