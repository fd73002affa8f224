"""Fixtures that stories and contract tests share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.standins.ollama import OllamaServer
from tests.standins.scripted import ScriptedUpstream
from tests.standins.tiny_llama import TinyLlama, tiny_model

if TYPE_CHECKING:
    from router.store.memory import MemoryStore
    from tests.standins.house import House

Scripted = Callable[..., ScriptedUpstream]
OpenHouse = Callable[..., "House"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly which tests did not run for want of the extra [litellm]."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "[litellm]" in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"NOT RUN: {len(skipped)} tests that need litellm; `make providers` runs them")


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """A maker of scripted upstreams: `small = scripted()`, `big = scripted(model="gpt-5.2")`."""
    made: list[ScriptedUpstream] = []

    def make(model: str = "scripted") -> ScriptedUpstream:
        made.append(ScriptedUpstream(model))
        return made[-1]

    yield make
    for upstream in made:
        upstream.close()


@pytest.fixture
def ledger() -> Iterator["MemoryStore"]:
    """A ledger in memory, its clock at noon of `tests.store.records`."""
    from router.store.memory import MemoryStore
    from tests.store.records import Clock

    store = MemoryStore(clock_us=Clock())
    yield store
    store.close()


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[OpenHouse]:
    """A maker of running proxies: `house = open_house({"small": small, "big": big})`."""
    from tests.standins.house import House, write_house

    opened: list[House] = []

    def make(upstreams: dict[str, ScriptedUpstream], **how: Any) -> House:
        opened.append(House(write_house(tmp_path, upstreams, **how)))
        return opened[-1]

    yield make
    for house in opened:
        house.close()


@pytest.fixture
def ollama_server() -> Iterator[OllamaServer]:
    """A stand-in for an Ollama server, with nothing pulled: `ollama_server.has("qwen3:4b")`."""
    server = OllamaServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def tiny_gguf() -> Path:
    """The file of one of the project's own tiny models."""
    return tiny_model()


@pytest.fixture(scope="session")
def tiny_llama(tiny_gguf: Path) -> Iterator[TinyLlama]:
    """A real llama.cpp server, one for the whole run: `tiny_llama.url`, `.key`, `.model`."""
    with TinyLlama(tiny_gguf) as server:
        yield server
