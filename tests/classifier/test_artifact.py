"""An artifact: the same bytes every time, readable, and refused where a byte of it is not what was written."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from classifier.artifact import CARD, MANIFEST, SUMS, TREES, ArtifactError, Classifier
from classifier.features import extract
from classifier.train import Trained

SUM = extract({"messages": [{"role": "user", "content": "Add 4 and 9 now"}]})


@pytest.fixture
def saved(trained: Trained, tmp_path: Path) -> Path:
    trained.classifier.save(tmp_path / "made")
    return tmp_path / "made"


def test_what_was_saved_answers_as_before(saved: Path, trained: Trained) -> None:
    loaded = Classifier.load(saved)
    assert loaded.digest == trained.classifier.digest
    assert loaded.p_good(SUM, (), "m") == trained.classifier.p_good(SUM, (), "m")


def test_what_was_loaded_is_saved_in_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    Classifier.load(saved).save(tmp_path / "again")
    for name in (TREES, MANIFEST, CARD, SUMS):
        assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes()


@pytest.mark.parametrize("name", [TREES, MANIFEST, SUMS])
def test_a_file_that_is_missing_is_named_with_the_remedy(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(ArtifactError, match=rf"{name}: cannot be read .*learn train"):
        Classifier.load(saved)


@pytest.mark.parametrize("name", [TREES, MANIFEST])
def test_a_changed_byte_is_refused(saved: Path, name: str) -> None:
    (saved / name).write_bytes((saved / name).read_bytes() + b" ")
    with pytest.raises(ArtifactError, match="differs from its checksum"):
        Classifier.load(saved)


def test_the_forms_it_knows_can_be_read(saved: Path) -> None:
    told = json.loads((saved / MANIFEST).read_text())["forms"]
    assert told["questions"] == {"0 options": 200}
    assert (told["least"], told["mean"]) == (3, pytest.approx(0.5))


def test_an_artifact_from_before_forms_answers_as_it_did(trained: Trained, tmp_path: Path) -> None:
    old = Classifier(
        replace(trained.classifier.manifest, forms=None), trained.classifier.scorer.trees.model_to_string()
    )
    old.save(tmp_path)
    assert "forms" not in json.loads((tmp_path / MANIFEST).read_text())
    loaded = Classifier.load(tmp_path)
    assert loaded.digest == old.digest != trained.classifier.digest
    call = extract({"messages": [{"role": "user", "content": "Add 4 and 9 now"}], "tools": [{"function": {}}]})
    assert loaded.explain(call, (), "m").contributions
    assert not trained.classifier.explain(call, (), "m").contributions


def test_forms_that_cannot_be_read_are_refused_with_the_remedy(saved: Path) -> None:
    manifest = json.loads((saved / MANIFEST).read_text())
    manifest["forms"] = {"seen": 3}
    content = json.dumps(manifest).encode()
    (saved / MANIFEST).write_bytes(content)
    sums = (saved / SUMS).read_text().splitlines()
    own = f"{hashlib.sha256(content).hexdigest()}  {MANIFEST}"
    (saved / SUMS).write_text("\n".join(own if line.endswith(MANIFEST) else line for line in sums) + "\n")
    with pytest.raises(ArtifactError, match=r"not an artifact's manifest .*learn train"):
        Classifier.load(saved)


def test_held_out_figures_change_the_card_and_not_the_answers(trained: Trained, saved: Path, tmp_path: Path) -> None:
    metrics = json.loads((Path("classifier/artifacts/default") / MANIFEST).read_text())["metrics"]
    measured = trained.classifier.with_metrics(metrics)
    measured.save(tmp_path / "measured")
    assert measured.p_good(SUM, (), "m") == trained.classifier.p_good(SUM, (), "m")
    assert "## Measured" in (tmp_path / "measured" / CARD).read_text()
    assert (tmp_path / "measured" / CARD).read_bytes() != (saved / CARD).read_bytes()


def test_it_knows_the_models_it_learned_from(trained: Trained) -> None:
    (digest,) = trained.classifier.manifest.training["models"]
    assert trained.classifier.knows(digest)
    assert not trained.classifier.knows("never seen")
