"""Every `curl` that the README and the pages show is asked of the built-in world, as `make run` serves it."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.standins.house import House
from tests.standins.tiny_llama import tiny_model

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
HERE = "http://127.0.0.1:4000"
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
WORLD = """
upstreams:
  small: {kind: llamacpp, gguf: "builtin:tiny-a", model: tiny-a, context: 2048, threads: 1, price: free}
  second: {kind: llamacpp, gguf: "builtin:tiny-b", model: tiny-b, context: 2048, threads: 1, price: free}
  third: {kind: llamacpp, gguf: "builtin:tiny-c", model: tiny-c, context: 2048, threads: 1, price: free}
  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}
classifier: {artifact: builtin}
"""


@dataclass(frozen=True)
class Curl:
    """One command of a page: where it asks, with which headers, and what it sends (None: it reads)."""

    page: str
    path: str
    headers: dict[str, str]
    body: str | None


def curls(page: Path) -> Iterator[Curl]:
    """The commands of a page that can be pasted: one with `…` in it stands for something else."""
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            command = line.removeprefix("$ ").split(" | ")[0]
            if command.startswith("curl ") and "…" not in command:
                yield _read(str(page.relative_to(ROOT)), shlex.split(command)[1:])


def _read(page: str, words: list[str]) -> Curl:
    path, headers, body = "", {}, None
    rest = iter(words)
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(rest)
        elif word.startswith(HERE):
            path = word.removeprefix(HERE)
        else:
            assert word in ("-i", "-s"), f"{page}: what does curl do with {word}?"
    assert path, f"{page}: no address of ours in {words}"
    return Curl(page, path, headers, body)


SHOWN = [curl for page in PAGES for curl in curls(page)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A proxy over the three models; skips, saying so, where llama.cpp or the models are missing."""
    tiny_model()
    config = tmp_path_factory.mktemp("world") / "config.yaml"
    config.write_text(WORLD, encoding="utf-8")
    made = House(config)
    yield made
    made.close()


def test_the_pages_show_a_command_for_each_dialect() -> None:
    paths = {curl.path for curl in SHOWN}
    assert paths >= {"/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages", "/metrics"}


@pytest.mark.parametrize("curl", SHOWN, ids=lambda curl: f"{curl.page} {curl.path}")
def test_a_command_of_the_pages_gets_an_answer(house: House, curl: Curl) -> None:
    reply = _asked(house, curl, curl.body)
    assert reply.status_code == 200, reply.text
    if curl.body is not None:
        assert "x-router-degraded" not in reply.headers, reply.text
        # One new install in fifty holds that very conversation out, and the big one answers instead.
        big = _asked(house, curl, json.dumps(json.loads(curl.body) | {"model": "big"}))
        assert big.status_code == 200, big.text


def _asked(house: House, curl: Curl, body: str | None) -> httpx.Response:
    if body is None:
        return house.http.get(curl.path, headers=curl.headers)
    return house.http.post(curl.path, content=body, headers=curl.headers)
