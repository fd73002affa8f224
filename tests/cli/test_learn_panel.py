"""`learn` takes the second stage: one answer checked, or a panel, measured and saved."""

import json
from pathlib import Path

import orjson
import pytest

from classifier.verifier import Verifier
from router.cli import main
from tests.standins.graded_panel import graded_rows

QUICK = ("--task-from", "none", "--format", "json")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("graded")
    found = []
    for name, n, seed in (("train", 90, 3), ("test", 50, 4)):
        path = folder / f"{name}.jsonl"
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in graded_rows(n, seed=seed, split=name)))
        found.append(str(path))
    return found[0], found[1]


def learn(*words: str) -> int:
    return main.main(["learn", *words])


def test_a_panel_is_measured_and_its_order_proposed(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "curve.svg"
    words = ("--stage", "panel", "--panel", "able,fair", "--plot", str(plot), *QUICK)
    assert learn("evaluate", "--train", files[0], "--test", files[1], *words) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["stage"], found["n"], found["order"]["given"]) == ("panel", 50, ["able", "fair"])
    assert set(found["at"]["0.02"]) >= {"share_small", "loss", "harm", "cost_saved", "local_calls"}
    assert plot.read_text().startswith("<svg")


def test_one_answer_is_measured_as_the_answer_stage(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        learn("evaluate", "--train", files[0], "--test", files[1], "--stage", "answer", "--small", "able", *QUICK) == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["stage"], found["at"]["0.05"]["local_calls"]) == ("answer", 1.0)


def test_a_second_stage_is_trained_and_saved(
    files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "verifier"
    words = ("--stage", "panel", "--panel", "able,fair", "--panel", "fair,weak", "--out", str(out), *QUICK)
    assert learn("train", "--train", files[0], *words) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == Verifier.load(out).digest
    assert "| sums | able, fair | grand |" in (out / "MODEL_CARD.md").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--stage", "panel"), "--stage panel needs --panel A,B,C"),
        (("--stage", "answer", "--panel", "a,b"), "name one model with --small"),
        (("--stage", "panel", "--panel", "a"), "a panel has 2 to 8 models"),
        (("--stage", "panel", "--panel", "a,b", "--panel", "c,d"), "give --panel once"),
        (("--panel", "a,b"), "--panel goes with --stage panel"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(
    files: tuple[str, str], words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert learn("evaluate", "--train", files[0], "--test", files[1], *words) == 2
    assert said in capsys.readouterr().err


def test_a_model_that_is_in_no_row_is_wrong(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--stage", "panel", "--panel", "able,nobody")
    assert learn("evaluate", "--train", files[0], "--test", files[1], *words) == 1
    assert "no row is of nobody" in capsys.readouterr().err


def test_for_people_it_is_a_page_with_the_controls_beside_the_result(
    files: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--stage", "answer", "--small", "able", "--task-from", "none")
    assert learn("evaluate", "--train", files[0], "--test", files[1], *words) == 0
    said = capsys.readouterr().out
    assert said.startswith("Held out: ")
    assert "Aimed at a relative loss of 2.0 %" in said
    assert "always small" in said
