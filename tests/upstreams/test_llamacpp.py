"""Kind `llamacpp`: a real process, killed and misled."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from router.core.errors import NotReady, SetupError, UpstreamFailed
from router.core.ports import Upstream
from router.upstreams.llamacpp import LlamaCpp
from tests.upstreams.conftest import Built, asked, read


def llama(built: Built, gguf: Path) -> LlamaCpp:
    made = built(kind="llamacpp", local=True, slots=1, context=512, options={"gguf": str(gguf), "threads": 1})
    assert isinstance(made, LlamaCpp)
    return made


async def test_nothing_runs_before_the_first_use_and_nothing_after_the_last(built: Built, tiny_gguf: Path) -> None:
    upstream = llama(built, tiny_gguf)
    assert upstream.pid is None
    await upstream.send(asked(max_tokens=2))
    pid = upstream.pid
    assert pid is not None
    await upstream.aclose()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_it_tells_its_window_and_slots(built: Built, tiny_gguf: Path) -> None:
    upstream = llama(built, tiny_gguf)
    await upstream.send(asked(max_tokens=2))
    state = await upstream.state()
    assert (state.phase, state.context, state.slots) == ("ready", 512, 1)


async def test_a_killed_process_is_started_again(built: Built, tiny_gguf: Path) -> None:
    upstream = llama(built, tiny_gguf)
    await upstream.send(asked(max_tokens=2))
    first = upstream.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await _answers_again(upstream)
    assert upstream.pid not in (None, first)


async def test_a_process_killed_mid_answer_breaks_the_stream_and_no_more(built: Built, tiny_gguf: Path) -> None:
    upstream = llama(built, tiny_gguf)
    stream = await upstream.stream(asked("Tell me a long story", stream=True, max_tokens=400, ignore_eos=True))
    await anext(aiter(stream.chunks))
    assert upstream.pid is not None
    os.kill(upstream.pid, signal.SIGSTOP)
    os.kill(upstream.pid, signal.SIGKILL)
    with pytest.raises(UpstreamFailed) as failed:
        await read(stream, [])
    assert failed.value.code == "stream_interrupted"
    await _answers_again(upstream)


async def test_a_file_that_is_no_model_refuses_at_once_and_the_state_says_why(built: Built, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    upstream = llama(built, broken)
    with pytest.raises(NotReady) as refused:
        await upstream.send(asked())
    assert (refused.value.code, refused.value.status) == ("not_running", 503)
    state = await upstream.state()
    assert state.phase == "failing"
    assert "broken.gguf" in state.detail
    assert str(tmp_path) not in refused.value.message


def test_a_missing_file_is_a_mistake_in_the_config(built: Built, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"upstreams\.small\.gguf"):
        llama(built, tmp_path / "missing.gguf")


def test_the_process_ends_with_a_parent_that_is_killed(tiny_gguf: Path) -> None:
    script = (
        "import json, subprocess, sys, router.upstreams as here, pathlib\n"
        "server = pathlib.Path(here.__file__).with_name('llama_server.py')\n"
        "child = subprocess.Popen([sys.executable, '-P', server], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        f"order = dict(gguf={str(tiny_gguf)!r}, alias='a', key='k', slots=1, context=512, threads=1)\n"
        "child.stdin.write(json.dumps(order).encode() + b'\\n'); child.stdin.flush()\n"
        "child.stdout.readline(); print(child.pid, flush=True); child.wait()\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", script], stdout=pipe, stderr=pipe) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.kill()
        parent.communicate(timeout=10)  # raises as long as somebody holds the parent's stderr: the child does


async def _answers_again(upstream: Upstream) -> None:
    for _ in range(1000):
        try:
            await upstream.send(asked(max_tokens=2))
        except UpstreamFailed:
            continue
        return
    raise AssertionError("it was not started again")
