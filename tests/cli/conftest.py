"""Commands run in a folder of their own, as a shell would run them."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import Scripted
from tests.standins.house import write_house
from tests.standins.scripted import ScriptedUpstream

PAIR = """\
upstreams:
  small: {kind: llamacpp, gguf: "builtin:tiny-a", price: free}
  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left: its exit status, and what it printed."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Shell:
    """A working folder with a config.yaml, and a way to run a command in it."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def write(self, text: str = PAIR, name: str = "config.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, command: ModuleType, *words: str, **settings: object) -> Said:
        """Run one command of router/cli; *settings* replace what the parser found."""
        parser = argparse.ArgumentParser()
        command.register(parser.add_subparsers(required=True))
        args = parser.parse_args([*words, "--config", str(self.folder / "config.yaml")])
        vars(args).update(settings)
        run: Callable[[argparse.Namespace], int] = args.run
        status = run(args)
        return Said(status, *self.capture.readouterr())


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path, capsys)


@pytest.fixture
def small(scripted: Scripted) -> ScriptedUpstream:
    """The small model of `desk`."""
    return scripted()


@pytest.fixture
def desk(shell: Shell, small: ScriptedUpstream, scripted: Scripted) -> Shell:
    """A folder whose config.yaml names `small` and a big model, both scripted."""
    write_house(shell.folder, {"small": small, "big": scripted()})
    return shell
