"""Every fault of docs/faults.md, brought about before a running proxy: what the client saw, and what the ledger says.

`python -m bench.faults` prints the table; tests/stories/test_faults.py holds each row to the page.
"""

import os
import re
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from router.builtin.questions import questions
from tests.standins.acts import Act, Completion, Received, completion_act
from tests.standins.dying import caught_loading
from tests.standins.house import House
from tests.standins.ollama import OllamaServer
from tests.standins.stage import PATIENCE_S, QUICK, WINDOW, Seen, Stage, beside, seen, until

PASS_ON = "policy: balanced\notherwise: {plan: [small, big]}\n"
JUDGED = "policy: balanced\notherwise: {plan: [{upstream: small, judges: [structure, refusal]}, big]}\n"
ALONE = "policy: balanced\notherwise: {plan: [small]}\n"
BIG_ALONE = "policy: balanced\notherwise: {plan: [big]}\n"
SHEET = "{kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}"
LONG = "word " * 9000  # about 11,250 tokens by our estimate: more than the window


def cold_load(stage: Stage) -> Seen:
    server = stage.ollama().has("qwen3:4b").says("from small").holds_loads()
    house = stage.house(PASS_ON, small=_ollama(server, ", timeout: {load_wait_s: 0.05}"))
    cold = house.ask()
    server.release()
    until(lambda: house.ask().headers["x-router-upstream"] == "small")
    return seen(house, cold, house.ask())


def cold_load_alone(stage: Stage) -> Seen:
    server = stage.ollama().has("qwen3:4b").says("from small").holds_loads()
    house = stage.house(ALONE, small=_ollama(server))
    asking = beside(house.ask)
    server.loading.wait()
    server.release()
    return seen(house, asking())


def _ollama(server: OllamaServer, more: str = "") -> str:
    return f"{{kind: ollama, url: '{server.url}', model: 'qwen3:4b', local: true, price: free{more}}}"


def killed_while_loading(stage: Stage, gguf: Path) -> Seen:
    question = _question()
    with caught_loading() as caught:
        house = stage.house(PASS_ON, small=stage.real(gguf), big=SHEET)
        until(lambda: bool(caught))
        during = house.http.post("/v1/chat/completions", json=question)
        os.kill(caught[0], signal.SIGKILL)
    until(lambda: _asked(house, question).headers["x-router-upstream"] == "small")
    return seen(house, during, _asked(house, question))


def killed_before_a_word(stage: Stage, gguf: Path) -> Seen:
    question = _question()
    house = stage.house(PASS_ON, small=stage.real(gguf), big=SHEET)
    until(lambda: _asked(house, question).headers["x-router-upstream"] == "small")
    pid = house.runtime.upstreams["small"].inner.pid  # type: ignore[attr-defined]
    known = len(house.ledger("attempts"))
    os.kill(pid, signal.SIGSTOP)
    asking = beside(lambda: _asked(house, question))
    until(lambda: len(house.ledger("attempts")) > known)
    os.kill(pid, signal.SIGKILL)
    row = seen(house, asking())
    # A race: the second call meets the dead one's socket, or its successor, which loads.
    second = r"(?<=small \(retry\) )`(\w+)`", r"(?<=fallback: )(\w+)(?=`)"
    words = "disconnected", "loading", "unreachable"
    found = [*re.findall(second[0], row.ledger), *re.findall(second[1], row.client)]
    assert len(found) == 2
    assert set(found) <= set(words)
    return Seen(re.sub(second[1], "…", row.client), re.sub(second[0], "too", row.ledger))


def killed_in_a_stream(stage: Stage, gguf: Path) -> Seen:
    question = _question()
    house = stage.house(PASS_ON, small=stage.real(gguf), big=SHEET)
    body, whole = question | {"stream": True, "max_tokens": 900, "ignore_eos": True}, b"[DONE]"
    while b"[DONE]" in whole:  # two MB write 900 tokens in a blink: they may be done before they are killed
        until(lambda: _asked(house, question).headers["x-router-upstream"] == "small")
        pid = house.runtime.upstreams["small"].inner.pid  # type: ignore[attr-defined]
        with house.http.stream("POST", "/v1/chat/completions", json=body, timeout=PATIENCE_S) as reply:
            chunks = reply.iter_bytes()
            whole = next(chunks)
            os.kill(pid, signal.SIGKILL)
            whole += b"".join(chunks)
    return seen(house, httpx.Response(reply.status_code, headers=reply.headers, content=whole))


def _question() -> dict[str, Any]:
    return {**questions("test", 1)[0].body, "model": "auto"}


def _asked(house: House, body: Mapping[str, Any]) -> httpx.Response:
    return house.http.post("/v1/chat/completions", json=body, timeout=PATIENCE_S)


def in_band(stage: Stage) -> Seen:
    stage.small.errs_in_band()
    house = stage.house(PASS_ON)
    return seen(house, house.ask(), house.ask(stream=True))


def would_be_cut(stage: Stage) -> Seen:
    house = stage.house(PASS_ON)
    reply = house.ask(LONG)
    assert stage.small.requests == []
    return seen(house, reply)


def cut_all_the_same(stage: Stage) -> Seen:
    house = _cutting(stage, PASS_ON)
    return seen(house, house.ask(LONG))


def cut_alone(stage: Stage) -> Seen:
    house = _cutting(stage, ALONE)
    return seen(house, house.ask(LONG))


