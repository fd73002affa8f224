"""A real llama.cpp process that dies, in the middle of an answer and while it loads: what is seen and written."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.builtin.questions import questions
from tests.standins.dying import TASKS, caught_loading
from tests.standins.house import House
from tests.standins.tiny_llama import tiny_model
from tests.stories.test_real_llama import ask, until

CONFIG = """\
upstreams:
  small: {{kind: llamacpp, gguf: "{gguf}", context: 1024, threads: 1, price: free, timeout: {{load_wait_s: 0.1}}}}
  big: {{kind: recorded, recording: builtin, price: {{input: 2.50, output: 10.00}}}}
"""
PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"


def opened(folder: Path) -> House:
    (folder / "policies").mkdir()
    (folder / "policies" / "balanced.yaml").write_text(PASS_ON)
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(gguf=tiny_model()))
    return House(config)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = opened(tmp_path)
    yield made
    made.close()


def test_a_model_killed_in_the_middle_of_a_stream_is_said_so_and_never_passed_off_as_an_end(house: House) -> None:
    question = questions("test", 1)[0]
    until(lambda: ask(house, question).headers["x-router-upstream"] == "small")
    small = house.runtime.upstreams["small"].inner  # type: ignore[attr-defined]
    body = {**question.body, "model": "auto", "stream": True, "max_tokens": 900, "ignore_eos": True}
    with house.http.stream("POST", "/v1/chat/completions", json=body, timeout=60) as reply:
        lines = reply.iter_lines()
        first = next(lines)
        os.kill(small.pid, signal.SIGKILL)
        rest = list(lines)

    assert (reply.status_code, first.startswith("data: ")) == (200, True)
    told = "\n".join(rest)
    assert "stream_interrupted" in told
    assert "[DONE]" not in told
    attempt = house.ledger("attempts")[-1]
    assert (attempt["upstream"], attempt["error"], attempt["usage_source"]) == (
        "small",
        "stream_interrupted",
        "estimate",
    )
    assert attempt["output"] > 0
    assert house.ledger("exchanges")[-1]["outcome"] == "failed"
    until(lambda: ask(house, question).headers["x-router-upstream"] == "small")


@pytest.mark.skipif(not TASKS.exists(), reason="NOT TESTED: no /proc here")
def test_a_model_that_loads_for_ever_and_is_killed_keeps_nobody_waiting(tmp_path: Path) -> None:
    question = questions("test", 1)[0]
    with caught_loading() as caught:
        house = opened(tmp_path)
        try:
            until(lambda: bool(caught))
            waiting = ask(house, question)
            assert waiting.headers["x-router-upstream"] == "big", waiting.text
            assert waiting.headers["x-router-fallback"] == "loading"
            first = house.ledger("attempts")[0]
            assert (first["error"], first["status"], first["output"]) == ("loading", None, None)

            os.kill(caught[0], signal.SIGKILL)

            until(lambda: ask(house, question).headers["x-router-upstream"] == "small")
        finally:
            house.close()
