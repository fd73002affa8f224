"""What is shipped with the questions: three models, their artifact and their cuts belong together."""

import json
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pytest

from classifier.artifact import Classifier
from classifier.features import extract
from classifier.task import task_path
from classifier.verifier import Verifier
from router.builtin.questions import questions

HOME = files("router") / "builtin"
NAMES = ("tiny-a", "tiny-b", "tiny-c")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(str(HOME / "artifact"))


@pytest.fixture(scope="module")
def cuts() -> dict[str, Any]:
    return dict(json.loads((HOME / "cuts.json").read_text()))


def weights(name: str) -> bytes:
    return (HOME / "models" / f"{name}.gguf").read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_tiny_model_is_two_megabytes_of_gguf(name: str) -> None:
    assert weights(name)[:4] == b"GGUF"
    assert len(weights(name)) < 2_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_artifact_was_trained_on_the_weights_that_are_shipped(name: str, classifier: Classifier) -> None:
    digest = sha256(weights(name)).hexdigest()[:16]
    assert classifier.manifest.calibration.head(digest) == digest


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_splits_the_questions_it_is_for(name: str, classifier: Classifier, cuts: dict[str, Any]) -> None:
    digest = sha256(weights(name)).hexdigest()[:16]
    chances = [
        classifier.p_good(extract(question.body), task_path(question.body, classifier.salt), digest)
        for question in questions("play", 150)
    ]
    assert cuts[name]["loss"] <= cuts[name]["max_loss"]
    assert min(chances) < cuts[name]["cut"] <= max(chances)


def test_the_questions_it_learned_from_state_their_licence(classifier: Classifier) -> None:
    assert classifier.manifest.training["licences"] == {"builtin": "Apache-2.0 (made for this project)"}


def test_the_second_stage_was_trained_on_the_weights_that_are_shipped() -> None:
    manifest = Verifier.load(str(HOME / "panel")).manifest
    assert manifest is not None
    assert [level.members for level in manifest.levels] == [
        tuple(sha256(weights(name)).hexdigest()[:16] for name in NAMES)
    ]


def test_what_the_panels_cut_lost_is_measured_beside_what_it_aimed_at(cuts: dict[str, Any]) -> None:
    own = cuts[" > ".join(NAMES)]
    assert abs(own["loss"] - own["strictness"]) < 0.01
    assert 0 < own["keep_cut"] < 1
