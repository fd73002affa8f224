"""A real llama.cpp server with a model of our own as the small one, an answer sheet as the big one."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from router.builtin.questions import Question, questions
from tests.standins.house import House
from tests.standins.tiny_llama import tiny_model

PATIENCE_S = 60.0
CONFIG = """\
upstreams:
  small: {{kind: llamacpp, gguf: "{gguf}", context: 1024, threads: 1, price: free}}
  big: {{kind: recorded, recording: builtin, price: {{input: 2.50, output: 10.00}}}}
"""
SMALL_FIRST = "policy: balanced\notherwise: {plan: [{upstream: small, judges: [structure]}, big]}\n"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A proxy over a real model; skips, saying so, where llama.cpp or the models are missing."""
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "balanced.yaml").write_text(SMALL_FIRST)
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG.format(gguf=tiny_model()))
    made = House(config)
    yield made
    made.close()


def ask(house: House, question: Question, *, stream: bool = False) -> httpx.Response:
    body = {**question.body, "model": "auto", "stream": stream, "max_tokens": 32}
    return house.http.post("/v1/chat/completions", json=body, timeout=PATIENCE_S)


def until(happened: Callable[[], bool]) -> None:
    """Wait for what only the ledger can tell: it looks again a few times a second, and fails in the end."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / 0.05)):
        if happened():
            return
        pause.wait(0.05)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_real_model_answers_a_real_question(house: House, stream: bool) -> None:
    question = next(q for q in questions("test", 200) if q.family == "capital")

    reply = ask(house, question, stream=stream)

    assert reply.status_code == 200, reply.text
    assert reply.headers["x-router-upstream"] in ("small", "big")
    if stream:
        assert reply.text.rstrip().endswith("data: [DONE]")
    first = house.ledger("attempts")[0]
    assert (first["upstream"], first["status"], first["error"]) == ("small", 200, None)
    assert first["input"] + first["cached"] > 0
    assert first["output"] > 0
    assert first["usage_source"] == "upstream"
    assert first["cost"] == 0


def test_a_model_killed_in_the_middle_of_an_answer_costs_the_client_nothing_but_time(house: House) -> None:
    question = questions("test", 1)[0]
    ask(house, question)
    small = house.runtime.upstreams["small"].inner  # type: ignore[attr-defined]
    pid = small.pid
    os.kill(pid, signal.SIGSTOP)
    replies: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: replies.append(ask(house, question)))

    asking.start()
    until(lambda: len(house.runtime.store.find("attempts", upstream="small")) == 2)
    os.kill(pid, signal.SIGKILL)
    asking.join(PATIENCE_S)

    (reply,) = replies
    assert reply.status_code == 200, reply.text
    (_, exchange) = house.ledger("exchanges")
    assert exchange["outcome"] == "answered"
    broken, mended = house.ledger("attempts", exchange=exchange["id"])[:2]
    assert broken["error"] is not None
    assert mended["reason"] in ("retry", "fallback")
    until(lambda: small.pid not in (None, pid))
    assert ask(house, question).status_code == 200


def test_a_question_that_nobody_holds_is_answered_by_the_small_one_or_told_plainly(house: House) -> None:
    body = {"model": "big", "messages": [{"role": "user", "content": "Who are you?"}]}
    reply = house.http.post("/v1/chat/completions", json=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "not_recorded")
    assert reply.headers["x-should-retry"] == "false"
