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

# The page that says what exists, less what later releases bring; flow braces need quotes around ${…}.
WHOLE = """\
listen: {host: 127.0.0.1, port: 4001}
store: {url: "sqlite:///ledger/ours.db", keep_bodies: none, on_failure: closed, sync: true}
counters: memory
auth: required
admin_key: ${SMALLFIRST_ADMIN_KEY:-}
policies: {folder: rules, default: observe}
classifier: {artifact: builtin}
reply_model: requested
hold: {commit_s: 2.5}
sessions: {expire_s: 60, cache_s: 30}
limits: {body_mb: 8}
premises: [gpu.home.example, .lab.example, 100.64.0.0/10]
upstreams:
  small:
    kind: openai
    url: http://gpu.home.example:8000/v1/
    model: qwen3:4b
    local: true
    context: 8192
    slots: auto
    supports: [tools, json]
    quirks: {family: vllm, limit: both, developer: keep, rejects: [store], lacks: [vision]}
    price: free
    timeout: {connect_s: 1, load_s: 60, first_token_s: 20, idle_s: 30, total_s: 90.5}
  second: {kind: openai, url: "http://127.0.0.1:8000/v1", model: google/gemma-3-12b-it, local: true, price: unknown}
  big:
    kind: openai
    url: https://api.example.com/v1
    model: gpt-5.2
    key: ${BIG_KEY}
    headers: {x-team: search}
    query: {api-version: "2026-01-01"}
    price: {input: 5.00, output: 25.00, cached_input: 0.50, cache_write: 6.25}
entrypoints:
  gpt-4.1: {policy: balanced, baseline: second}
  o3: {}
baseline: big
telemetry: {otlp: "${OTEL_EXPORTER_OTLP_ENDPOINT:-}", metrics: false, content: false}
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
