"""A folder with a config.yaml in it, to be read."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from router.config import Config, load_config
from router.core.errors import Problem, SetupError

PAIR = """\
upstreams:
  small: {kind: llamacpp, gguf: "builtin:tiny-a", price: free}
  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A working folder. `pair` is the shortest sound configuration; lines can be put after it."""

    folder: Path
    pair: str = PAIR

    @property
    def path(self) -> Path:
        return self.folder / "config.yaml"

    def load(self, text: str, **environ: str) -> Config:
        """The configuration that *text* says, with *environ* as the whole environment."""
        self.path.write_text(text, encoding="utf-8")
        return load_config(self.path, environ=environ)

    def problems(self, text: str, **environ: str) -> tuple[Problem, ...]:
        """Everything wrong with *text*; fails if nothing is."""
        with pytest.raises(SetupError) as caught:
            self.load(text, **environ)
        return caught.value.problems

    def problem(self, text: str, **environ: str) -> Problem:
        """The one thing wrong with *text*."""
        (only,) = self.problems(text, **environ)
        return only

    def server(self, **keys: str) -> str:
        """The pair with a third upstream, an OpenAI-compatible one with *keys*, from line 4 on."""
        row = {"kind": "openai", "url": "http://127.0.0.1:8000/v1", "model": "gemma", "price": "free", **keys}
        return self.pair + "  third:\n" + "".join(f"    {key}: {value}\n" for key, value in row.items() if value)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
