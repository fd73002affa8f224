"""A running `smallfirst serve`, a process of its own, between a client as people install it and scripted upstreams."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Scripted
from tests.standins.scripted import ScriptedUpstream
from tests.standins.written import write_house

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ABSENT = "NOT TESTED with real clients: make clients codex litellm-proxy test-clients"
PYTHON = ("python", "instructor", "llamaindex")  # each in an environment of its own, at its newest version
MADE = {  # what is not Python, and what shows that it is installed
    "node": "node/node_modules/.done",
    "codex": "codex/node_modules/.done",
    "litellm_proxy": "litellm_proxy/.venv/.done",
}
SORRY = "I'm sorry, but I cannot help with that."


class Served:
    """`url` of the proxy, and the two upstreams behind it."""

    def __init__(self, small: ScriptedUpstream, big: ScriptedUpstream, config: Path) -> None:
        self.small, self.big, self.folder = small, big, config.parent
        command = [str(ROOT / ".venv/bin/python"), "-m", "router.cli", "serve", "--config", str(config), "--port", "0"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        assert first.startswith("smallfirst serves on "), first
        self.url = first.split()[-1]

    @property
    def root(self) -> str:
        """The URL without /v1, as Anthropic's SDK wants it."""
        return self.url.removesuffix("/v1")

    def ledger(self, table: str) -> list[dict[str, Any]]:
        """Stop the proxy, so that every row is written, and return the rows of *table* as they were made."""
        self.close()
        with sqlite3.connect(self.folder / "smallfirst.db") as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(f"SELECT * FROM {table} ORDER BY rowid")]

    def close(self) -> None:
        """Stop it and wait."""
        self.process.terminate()
        self.process.communicate(timeout=30)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each runs where its client is installed: elsewhere it is skipped, and says why."""
    for item in items:
        if item.path.is_relative_to(HERE) and not _runs(item.path.relative_to(HERE).parts[0]):
            item.add_marker(pytest.mark.skip(reason=ABSENT))


def _runs(folder: str) -> bool:
    here = Path(sys.prefix).resolve()
    if folder == "litellm":
        return here == (ROOT / ".venv").resolve() and find_spec("litellm") is not None
    if folder in PYTHON:
        return here == (HERE / folder / ".venv").resolve()
    return here == (HERE / "python" / ".venv").resolve() and (HERE / MADE[folder]).exists()


@pytest.fixture(autouse=True)
def no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of this machine stands between, and no client looks for news."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")


@pytest.fixture
def context() -> int:
    """The window of both models, in tokens; agents need a larger one."""
    return 8192


@pytest.fixture
def served(scripted: Scripted, tmp_path: Path, context: int) -> Iterator[Served]:
    """The proxy: small answers and is judged, big answers what is not kept."""
    small, big = scripted(), scripted()
    small.says("Hello from small")
    big.says("Hello from big")
    running = Served(small, big, write_house(tmp_path, {"small": small, "big": big}, context=context))
    yield running
    running.close()


@pytest.fixture(params=["small", "big"])
def answered(request: pytest.FixtureRequest, served: Served) -> str:
    """What the client should read: from small as it came, or from big after small's answer was judged and not kept."""
    if request.param == "big":
        served.small.says(SORRY)
    return f"Hello from {request.param}"


@pytest.fixture
def node() -> Callable[..., str]:
    """Run a script of node/ with arguments; what it printed."""

    def run(script: str, *arguments: str) -> str:
        command = ["node", str(HERE / "node" / script), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
