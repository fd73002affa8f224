"""From requests to an artifact that serves: the plan is tried out in the shadow, labels itself, and is learned from."""

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.artifact import Classifier
from router.cli.main import main
from tests.conftest import OpenHouse, Scripted
from tests.standins.acts import Received
from tests.standins.house import House
from tests.standins.scripted import ScriptedUpstream
from tests.standins.stage import until

OBSERVE = """
policy: balanced
mode: observe
otherwise:
  plan:
    - {upstream: small, judges: [structure, refusal]}
    - big
"""
ACT = """
policy: balanced
cut: 0.5
rules:
  - name: likely-good
    when: p_good >= cut
    plan: [{upstream: small, judges: [structure, refusal]}, big]
otherwise: {plan: [big]}
"""
QUESTIONS = 70
SALT = bytes(range(32))  # of a hundred and forty conversations it holds out twenty-six
ADDING, TAKING = "Add {} and {} for me. Answer with a number.", "How far is {} from {}, squared? Answer with a number."


def answered(right: bool, *, third: bool = False) -> Any:
    """Adds well; `right` models can do the other thing too, and a `third` one errs in its own way."""

    def say(request: Received) -> str:
        one, other = (int(word.strip("?.,")) for word in request.text.split() if word.strip("?.,").isdigit())
        wrong = one * other if third else one + other
        return str(((one - other) ** 2 if right else wrong) if "squared" in request.text else one + other)

    return say


@pytest.fixture
def models(scripted: Scripted) -> dict[str, ScriptedUpstream]:
    return {"small": scripted().answers(answered(False)), "big": scripted().answers(answered(True))}


def played(open_house: OpenHouse, models: dict[str, ScriptedUpstream], policy: str = OBSERVE) -> House:
    """A house that has answered questions of two kinds, and tried each out in the shadow."""
    house = open_house(models, policy=policy, salt=SALT)
    until(lambda: bool(house.runtime.facts.get("small.ready")))
    for number in range(QUESTIONS):
        for wording in (ADDING, TAKING):
            assert house.ask(wording.format(number, 3 * number + 7)).status_code == 200
        house.settle()
    house.ledger("labels")  # from here on all of it is rows
    return house


def config_of(house: House) -> str:
    return str(house.folder / "config.yaml")


def test_what_was_tried_out_in_the_shadow_is_learned_measured_served_and_explained(
    open_house: OpenHouse, models: dict[str, ScriptedUpstream], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = played(open_house, models)
    words = ("--from", "ledger", "--config", config_of(house), "--format", "json")

    assert main(["learn", "evaluate", *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["stage"], told["big_quality"]) == ("question", 1.0)
    assert told["method"]["graded_by"].endswith("to agree with the baseline is not to be right")
    right = told["small_quality"]
    assert (told["n"], right) == (26, pytest.approx(14 / 26, abs=1e-4))  # who is held out hangs on the salt alone
    assert (told["at"]["0.02"]["share_small"]["value"], told["at"]["0.02"]["loss"]) == (right, 0.0)
    assert told["controls"]["random_mix"]["at"]["0.02"]["loss"] == pytest.approx(right * (1 - right), abs=1e-3)

    for folder in ("one", "two"):
        assert main(["learn", "train", *words, "--out", str(tmp_path / folder)]) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
    assert (tmp_path / "one" / "artifact.json").stat().st_mode & 0o077 == 0  # the store's salt is in it
    assert "graded by agreement" in (tmp_path / "one" / "MODEL_CARD.md").read_text()
    assert made["training"]["rows"] + made["held_out"]["n"] == 2 * QUESTIONS
    house.close()

    after = open_house(models, policy=ACT, extra=f"classifier: {{artifact: {tmp_path / 'one'}}}\n")
    assert after.runtime.pipeline.deps.classifier is not None
    assert after.runtime.pipeline.deps.classifier.digest == Classifier.load(tmp_path / "one").digest
    replies = [after.ask(wording.format(81, 2)) for wording in (ADDING, TAKING)]
    assert [reply.headers["x-router-upstream"] for reply in replies] == ["small", "big"]
    id_ = replies[0].headers["x-request-id"]
    after.close()
    assert main(["explain", id_, "--config", config_of(after), "--format", "json"]) == 0
    score = json.loads(capsys.readouterr().out)["p_good"]
    assert score["task_terms"][-2][0] == "task"  # it knows the wording, by a hash
    terms = sum(value for _, value in score["task_terms"])
    trees = score["base_value"] + sum(part["adds"] for part in score["contributions"])
    assert terms + trees == pytest.approx(score["raw"], abs=1e-5)
    assert score["raw"] < 0.05 < 0.4 < terms  # the trees tell the wordings apart


def test_a_ledger_that_holds_too_little_is_refused_with_what_is_missing(
    open_house: OpenHouse, models: dict[str, ScriptedUpstream], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = open_house(models, policy=OBSERVE)
    until(
        lambda: bool(house.runtime.facts.get("small.ready"))
    )  # before anybody has looked at small, nobody knows that it is here
    house.ask(ADDING.format(1, 2))
    house.settle()
    assert len(house.ledger("labels")) == 1  # rows of all that was answered are there by now
    words = ("--from", "ledger", "--config", config_of(house), "--out", str(tmp_path / "artifact"))
    assert main(["learn", "train", *words]) == 1
    assert "49 more such questions are missing" in capsys.readouterr().err
    assert not (tmp_path / "artifact").exists()


PANEL = """
policy: balanced
mode: observe
rules:
  - name: let-them-confer
    when: checkable
    plan: [{panel: [small, second], judges: [structure, verifier]}, big]
otherwise: {plan: [big]}
"""


def test_a_panel_that_was_tried_out_teaches_a_second_stage_that_keeps_its_answers(
    open_house: OpenHouse, scripted: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = {"small": answered(False), "second": answered(False, third=True), "big": answered(True)}
    house = played(open_house, {name: scripted().answers(say) for name, say in models.items()}, PANEL)
    words = ("--from", "ledger", "--config", config_of(house), "--format", "json")
    panel = ("--stage", "panel", "--panel", "small,second")

    assert main(["learn", "evaluate", *words, *panel]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["stage"], told["checkable"]) == ("panel", 1.0)
    assert (told["n"], told["at"]["0.02"]["loss"]) == (26, 0.0)
    assert told["at"]["0.02"]["share_small"]["value"] == pytest.approx(14 / 26, abs=1e-4)
    out = tmp_path / "artifact"
    assert main(["learn", "train", *words, "--out", str(out)]) == 0
    assert main(["learn", "train", *words, *panel, "--out", str(out / "panel")]) == 0
    house.close()

    act = PANEL.replace("mode: observe", "keep_cut: 0.5")
    again = {name: scripted().answers(say) for name, say in models.items()}
    after = open_house(again, policy=act, extra=f"classifier: {{artifact: {out}}}\n")
    kept, moved = (after.ask(wording.format(81, 6)) for wording in (ADDING, TAKING))
    assert (kept.headers["x-router-upstream"], moved.headers["x-router-upstream"]) == ("small", "big")
    assert float(kept.headers["x-router-p-kept"]) > 0.5
    after.close()
    capsys.readouterr()
    assert main(["explain", kept.headers["x-request-id"], "--config", config_of(after)]) == 0
    assert "p_kept" in capsys.readouterr().out
