"""A real llama.cpp server with one of the project's own tiny models, for tests that want no stand-in."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import pytest

import router

ROOT = Path(router.__file__).parent


def tiny_model() -> Path:
    """The first of the project's own models; skips, saying why, where llama.cpp or the models are missing."""
    if find_spec("xllamacpp") is None:
        pytest.skip('NOT TESTED against llama.cpp: pip install "smallfirst[local]"')
    models = sorted((ROOT / "builtin" / "models").glob("*.gguf"))
    if not models:
        pytest.skip("NOT TESTED against llama.cpp: router/builtin/models holds no .gguf")
    return models[0]


class TinyLlama:
    """`url` and `key` of a running server, and the `model` name it answers to."""

    key = "tiny-key"
    model = "tiny"

    def __init__(self, gguf: Path) -> None:
        self.gguf = gguf
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(ROOT / "upstreams" / "llama_server.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"gguf": str(gguf), "alias": self.model, "key": self.key, "slots": 2, "context": 2048, "threads": 1}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        self.url = json.loads(self._process.stdout.readline())["url"] + "/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(10)
