"""The digest of weights."""

import hashlib
import os
from pathlib import Path

from router.upstreams.digest import gguf_digest


def test_it_is_the_beginning_of_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"weights" * 100_000)
    assert gguf_digest(path) == hashlib.sha256(b"weights" * 100_000).hexdigest()[:16]


def test_a_file_is_read_again_only_if_another_state_of_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "weights.gguf"
    path.write_bytes(b"one")
    status, first = path.stat(), gguf_digest(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert gguf_digest(path) == first
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert gguf_digest(path) == hashlib.sha256(b"two").hexdigest()[:16]
