"""`smallfirst check`: everything wrong at once, nothing changed, nothing spent."""

import socket
import sys
from pathlib import Path

import pytest

from router.cli import check
from router.config.discover import settled
from tests.cli.conftest import PAIR, Shell
from tests.conftest import Scripted

BALANCED = Path(__file__).parents[2] / "policies" / "balanced.yaml"
SHEET = "{kind: recorded, recording: builtin,"


def over_http(url: str) -> str:
    """The pair, with `big` behind *url*."""
    return PAIR.replace(SHEET, f"{{kind: openai, url: {url}, model: gpt,")


def test_a_sound_installation_has_nothing_wrong(shell: Shell) -> None:
    shell.write()
    said = shell.run(check, "check")
    assert (said.status, said.err) == (0, "")
    assert "balanced (default), cost-saver, observe" in said.out
    assert "smallfirst.db is made at the first start" in said.out
    assert said.out.endswith("nothing is wrong; 2 warnings above\n")


def test_three_mistakes_are_told_in_three_lines_and_a_count(shell: Shell) -> None:
    path = shell.write("lisen: 1\n" + PAIR.replace("10.00", "-1") + "baseline: bug\n")
    said = shell.run(check, "check")
    lines = said.err.splitlines()
    assert said.status == 1
    assert [line.split(": ")[:2] for line in lines[:3]] == [
        [f"{path}:1", "lisen"],
        [f"{path}:4", "upstreams.big.price.output"],
        [f"{path}:5", "baseline"],
    ]
    assert lines[3:] == ["3 problems: mend what is named above"]


def test_a_wrong_policy_and_a_server_that_is_down_are_told_together(shell: Shell) -> None:
    wrong = "policy: mine\nrules: [{name: a, when: p_god > 1, plan: [big]}]\notherwise: {plan: [big]}\n"
    shell.write(wrong, "policies/mine.yaml")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # held and not listened on: a connection is refused for sure
        shell.write(over_http(f"http://127.0.0.1:{held.getsockname()[1]}/v1"))
        said = shell.run(check, "check")
    assert said.status == 1
    assert "did you mean 'p_good'?" in said.err
    assert "upstreams.big: it is absent: Connection refused; start the server" in said.err
    assert said.err.endswith("2 problems: mend what is named above\n")


def test_a_server_that_answers_is_ready_and_is_asked_for_no_answer(shell: Shell, scripted: Scripted) -> None:
    big = scripted()
    shell.write(over_http(big.url))
    said = shell.run(check, "check")
    assert said.status == 0, said.err
    assert "ready" in said.out
    assert {request.method for request in big.requests} <= {"GET"}


def test_offline_asks_nobody(shell: Shell, scripted: Scripted) -> None:
    big = scripted()
    shell.write(over_http(big.url))
    assert shell.run(check, "check", "--offline").status == 0
    assert big.requests == []


def test_warnings_are_told_and_are_no_mistakes(shell: Shell) -> None:
    shell.write(PAIR + "  idle: {kind: recorded, recording: builtin, price: free}\n")
    said = shell.run(check, "check")
    assert said.status == 0
    assert "upstreams.idle: no rule, entrypoint or baseline names it" in said.out


def test_a_missing_file_says_how_to_get_one(shell: Shell) -> None:
    said = shell.run(check, "check")
    assert said.status == 1
    assert "smallfirst init" in said.err


def test_it_fails_where_serve_would_for_want_of_llama(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    shell.write()
    for words in (("check",), ("check", "--offline")):
        said = shell.run(check, *words)
        assert said.status == 1
        assert 'llama.cpp is not installed; pip install "smallfirst[local]"' in said.err


def test_a_machine_with_nothing_to_serve_is_told_what_it_lacks_and_what_to_run(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.setattr(settled, "__defaults__", ((),))  # nowhere to look
    shell.write("upstreams: discover\n")
    said = shell.run(check, "check")
    assert said.status == 1
    assert said.err.startswith(
        "no model server answers on this machine, and llama.cpp, which runs the built-in models,"
    )
    assert 'pip install "smallfirst[local]"' in said.err
    assert "tiny-a" not in said.out