def _cutting(stage: Stage, policy: str) -> House:
    """A server that says no window, keeps half of it of whatever it is sent, and says 200."""

    def answer(request: Received) -> Act:
        usage = {"prompt_tokens": WINDOW // 2, "completion_tokens": 3, "total_tokens": WINDOW // 2 + 3}
        return completion_act(request, Completion(["to half a question"], usage=usage))

    stage.small.does(answer)
    return stage.house(policy, more=QUICK)


def no_first_token(stage: Stage) -> Seen:
    stage.small.hangs()
    house = stage.house(PASS_ON, more="timeout: {first_token_s: 0.3}")
    return seen(house, house.ask(stream=True))


def tokens_that_stop(stage: Stage) -> Seen:
    stage.small.stalls(after=3)
    house = stage.house(PASS_ON)
    return seen(house, house.ask(stream=True))


def tokens_that_stop_held(stage: Stage) -> Seen:
    stage.small.stalls(after=3)
    house = stage.house(JUDGED)
    return seen(house, house.ask(stream=True))


def garbage(stage: Stage) -> Seen:
    stage.small.garbage()
    house = stage.house(PASS_ON)
    return seen(house, house.ask(), house.ask(stream=True))


def refusal(stage: Stage) -> Seen:
    stage.small.says("I'm sorry, but I cannot help with that.")
    house = stage.house(JUDGED)
    return seen(house, house.ask(), house.ask(stream=True))


def half_a_stream(stage: Stage) -> Seen:
    stage.small.cuts(after=3)
    house = stage.house(PASS_ON)
    return seen(house, house.ask(stream=True))


def half_a_stream_held(stage: Stage) -> Seen:
    stage.small.cuts(after=3)
    house = stage.house(JUDGED)
    return seen(house, house.ask(stream=True))


def full_and_overflowing(stage: Stage) -> Seen:
    return _full(stage, "overflow")


def full_and_waiting(stage: Stage) -> Seen:
    return _full(stage, "wait")


def _full(stage: Stage, how: str) -> Seen:
    stage.small.slow("at last").then.says("from small")
    house = stage.house(PASS_ON, more=f"slots: 1, full: {how}")
    first = beside(house.ask)
    stage.small.asked.wait()
    second = beside(house.ask)
    if how == "overflow":
        reply = second()
        stage.small.release()
        first()
    else:
        until(lambda: len(house.ledger("attempts")) == 2)
        stage.small.release()
        first()
        reply = second()
    return seen(house, reply)


def flapping(stage: Stage) -> Seen:
    small = stage.small.fails(500)
    for _ in range(4):
        small.then.fails(500)
    small.then.says("from small")
    house = stage.house(PASS_ON, more=f"{QUICK}, breaker: {{open_s: 3}}")
    down = [house.ask() for _ in range(7)]
    until(lambda: house.http.get("/readyz").json()["breakers"]["small"]["state"] == "half_open")
    return seen(house, *down, house.ask(), house.ask())


def one_machine_gone(stage: Stage) -> Seen:
    gone, other = stage.scripted(), stage.scripted().says("from the other")
    row = f"{{kind: openai, urls: ['{gone.url}', '{other.url}'], model: m, local: true, context: 8192, price: free}}"
    gone.down()
    house = stage.house(PASS_ON, small=row)
    replies = [house.ask(f"question {n}") for n in range(8)]
    assert {attempt["machine"] for attempt in house.ledger("attempts")} == {f"127.0.0.1:{other.port}"}
    return seen(house, *replies)


def small_down_and_budget_spent(stage: Stage) -> Seen:
    stage.small.down()
    house = stage.house(f"{PASS_ON}spill: {{usd_per_hour: 0, then: refuse}}\n")
    return seen(house, house.ask())


def big_down_and_allowed(stage: Stage) -> Seen:
    stage.big.down()
    stage.small.says("from small")
    house = stage.house(f"{BIG_ALONE}degrade: [small]\n")
    return seen(house, house.ask(), house.ask(stream=True))


def big_down(stage: Stage) -> Seen:
    stage.big.down()
    house = stage.house(BIG_ALONE)
    return seen(house, house.ask())


Play = Callable[[Stage], Seen]
FAULTS: Mapping[str, Play] = {
    "cold load: asked while it loads, and after": cold_load,
    "cold load, no other upstream in the plan: it is waited for": cold_load_alone,
    "an error in a body that says 200; in a stream": in_band,
    "a prompt that the server would cut": would_be_cut,
    "a cut that was found out by its count": cut_all_the_same,
    "the same, no other upstream in the plan": cut_alone,
    "no first token": no_first_token,
    "tokens that stop, passed on": tokens_that_stop,
    "tokens that stop, held for judges": tokens_that_stop_held,
    "garbage in place of JSON; in place of a stream": garbage,
    "a refusal; streamed": refusal,
    "half a stream, passed on": half_a_stream,
    "half a stream, held for judges": half_a_stream_held,
    "a full queue, `full: overflow`": full_and_overflowing,
    "a full queue, `full: wait`": full_and_waiting,
    "flapping: five failures, two requests meanwhile, then well again": flapping,
    "one of two machines gone, eight requests": one_machine_gone,
    "small down, `spill` spent, `then: refuse`": small_down_and_budget_spent,
    "big down, `degrade: [small]`; streamed": big_down_and_allowed,
    "big down, no other upstream": big_down,
}
REAL: Mapping[str, Callable[[Stage, Path], Seen]] = {
    "a real llama.cpp killed while it loads (as for want of memory), and after": killed_while_loading,
    "a real llama.cpp killed before its first word": killed_before_a_word,
    "a real llama.cpp killed in the middle of a stream": killed_in_a_stream,
}
