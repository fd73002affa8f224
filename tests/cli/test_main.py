"""`smallfirst` itself: commands found, exit statuses kept, errors in a line."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from router import __version__
from router.cli.main import COMMANDS, build_parser, main

FOLDER = Path(__file__).parents[2] / "router" / "cli"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"smallfirst {__version__}\n"


@pytest.mark.parametrize("words", [[], ["sreve"], ["keys"], ["serve", "--prot", "1"], ["serve", "--port", "x"]])
def test_what_is_used_wrongly_ends_with_2_and_says_how(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "usage: smallfirst" in capsys.readouterr().err


def test_what_is_wrong_ends_with_1_and_one_line_that_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "list", "--config", str(tmp_path / "nothing.yaml")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("smallfirst: ")
    assert "smallfirst init" in said.err
    assert "Traceback" not in said.err


def test_every_command_has_help_of_its_own() -> None:
    (subparsers,) = [a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction)]
    told = {choice.dest: choice.help for choice in subparsers._choices_actions}
    assert set(told) == set(subparsers.choices)
    assert [name for name, about in told.items() if not about] == []


def every(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser and those of all its commands, at every depth."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield from every(child)


def test_help_says_what_every_command_does_and_what_every_option_is() -> None:
    parsers = list(every(build_parser()))
    assert [parser.prog for parser in parsers if not (parser.description or "").endswith(".")] == []
    silent = [
        f"{parser.prog} {action.dest}"
        for parser in parsers
        for action in parser._actions
        if not action.help and not isinstance(action, argparse._SubParsersAction)
    ]
    assert silent == []


def test_no_command_at_all_is_told_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])
    said = capsys.readouterr().err
    assert [name for name in COMMANDS if name not in said] == []
    assert "Begin with `smallfirst init`" in " ".join(said.split())


def test_every_file_that_registers_a_command_is_a_command() -> None:
    files = {path.stem for path in FOLDER.glob("[a-z]*.py") if "\ndef register(" in path.read_text(encoding="utf-8")}
    assert files == set(COMMANDS)


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m router.cli --help | true"
    done = subprocess.run(["bash", "-c", command], cwd=FOLDER.parents[1], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr


def test_it_runs_as_a_module() -> None:
    words = [sys.executable, "-m", "router.cli", "--version"]
    done = subprocess.run(words, cwd=FOLDER.parents[1], capture_output=True, text=True, check=True)
    assert done.stdout == f"smallfirst {__version__}\n"
