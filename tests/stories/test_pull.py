"""From a hub to an answer: one of our own models is pulled, the row shown is put in, and llama.cpp runs it."""

from pathlib import Path

import pytest

from router.builtin.questions import questions
from router.cli import pull
from tests.cli.conftest import Shell, shell
from tests.standins.house import House
from tests.standins.hub import HubServer
from tests.stories.test_real_llama import ask, until

pytest.importorskip("huggingface_hub", reason='NOT TESTED: pip install "smallfirst[hub]"')

__all__ = ["shell"]  # the fixture of the commands' own tests

BIG = "  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}\n"
ALONE = "policy: balanced\notherwise: {plan: [small]}\n"


def test_a_model_that_was_pulled_answers(
    shell: Shell,
    tiny_gguf: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    with HubServer({"tiny.gguf": tiny_gguf.read_bytes()}) as hub:
        said = shell.run(pull, "pull", hub.repo, "--endpoint", hub.url)
    assert said.status == 0, said.err
    row = said.out.splitlines()[-1]
    shell.write(ALONE, "policies/balanced.yaml")
    house = House(shell.write(f"upstreams:\n{row}\n{BIG}"))
    try:
        question = next(q for q in questions("test", 200) if q.family == "capital")
        until(lambda: house.http.get("/readyz").json()["upstreams"]["small"] == "ready")
        reply = ask(house, question)
        assert (reply.status_code, reply.headers["x-router-upstream"]) == (200, "small")
        assert reply.json()["choices"][0]["message"]["content"]
        (attempt,) = house.ledger("attempts")
        assert (attempt["model"], attempt["usage_source"], attempt["output"] > 0) == ("tiny", "upstream", True)
    finally:
        house.close()
