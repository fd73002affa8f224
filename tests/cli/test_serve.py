"""`smallfirst serve`: a banner that ends with something to try, a door that stays shut, a clean end."""

import argparse
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from router.cli import serve
from router.core.errors import SetupError
from tests.cli.conftest import PAIR, Shell
from tests.conftest import Scripted
from tests.standins.house import write_house

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


class Served:
    """A real `smallfirst serve` in a process of its own."""

    def __init__(self, config: Path, *more: str) -> None:
        words = [sys.executable, "-m", "router.cli", "serve", "--config", str(config), "--port", "0", *more]
        environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            words, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.banner = list(self._until_curl())

    def _until_curl(self) -> Iterator[str]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            yield line.rstrip("\n")
            if line.startswith("  curl "):
                return

    @property
    def url(self) -> str:
        return self.banner[0].split(" on ")[1]

    def end(self, how: signal.Signals) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(how)
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode


@pytest.fixture
def config(tmp_path: Path, scripted: Scripted) -> Path:
    return write_house(tmp_path, {"small": scripted(), "big": scripted()})


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_what_it_is_made_of_serves_and_ends_cleanly(config: Path, how: signal.Signals) -> None:
    served = Served(config)
    try:
        assert served.banner[0].startswith("smallfirst serves on http://127.0.0.1:")
        text = "\n".join(served.banner)
        assert "small    openai    small-model" in text
        assert "policy balanced, baseline big" in text
        assert "sk-small-secret" not in text
        assert httpx.get(f"{served.url}/models", trust_env=False).status_code == 200
    finally:
        status = served.end(how)
    assert status == 0


def test_the_command_of_the_banner_works_as_it_is_written(config: Path) -> None:
    served = Served(config)
    try:
        done = subprocess.run(["bash", "-c", served.banner[-1]], capture_output=True, text=True, check=True)
    finally:
        served.end(signal.SIGTERM)
    assert "200 OK" in done.stdout
    assert "x-router-upstream: small" in done.stdout


def test_where_a_key_is_required_the_command_of_the_banner_shows_one(config: Path) -> None:
    config.write_text(config.read_text(encoding="utf-8") + "auth: required\n", encoding="utf-8")
    words = [sys.executable, "-m", "router.cli", "keys", "add", "me", "--config", str(config)]
    key = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    served = Served(config)
    try:
        environ = {**os.environ, "KEY": key}
        done = subprocess.run(
            ["bash", "-c", served.banner[-1]], env=environ, capture_output=True, text=True, check=True
        )
    finally:
        served.end(signal.SIGTERM)
    assert "$(smallfirst keys add NAME)" in served.banner[-2]
    assert "200 OK" in done.stdout


def test_a_signal_reloads_the_configuration(config: Path) -> None:
    served = Served(config)
    try:
        before = httpx.get(f"{served.url[:-3]}/readyz", trust_env=False).json()["config"]
        config.write_text(config.read_text() + "reply_model: requested\n")
        served.process.send_signal(signal.SIGHUP)
        body = {"model": "auto", "messages": [{"role": "user", "content": "hi"}]}
        named = {
            httpx.post(f"{served.url}/chat/completions", json=body, trust_env=False).json()["model"] for _ in "abc"
        }
        after = httpx.get(f"{served.url[:-3]}/readyz", trust_env=False).json()["config"]
    finally:
        served.end(signal.SIGTERM)
    assert "auto" in named
    assert before != after


def test_an_open_door_beyond_this_machine_is_refused(shell: Shell) -> None:
    shell.write()
    with pytest.raises(SetupError, match=r"auth: required"):
        shell.run(serve, "serve", "--host", "0.0.0.0", "--port", "0")


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_that_is_none_is_refused_and_not_wrapped_around(
    shell: Shell, port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.write()
    with pytest.raises(SystemExit) as left:
        shell.run(serve, "serve", "--port", port)
    assert left.value.code == 2
    assert "is not a port; give 0 to 65535" in capsys.readouterr().err


def test_more_workers_than_this_release_has_is_used_wrongly(shell: Shell) -> None:
    shell.write()
    said = shell.run(serve, "serve", "--workers", "4")
    assert (said.status, said.out) == (2, "")
    assert "leave --workers out" in said.err


def test_a_port_that_is_taken_is_told_in_a_line_with_what_to_do(config: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        words = ["serve", "--config", str(config), "--port", str(held.getsockname()[1])]
        done = subprocess.run(
            [sys.executable, "-m", "router.cli", *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "--port" in done.stderr


def test_named_upstreams_are_taken_as_they_are_and_nothing_is_discovered(shell: Shell) -> None:
    path = shell.write(PAIR)
    runtime, discovery = serve.prepare(argparse.Namespace(config=path))
    try:
        assert discovery is None
        assert list(runtime.upstreams) == ["small", "big"]
    finally:
        runtime.store.close()


def test_the_banner_says_that_the_baseline_answers_everything_and_whom_p_good_knows_nothing_about(config: Path) -> None:
    (config.parent / "policies" / "balanced.yaml").unlink()  # the shipped one promises, and has no cut
    runtime, discovery = serve.prepare(argparse.Namespace(config=config))
    told = serve.banner(runtime, discovery, "http://127.0.0.1:4000")
    runtime.store.close()
    assert (
        "warning: policy balanced: promise: no certificate and no `cut:` stand behind it, so the baseline big" in told
    )
    assert "warning: upstream small: p_good: no labelled row is about this model" in told
