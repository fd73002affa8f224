"""A saved second stage reads back as it was, and a broken one is refused with the file and the remedy."""

from pathlib import Path

import pytest

from classifier import panel_train, verifier_artifact
from classifier.artifact import ArtifactError
from classifier.panel_train import Plan
from classifier.questions import gather
from classifier.verifier import Verifier
from classifier.verifier_train import Recipe
from tests.standins.graded_panel import MEMBERS, graded_labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = Plan(recipe=Recipe(trees=10, rate=0.1), task_from="none")
    manifest, trees = panel_train.finish(panel_train.learn(gather(graded_labels(80), MEMBERS, None), plan))
    target = tmp_path_factory.mktemp("verifier")
    verifier_artifact.save(target, manifest, trees)
    return target


def test_it_reads_back_as_it_was(folder: Path, tmp_path: Path) -> None:
    manifest, trees = verifier_artifact.load(folder)
    verifier_artifact.save(tmp_path, manifest, trees)
    assert all((tmp_path / file.name).read_bytes() == file.read_bytes() for file in folder.iterdir())


@pytest.mark.parametrize("name", ["verifier.txt", "verifier.json"])
def test_a_changed_file_is_refused(folder: Path, tmp_path: Path, name: str) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")
    with pytest.raises(ArtifactError, match=rf"{name}: differs from its checksum"):
        Verifier.load(tmp_path)


def test_a_missing_file_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "verifier.json").write_bytes((folder / "verifier.json").read_bytes())
    with pytest.raises(ArtifactError, match=r"verifier\.txt: cannot be read"):
        Verifier.load(tmp_path)


def test_a_folder_without_one_gives_the_untrained_verifier(tmp_path: Path) -> None:
    assert Verifier.load(tmp_path).manifest is None


def test_the_shipped_one_is_small_and_learned_from_what_may_be_shipped() -> None:
    shipped = Path(__file__).parents[2] / "classifier" / "artifacts" / "panel"
    manifest, _ = verifier_artifact.load(shipped)
    assert sum(file.stat().st_size for file in shipped.iterdir()) < 1_000_000
    assert {panel["source"] for panel in manifest.training["panels"]} == {
        "mmlu_pro",
        "zeroeval_gsm",
        "zeroeval_math-l5",
    }
    assert all("MIT" in panel["licence"] for panel in manifest.training["panels"])
