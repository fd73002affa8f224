"""Codex itself, in a tool loop through /v1/responses: it asks, runs what the model calls for, and asks again."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import HERE, SORRY, Served
from tests.standins.acts import Completion

CODEX = HERE / "codex" / "node_modules" / ".bin" / "codex"
HOME = """\
model = "auto"
model_provider = "smallfirst"
[model_providers.smallfirst]
name = "smallfirst"
base_url = "{url}"
env_key = "SMALLFIRST_KEY"
wire_api = "responses"
"""


@pytest.fixture
def context() -> int:
    """Its first request has about ten thousand tokens."""
    return 32_768


@pytest.fixture
def codex(served: Served, tmp_path: Path) -> "Codex":
    return Codex(served.url, tmp_path)


class Codex:
    """`codex exec` in a folder and with a home of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.work, self.home = folder / "work", folder / "home"
        self.work.mkdir()
        self.home.mkdir()
        (self.home / "config.toml").write_text(HOME.format(url=url))

    def __call__(self, prompt: str) -> list[dict[str, Any]]:
        """The items that it completed, as it tells them."""
        command = [str(CODEX), "exec", "--json", "--skip-git-repo-check", "--sandbox", "danger-full-access", prompt]
        environ = {**os.environ, "CODEX_HOME": str(self.home), "SMALLFIRST_KEY": "any"}
        done = subprocess.run(
            command, cwd=self.work, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr + done.stdout
        events = [json.loads(line) for line in done.stdout.splitlines()]
        return [event["item"] for event in events if event["type"] == "item.completed"]


def said(items: list[dict[str, Any]]) -> list[str]:
    return [item["text"] for item in items if item["type"] == "agent_message"]


def test_it_reads_an_answer_from_small_and_from_big_after_a_verdict(
    codex: Codex, served: Served, answered: str
) -> None:
    assert said(codex("say hello")) == [answered]


def test_it_runs_what_the_model_calls_for_and_tells_the_model_what_came_of_it(codex: Codex, served: Served) -> None:
    served.small.calls("exec_command", {"cmd": "echo from the shell | tee made.txt"}).then.says("It is made.")
    items = codex("make the file")
    assert said(items) == ["It is made."]
    (ran,) = (item for item in items if item["type"] == "command_execution")
    assert (ran["exit_code"], ran["aggregated_output"]) == (0, "from the shell\n")
    assert (codex.work / "made.txt").read_text() == "from the shell\n"
    last = json.loads(served.small.requests[-1].body)["messages"]
    assert [message["role"] for message in last[-2:]] == ["assistant", "tool"]
    assert "from the shell" in last[-1]["content"]
    assert served.big.requests == []


def test_what_the_model_thought_comes_back_to_it_with_the_next_turn(codex: Codex, served: Served) -> None:
    function = {"name": "exec_command", "arguments": '{"cmd": "true"}'}
    call = {"id": "call_1", "type": "function", "function": function}
    served.small.completes(Completion([], "tool_calls", tool_calls=[call], thought="I shall look first."))
    served.small.then.says("Done.")
    items = codex("do it")
    assert said(items) == ["Done."]
    assistant = json.loads(served.small.requests[-1].body)["messages"][-2]
    assert (assistant["role"], assistant["tool_calls"][0]["function"]) == ("assistant", function)
    assert assistant["reasoning_content"] == "I shall look first."


def test_its_turns_are_one_conversation_that_stays_where_a_verdict_sent_it(codex: Codex, served: Served) -> None:
    served.small.says(SORRY)
    served.big.calls("exec_command", {"cmd": "true"}).then.says("Done by big.")
    assert said(codex("do it")) == ["Done by big."]
    assert len(served.small.requests) == 1
    rows = served.ledger("exchanges")
    assert [row["dialect"] for row in rows] == ["responses", "responses"]
    assert len({row["session"] for row in rows}) == 1
    assert rows[0]["session"]
