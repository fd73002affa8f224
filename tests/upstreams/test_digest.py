"""The digest of weights."""

import hashlib
from pathlib import Path

from router.upstreams.digest import gguf_digest


def test_it_is_the_beginning_of_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"weights" * 100_000)
    assert gguf_digest(path) == hashlib.sha256(b"weights" * 100_000).hexdigest()[:16]
