"""The built-in world's three models confer under real llama.cpp: asked, compared, weighed with log-probabilities."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from classifier.verifier import FEATURES
from router.builtin.questions import questions
from tests.standins.house import House
from tests.standins.tiny_llama import tiny_model

PATIENCE_S = 60.0
MODEL = '{{kind: llamacpp, gguf: "builtin:{0}", model: {0}, context: 2048, threads: 1, price: free}}'
WORLD = "\n".join(
    [
        "upstreams:",
        *(
            f"  {name}: {MODEL.format(gguf)}"
            for name, gguf in (("small", "tiny-a"), ("second", "tiny-b"), ("third", "tiny-c"))
        ),
        "  big: {kind: recorded, recording: builtin, price: {input: 2.50, output: 10.00}}",
        "classifier: {artifact: builtin}",
        "",
    ]
)
CONFER = """
policy: balanced
rules:
  - name: let-them-confer
    when: keep_cut > 0 and checkable
    plan: [{panel: local, judges: [structure, refusal, loops, verifier]}, big]
otherwise: {plan: [big]}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A proxy over the three; skips, saying so, where llama.cpp or the models are missing."""
    tiny_model()
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "balanced.yaml").write_text(CONFER)
    config = tmp_path / "config.yaml"
    config.write_text(WORLD)
    made = House(config)
    yield made
    made.close()


def test_the_three_tiny_models_confer_and_what_they_say_is_weighed(house: House) -> None:
    question = next(q for q in questions("test", 200) if q.family == "sentiment")

    reply = house.http.post("/v1/chat/completions", json={**question.body, "model": "auto"}, timeout=PATIENCE_S)

    assert reply.status_code == 200, reply.text
    assert reply.headers["x-router-rule"] == "let-them-confer"
    assert reply.headers["x-router-upstream"] in ("small", "second", "third")
    (exchange,) = house.ledger("exchanges")
    assert exchange["p_kept"] >= exchange["keep_cut"] > 0
    assert not reply.json()["choices"][0].get("logprobs")  # they were asked for us, not for the client
    weighed = sorted(house.ledger("verdicts", judge="verifier"), key=lambda verdict: verdict["seq"])
    assert all(verdict["evidence"][FEATURES.index("logprob_mean")] <= 0 for verdict in weighed)
    assert [verdict["stage"] for verdict in weighed] == list(range(1, len(weighed) + 1))
    (level,) = json.loads((files("router") / "builtin/panel/verifier.json").read_text())["levels"]
    assert [verdict["cut"] for verdict in weighed] == level["sequence"]["0.02"]["keep"][: len(weighed)]
    assert (exchange["strictness"], exchange["keep_cut"]) == (0.02, weighed[-1]["cut"])


def test_the_first_reply_of_the_readme_has_the_headers_that_are_printed_there(house: House) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    asked, _, told = readme.partition("The headers of the reply say who answered")
    printed = dict(line.split(": ") for line in told.split("```")[1].split("\n") if line)
    body = json.loads(asked.rpartition("-d '")[2].partition("'\n")[0])

    headers = house.http.post("/v1/chat/completions", json=body, timeout=PATIENCE_S).headers

    for name in ("x-router-p-good", "x-router-p-kept"):
        # The last places are the processor's.
        assert float(headers[name]) == pytest.approx(float(printed.pop(name)), abs=5e-4), name
    assert {name: headers[name] for name in printed} == printed
